#!/bin/sh
# SPDX-License-Identifier: MIT
# The command line: what is taken, what is refused and how, the help texts, the
# aliases, and that the help and the manual tell of the same options.
# shellcheck disable=SC2016 # what is in single quotes is for another shell, or perl
. "${TOP_SRCDIR:-.}/tests/lib.sh"

# refused WANT ARGUMENT...: with these and a command it says "sockpair: WANT",
# one line and no more, the status is 125, and the command is not run.
refused() {
	refused_want=$1
	shift
	rm -f ran
	status sockpair "$@" touch ran </dev/null >out 2>err
	if [ "$rc" != 125 ] || [ -e ran ] || [ -s out ] ||
	    [ "$(cat err)" != "sockpair: $refused_want" ] ||
	    [ "$(wc -l <err)" -ne 1 ]; then
		printf '# %s: status %s, ' "$*" "$rc"
		[ ! -e ran ] || printf 'it ran, '
		# A line of its own, whatever they are.
		printf '%s\n' "$(cat out err | tr '\n' ';')"
		return 1
	fi
}

# refuses OPTION NOUN TEXT...: each of the texts is refused as no NOUN; the
# option is given both as --OPTION=TEXT and as --OPTION TEXT.
refuses() {
	refuses_option=$1
	refuses_noun=$2
	shift 2
	echo "$refuses_option" >>refusing
	refuses_all=0
	for refuses_text; do
		refuses_shown=$refuses_text
		# Beyond ASCII all is escaped in this locale.
		[ "$refuses_text" != １ ] || refuses_shown='\xef\xbc\x91'
		refuses_line="--$refuses_option: '$refuses_shown' is not $refuses_noun"
		refused "$refuses_line" "--$refuses_option=$refuses_text" ||
		    refuses_all=1
		# A checker of memory takes its time.
		[ -z "${SOCKPAIR_WRAPPED:-}" ] || continue
		refused "$refuses_line" "--$refuses_option" "$refuses_text" ||
		    refuses_all=1
	done
	return $refuses_all
}

# takes ARGUMENT...: with these the command is run.
takes() {
	rm -f ran
	status sockpair "$@" touch ran </dev/null >out 2>&1
	if [ "$rc" != 0 ] || [ ! -e ran ] || [ -s out ]; then
		sed "s/^/# $*: /" out
		return 1
	fi
}

# --- numbers ---------------------------------------------------------------

# number_slips COMMAND...: run it with more arguments: what is no number, whatever
# it is for.
number_slips() {
	if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
		"$@" '' -1 3x 99999999999999999999
		return
	fi
	"$@" '' ' 1' '1 ' '+1' '-1' '3x' 'x3' '0x10' '1e3' '1..2' ',' '.' \
	    99999999999999999999 18446744073709551616 nan inf NaN '１'
}
number_slips refuses protocol "a protocol number" 1.0 1K 2147483648
ok "what is no number is no --protocol"
number_slips refuses buffer "a size above zero" 0 00 0K 1.5K 1k 1KB 1T 1KK K \
    '1 K' 18446744073709551615K 99999999999999999999G
ok "what is no size is no --buffer, nor is 0"
number_slips refuses max-message "a size above zero" 0 0K 1.5K 1k 1KB K \
    18446744073709551615K
ok "what is no size is no --max-message, nor is 0"
number_slips refuses snaplen "a size above zero" 0 0K 1.5K 1k K
ok "what is no size is no --snaplen, nor is 0"
number_slips refuses pcap-port "a port number" 0 65536 1.0
ok "what is no port is no --pcap-port, nor is 0"
number_slips refuses chunk "a size above zero" 0 0K 1.5K 1k K 0,1
ok "what is no size is no --chunk, nor is 0"
refuses format "a trace format" '' Text txt jsonl pcap 'json '
ok "what is no format is no --format"
wrong=0
refuses events "an event" '' ' ' Data dat datas 'data ' 1 all \
    undeliveredundelivered || wrong=1
for text in 'data,' ',data' ',' 'data,,exit' 'data, exit' 'data,foo'; do
	refuses events "a list of events" "$text" || wrong=1
done
[ $wrong = 0 ]
ok "what is no event, and no list of them, is no --events"
refuses time "a style of times" '' Rel relative 'rel ' 1
ok "what is no style is no --time"
refuses color "auto, always or never" '' yes Auto 'never ' 1
ok "what is no time is no --color"
refuses output "a file" ''
ok "nothing is no file for --output"
for option in framing wire; do
	refuses $option "a framing" '' ' ' Line lines 'line ' u8 u16be u64 1 \
	    netstrings foo LSP
	ok "what is no framing is no --$option"
done
for option in linger timeout stall; do
	number_slips refuses $option "a time above zero" 0 0.0 0s 0ms 0.0h \
	    1. .5 1.s .5s 1d 1us 1S '1 s' 1ss 1.5.5 1,5 s ms \
	    9223372036854775807h 99999999999999999999ms
	ok "what is no time is no --$option, nor is 0"
done
number_slips refuses kill-after "a time" 1. .5 1.s .5s 1d 1us 1S '1 s' 1ss \
    1.5.5 1,5 s ms 9223372036854775807h
ok "what is no time is no --kill-after"
for option in fd peer-fd; do
	result=0
	for text in '' ' 1' '1 ' '+1' '-1' 3x x3 0x10 1.0 \
	    99999999999999999999 2147483648 nan; do
		refuses $option "a file descriptor" "$text" || result=1
	done
	for text in ',' '0,' ',0' '0,,1' '0, 1' '0,x' '0,1,' '0,-1' \
	    '0,99999999999' '0;1,2'; do
		refuses $option "a list of file descriptors" "$text" ||
		    result=1
	done
	[ $result -eq 0 ]
	ok "what is no list of descriptors is no --$option"
done
number_slips refuses half-close "a file descriptor" 1.0 2147483648 0,1
ok "what is no descriptor is no --half-close"
refuses peer "a command" ''
ok "an empty text is no --peer"
for option in type style; do
	refuses $option "a socket type" '' ' ' Stream stream, streams 'stream ' \
	    SOCK_STREAM 1x -1 +1 2049 524289 99999999999999999999
	ok "what is neither a name nor a number is no --$option"
done
for option in domain namespace; do
	refuses $option "a domain" '' ' ' Unix unixx AF_UNIX tcp 1x -1 \
	    99999999999999999999
	ok "what is neither a name nor a number is no --$option"
done

takes --protocol=0 && takes --protocol=00 && takes --type=01 &&
    takes --type=000000000000000000000000000001
ok "leading zeros are allowed, however many"
refused "cannot create a socket pair (unix, stream, 10): Protocol not supported" \
    --protocol=010
ok "and 010 is ten"
got=$(sockpair -d 010 sh -c 'ls -l /proc/$$/fd/10 >&2' </dev/null 2>&1 |
    grep -c socket)
[ -d /proc/self/fd ] || got=1
is "$got" 1 "for --fd as well"

# A nanosecond, a tenth of one, and the longest of each unit.
result=0
for text in 1 1s 1ms 1m 1h 0.5 0.5s 1.5m 0.001h 010 1.0 0.0000000001 \
    000000000000000000000001 2562047h 9223372036s 00.5s; do
	takes --timeout=60 --linger="$text" || result=1
done
[ $result -eq 0 ]
ok "a time may have a unit and a fraction"
# touch(1) closes its standard output first, which is reason enough to end it.
for option in --kill-after=0 "-k 0ms" -k0.0s; do
	# shellcheck disable=SC2086 # -k and its argument
	got=$(sockpair $option sh -c "exit 3" </dev/null 2>&1; echo $?)
	[ "$got" = 3 ] || break
done
[ "$got" = 3 ]
ok "--kill-after takes 0"
huge=16777215G
[ "$(long_bits)" != 32 ] || huge=3G
takes -b 1 && takes --buffer=4096 && takes -b64K && takes --buffer=1M &&
    takes -b 1G && takes -b 00064K && takes -b $huge
ok "a size may have a unit, and may be more than the system gives"

# The units are what they should be: each of these ends within the other.
for time in 0.1 100ms 0.1s 0.00167m 0.0000278h; do
	limit 30 sockpair -T "$time" sh -c "exec sleep 20" </dev/null
	[ "$rc" = 124 ] || break
done
is "$rc" 124 "a tenth of a second is one in every unit"
for time in 5h 300m 18000s 18000 18000000ms; do
	(limit 30 sockpair -T "$time" sh -c 'sleep 1; exit 3' </dev/null
	[ "$rc" = 3 ] || echo "$time: $rc") &
done >odd
wait
is "$(cat odd)" '' "and five hours are long in every unit"

# --- names -----------------------------------------------------------------

takes --type=stream && takes -t stream && takes -tstream &&
    takes --style=stream && takes --type=1 && takes --domain=unix &&
    takes --domain=local && takes --namespace=unix && takes --domain=1
ok "types and domains are names or numbers"
wrong=0
refused "--env: 'A\\nB=' is not a variable's name" \
    --env="$(printf 'A\nB=')" || wrong=1
refuses env "a variable's name" '' = A=B '=x' 'A=' || wrong=1
[ $wrong = 0 ]
ok "a variable's name is not empty and has no ="
refused "--env: 'A' is not a new name: it was given before" -E A -E B -E A
ok "nor is it given twice"
got=$(sockpair -d 7,0,1 -E A --env=B -EC \
    sh -c 'echo "$A $B $C"' </dev/null 2>&1)
is "$got" '7 7 7' "-E adds up, and each name gets the first number"

# --- quoting ---------------------------------------------------------------

refused "--fd: '1\\nsockpair: all is well\\e[2J\\t\\x7f' is not a file descriptor" \
    "--fd=$(printf '1\nsockpair: all is well\033[2J\t\177')"
ok "control characters in what is quoted do not break the line"
name="nor do those in argv[0] reach a terminal"
if have perl; then
	perl -e 'exec { $ARGV[0] } "s\e[2J\n", $ARGV[1]' "$SOCKPAIR" --usage \
	    >out 2>&1
	is "$(head -n 1 out | cut -d ' ' -f 1,2)" "Usage: sockpair" "$name"
else
	skip "$name" "perl is not installed"
fi
# A backslash, a C1 control, a mark of direction, a tag.
hostile=$(printf '\\\302\233\342\200\256\363\240\201\201')
hostile_shown='\\\xc2\x9b\xe2\x80\xae\xf3\xa0\x81\x81'
for locale in C C.UTF-8; do
	[ "$(LC_ALL=$locale locale charmap 2>/dev/null)" = UTF-8 ] ||
	    [ $locale = C ] || {
		skip "hostile words in a locale with UTF-8" "there is none"
		continue
	}
	LC_ALL=$locale
	refused "'--$hostile_shown' is not an option" "--$hostile" &&
	    refused "--verbose=$hostile_shown: cannot go with a value" \
		"--verbose=$hostile" &&
	    refused "--fd: '$hostile_shown' is not a file descriptor" \
		"--fd=$hostile" &&
	    refused "--env: '$hostile_shown=' is not a variable's name" \
		-E "$hostile=" &&
	    refused "cannot open '$hostile_shown/a': No such file or directory" \
		-o "$hostile/a"
	ok "what is quoted has nothing a terminal obeys or nobody sees: $locale"
	sockpair "./$hostile" </dev/null 2>err
	is "$? $(cat err)" "127 sockpair: cannot run './$hostile_shown': No \
such file or directory" "nor has a command's name: $locale"
	if [ $locale = C ]; then
		shown='\xc3\xa9'
	else
		shown=é
	fi
	refused "--fd: '$shown' is not a file descriptor" --fd=é
	ok "a letter is shown as it is if the locale has it: $locale"
done
LC_ALL=C
sockpair "--fd=$(printf '%070000d' 0 | tr 0 x)" true >err 2>&1 </dev/null
[ "$(wc -l <err)" -eq 1 ] && [ "$(wc -c <err)" -lt 5000 ] &&
    grep -q "^sockpair: --fd: 'xxx" err
ok "an endless value makes one line that names its option"

# --- options ---------------------------------------------------------------

refused "'--nothing' is not an option" --nothing
ok "an unknown long option is refused"
refused "'-Z' is not an option" -Z
ok "an unknown short option is refused"
refused "'--timeou=3' is not an option" --timeou=3
ok "the beginning of an option's name is not its name"
refused "'--nothing' is not an option" --timeout=3 --nothing
ok "so is one behind others"
sockpair --help >help
# All that take a value.
grep -oE -- '--[a-z-]+=' help | sed 's/^--//; s/=$//' | sort -u >valued
result=0
while read -r option; do
	status sockpair "--$option" </dev/null >out 2>err
	[ "$rc $(cat out err)" = "125 sockpair: --$option: needs a value" ] || {
		echo "# $rc $(cat out err)"
		result=1
	}
done <valued
[ $result -eq 0 ] && [ "$(wc -l <valued)" -ge 20 ]
ok "an option without its argument is refused"
sort -u refusing >refused.options
same valued refused.options \
    "malformed values are tried of every option that takes a value"
unwanted="an argument to an option that takes none is refused"
if pkg-config --max-version=1.18.99 popt 2>/dev/null; then
	skip "$unwanted" "popt before 1.19 ignores it"
else
	result=0
	for option in pipes listen-fds pipefail pass-fd die-with-parent \
	    no-shutdown help usage version; do
		refused "--$option=x: cannot go with a value" --$option=x ||
			result=1
	done
	[ $result -eq 0 ]
	ok "$unwanted"
fi

none='sockpair: needs a command (see sockpair --help)'
result=0
for arguments in '' -- '-b 1K' '-b 1K --' '--no-shutdown'; do
	# shellcheck disable=SC2086 # these are lists
	status sockpair $arguments </dev/null >out 2>err
	[ "$rc $(cat out err)" = "125 $none" ] || {
		echo "# $rc $(cat out err)"
		result=1
	}
done
[ $result -eq 0 ]
ok "no command is refused"

# Each wrong value but the last: the last wins only if all are right.
refused "--fd: 'x' is not a file descriptor" --fd=x --fd=0,1
ok "a wrong value is wrong even if a later one would win"
takes -T 0.001h -T 1h --protocol=9 --protocol=0 --type=99 -t stream \
    --domain=inet --namespace=unix --buffer=1 -b 4K --style=7 --type=stream
ok "of repeated options the last one wins"
got=$(sockpair -d 5 -d 6,1 -E N sh -c 'echo "$N"' </dev/null)
is "$got" 6 "also for --fd"
limit 30 sockpair -T 1h -T 0.1s sleep 20 </dev/null
is "$rc" 124 "and for --timeout"
takes --no-shutdown --no-shutdown
ok "a switch may be given twice"

# --- the command -----------------------------------------------------------

cat >words <<'END'
#!/bin/sh
for word; do
	printf '<%s>' "$word"
done
END
chmod 755 words
got=$(sockpair ./words -T --fd=x -- -h --version '' 'a b' '*' '$x' -- </dev/null)
is "$got" '<-T><--fd=x><--><-h><--version><><a b><*><$x><-->' \
    "what comes after the command is not ours, and stays as it is"
got=$(sockpair -- ./words -- -T </dev/null)
is "$got" '<--><-T>' "-- ends our options, and the command may have another"
got=$(sockpair -b 4K -- ./words --buffer=x </dev/null)
is "$got" '<--buffer=x>' "also after options"
cp words ./--words
got=$(PATH="$PWD:$PATH" sh -c 'exec sockpair -- --words x </dev/null 2>&1')
is "$got" '<x>' "after -- a command may look like an option"
got=$(POSIXLY_CORRECT=1 sockpair ./words -T </dev/null)
is "$got" '<-T>' "POSIXLY_CORRECT makes no difference"
cp words A=B
got=$(PATH="$PWD:$PATH" sh -c 'exec sockpair A=B x </dev/null 2>&1')
is "$got" '<x>' "a command with = in its name is a command"

# --- help ------------------------------------------------------------------

for option in --help -h --usage --version -V; do
	rm -f ran
	status sockpair $option touch ran </dev/null >out 2>err
	[ "$rc" = 0 ] && [ -s out ] && [ ! -s err ] && [ ! -e ran ]
	ok "$option is on standard output, its status 0, and nothing is run" ||
	    sed 's/^/# /' err
	if [ -c /dev/full ]; then
		status sockpair $option </dev/null >/dev/full 2>err
		is "$rc: $(cat err)" "125: sockpair: cannot write standard output: No space left on device" \
		    "$option on a full device is 125, with a message"
	else
		skip "$option on a full device is 125" "no /dev/full"
	fi
	if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
		elsewhere "$option without a standard output is 125" \
		    "a checker may put something in its place"
		continue
	fi
	status sockpair $option </dev/null 2>err >&-
	is "$rc: $(cat err)" \
	    "125: sockpair: cannot write standard output: Bad file descriptor" \
	    "$option without a standard output is 125, with a message"
done
sockpair --version >out
is "$(cut -d ' ' -f 1 out) $(wc -l <out | tr -d ' ')" 'sockpair 1' \
    "--version is one line, the name and the number"
is "$(head -n 1 help)" \
    "Run COMMAND with a socket pair as its standard input and output." \
    "--help begins with what the program does"
is "$(grep '^Usage:' help)" \
    "Usage: sockpair [OPTION...] [--] COMMAND [ARG...]" \
    "--help shows how to call it"
is "$(tail -n 1 help)" \
    "See the manual page, sockpair(1), for details and examples." \
    "--help ends with where to read more"
is "$(grep -cE '.{81}' help)" 0 "no line of --help has more than 80 columns"
sockpair --usage >usage
is "$(grep -cE '.{81}' usage)" 0 "nor has one of --usage"

# --- aliases ---------------------------------------------------------------

cat >.popt <<'END'
sockpair alias --patient --no-shutdown --timeout=0.1s
sockpair alias -q --fd=8,0,1 --env=Q
other alias --foreign --fd=x
END
limit 30 sockpair --patient sh -c 'exec sleep 20' </dev/null
is "$rc" 124 "an alias from ~/.popt stands for its options"
got=$(sockpair -q sh -c 'echo $Q' </dev/null 2>&1)
is "$got" 8 "a short one too"
# An alias may run programs: not with rights that the user does not have.  popt
# itself then passes over ~/.popt, but not over /etc/popt.
name="with other rights than the user's there are no aliases"
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "$name" "not under another checker"
elif [ "$(id -u)" -ne 0 ] || ! have setpriv || ! have unshare ||
    ! unshare -m mount -t tmpfs none /mnt 2>/dev/null; then
	skip "$name" "needs root, setpriv and unshare"
else
	mkdir etc
	cp .popt etc/popt
	cp /etc/ld.so.cache etc 2>/dev/null
	cp "$SOCKPAIR" lent
	chmod -R go+rX .
	# lent COMMAND...: what it says, run by a user who is nobody.
	lent() {
		unshare -m sh -c 'mount --bind etc /etc && exec setpriv \
		    --reuid=65534 --regid=65534 --clear-groups ./lent "$@"' \
		    sh "$@" </dev/null 2>&1
	}
	is "$(lent -q sh -c 'echo $Q')" 8 "an alias in /etc/popt is read"
	chown 65533 lent
	chmod u+s lent
	if [ "$(lent id -u)" = 65533 ]; then
		is "$(lent -q true)" "sockpair: '-q' is not an option" "$name"
	else
		skip "$name" "set-user-ID has no effect here"
	fi
fi
refused "'--foreign' is not an option" --foreign
ok "another program's is not ours"
printf 'sockpair alias\n\\\n' >.popt
takes --protocol=0
ok "a broken ~/.popt is nobody's error"
rm .popt
mkdir .popt
if [ -n "${SOCKPAIR_WRAPPED:-}" ]; then
	elsewhere "nor is a directory in its place" \
	    "popt asks for more memory than a checker lets pass in silence"
else
	takes --protocol=0
	ok "nor is a directory in its place"
fi
rmdir .popt

# --- the manual ------------------------------------------------------------

page=$TOP_SRCDIR/man/sockpair.1
if [ -r "$page" ]; then
	# Long options, then short ones with their long, from both texts.
	grep -oE '^ +(-[A-Za-z0-9], )? *--[a-z-]+' help | tr -d ' ,' |
	    sed 's/^\(-.\)--/\1 --/' | sort >help.options
	sed -n '/^\.Sh DESCRIPTION/,/^\.Sh ENVIRONMENT/p' "$page" |
	    grep '^\.It Fl' |
	    sed -E 's/^\.It Fl ([A-Za-z0-9]) .*Fl -([a-z-]+).*/-\1 --\2/
		s/^\.It Fl ([A-Za-z0-9]) , Fl -([a-z-]+).*/-\1 --\2/
		s/^\.It Fl -([a-z-]+).*/--\1/' | sort >page.options
	same help.options page.options \
	    "--help and the manual tell of the same options"
	[ "$(wc -l <help.options)" -ge 21 ]
	ok "and we have found them"
	grep -oE -- '--[a-z-]+' usage | sort -u >usage.options
	grep -oE -- '--[a-z-]+' help | sort -u >help.long
	same usage.options help.long "so does --usage"
else
	skip "--help and the manual tell of the same options" "no $page"
fi

# names TABLE: the names in a table of the program, sorted.
names() {
	sed -n "/^const struct name ${1}_names/,/^};/"'s/^\t{ "\([a-z0-9]*\)", .*/\1/p' \
	    "$TOP_SRCDIR/src/plan/names.c" | sort
}

# framings FILE: the names of the framings in the table of a test, sorted.
framings() {
	sed -n '/^static const enum framing framings/,/};/p' "$TOP_SRCDIR/$1" |
	    grep -o 'FRAMING_[A-Z0-9]*' | sed 's/FRAMING_//' |
	    tr '[:upper:]' '[:lower:]' | sort
}

# What somebody who adds a framing forgets: each list of them is compared with
# that of the program.
names framing >framings
[ "$(wc -l <framings)" -ge 8 ]
ok "the framings are found"
sed -n '/^\.Sh MESSAGES/,/^\.El$/s/^\.It Cm //p' "$page" | tr -d ' ' |
    tr , '\n' | sort >page.framings
same framings page.framings "the manual has each framing"
framings tests/fuzz/framing.c >fuzz.framings
same framings fuzz.framings "so has the fuzz target"
grep -v '^raw$' framings >framings.framed
framings tests/unit/plan/decoder.c >unit.framings
same framings.framed unit.framings \
    "the test of the decoder tries each that frames messages"
for script in cli/messages real/messages; do
	sed -n 's/^[[:blank:]]*for framing in \(.*netstring.*\); do$/\1/p' \
	    "$TOP_SRCDIR/tests/$script.sh" | tr ' ' '\n' | sort >script.framings
	same framings.framed script.framings \
	    "tests/$script.sh tries each that frames messages"
done

sed -n "s/^framed='\(.*\)'$/\1/p" "$TOP_SRCDIR/tests/cli/wire.sh" | tr ' ' '\n' |
    sort >script.framings
same framings.framed script.framings \
    "tests/cli/wire.sh tries each that frames messages"

# told OPTION WORDS: the words in the mark-up WORDS (Cm, Pa) that the page has
# where it describes the option, sorted.
told() {
	awk -v option="Fl -$1 " -v words=".$2" '
	/^\.It / { inside = index($0, option) > 0 }
	inside && $1 == words {
		for (i = 2; i <= NF; i++)
			if ($i ~ /^[.a-z0-9]+$/ && $i != ".")
				print $i
	}' "$page" | sort -u
}
for table in framing format time color event; do
	names "$table" >table.names
	case $table in event) option=events ;; *) option=$table ;; esac
	told $option Cm >told.names
	[ -s table.names ]
	ok "the names of --$option are found"
	same table.names told.names "the manual has each in its --$option"
done
sed -n '/^static const struct name endings/,/^};/s/^\t{ "\([.a-z0-9]*\)", .*/\1/p' \
    "$TOP_SRCDIR/src/trace/sink-format.c" | sort >endings
told output Pa | grep '^\.' >told.endings
same endings told.endings "the manual has the endings of a trace's name"
tr ' ' '\n' <help | sed -n 's/^\(\.[a-z0-9]*\),*$/\1/p' | sort >help.endings
same endings help.endings "so has --help"

# section FROM TO PATTERN: what the page has between these headings, sorted.
section() {
	sed -n "/^\.S[hs] $1/,/^\.S[hs] $2/s/$3/\\1/p" "$page" | sort -u
}
names event >events
section Events Text '^\.It Cm \([a-z]*\)$' >page.events
same events page.events "the manual has each event"
# A member is a string of its own, or \"in\": a larger one.
grep -v '#include' "$TOP_SRCDIR/src/trace/sink-json.c" |
    grep -oE '\\?"[a-z0-9_]+(\\":|")' | grep -vE '^\\.*[^:]$' |
    tr -d '\\":' | sort -u >members
section 'JSON Lines' Captures '^\.Sq \([a-z0-9_]\{1,\}\).*' >page.members
same members page.members "and each member of its records in JSON"
[ "$(wc -l <events)" -ge 12 ] && [ "$(wc -l <members)" -ge 25 ]
ok "and we have found them"

# Every program has these.
sed 's/^-\(.\) /-\1|/' help.options | grep -vxE '(-.\|)?--(help|usage|version)' |
    while read -r option; do
	grep -qE -e "($option)([^a-z-]|\$)" "$TOP_SRCDIR/ChangeLog" ||
	    echo "$option"
done >unchanged
is "$(cat unchanged)" '' "ChangeLog has each option"

# --- refused with other options --------------------------------------------

# clashes OPTION RELATION OTHER ARGUMENT...: these do not go together, in
# whatever order.
clashes() {
	clashes_line="$1: $2 $3"
	shift 3
	refused "$clashes_line" "$@" || return
	[ $# -eq 2 ] || return 0
	refused "$clashes_line" "$2" "$1"
}
clashes --peer-fd needs --peer --peer-fd=0,1 &&
    clashes --pipefail needs --peer --pipefail
ok "what is about a second command needs one"
result=0
for option in --linger=1 --no-shutdown --stats --progress; do
	clashes "${option%=*}" needs \
	    'a trace, --timeout, --stall or --chunk with --peer' \
	    $option --peer=true || result=1
done
clashes --max-message needs \
    'a trace, --timeout, --stall or --chunk with --peer' \
    --max-message=9 -p true -t seqpacket || result=1
[ $result -eq 0 ]
ok "what is about the relay needs one between two commands"
result=0
for type in dgram raw 2 3; do
	clashes --no-shutdown 'cannot go with' '--peer and --type=dgram' \
	    --no-shutdown -p true -v -t $type || result=1
done
[ $result -eq 0 ]
ok "dgrams of two commands have no end that could be hidden, raw ones too"
result=0
for type in seqpacket dgram raw 2; do
	clashes --wire 'cannot go with' 'another --type than stream' --wire=lsp \
	    -t $type || result=1
done
clashes --wire 'cannot go with' --peer -W lsp -p true || result=1
clashes --wire 'cannot go with' --pass-fd -W lsp -P || result=1
clashes --wire=raw 'cannot go with' --framing=raw -W raw -F raw || result=1
[ $result -eq 0 ]
ok "messages in a stream are those of a stream that we relay, and have frames"
takes -t stream --wire=u32 --framing=null --max-message=9 --no-shutdown &&
    takes -W raw -F u32 && takes -W u32 -F raw && takes --wire=line
ok "they go with a framing and a limit"
result=0
for option in --framing=u32 --lines --null; do
	for type in seqpacket dgram raw; do
		clashes "${option%=*}" 'cannot go with' --peer $option -p true \
		    -v -t $type || result=1
		clashes "${option%=*}" 'cannot go with' --pass-fd $option -P \
		    -t $type || result=1
	done
done
clashes --max-message 'cannot go with' --pass-fd --max-message=9 -P \
    -t seqpacket || result=1
[ $result -eq 0 ]
ok "nor have two commands frames, or who gets an end passed"
result=0
for type in seqpacket dgram; do
	clashes --chunk 'cannot go with' 'another --type than stream' \
	    --chunk=1 -t $type || result=1
done
clashes --chunk 'cannot go with' --pass-fd --chunk=1 -P || result=1
[ $result -eq 0 ]
ok "chunks are of a stream that is relayed"
takes -p true --chunk=1 --linger=9 --no-shutdown --progress &&
    takes -p true -T 9 --linger=9 --no-shutdown --progress &&
    takes -p true --stall=9 --linger=9 --no-shutdown --progress &&
    takes -p true -o /dev/null -t seqpacket --max-message=9 --progress
ok "it goes with a relay between the two"
result=0
for events in --events=exit '-o /dev/null --events=exit' \
    '--events=data -o /dev/null --events=exit'; do
	# shellcheck disable=SC2086 # some words
	clashes --events needs '-v, -x or an -o after it' $events || result=1
done
[ $result -eq 0 ] && takes --events=exit -o /dev/null
ok "--events needs a trace that it is for"
result=0
for option in --peer=true --kill-after=0 --die-with-parent --no-shutdown \
    --linger=1 --timeout=1 --stall=1 --stats --progress; do
	clashes --pass-fd 'cannot go with' "${option%=*}" --pass-fd $option ||
	    result=1
done
# Each of these is only about a trace, be it the default that it asks for.
for option in --format=json --append --snaplen=1 --time=rel --color=auto \
    --pcap-port=50001; do
	clashes --pass-fd 'cannot go with' "${option%=*}" --pass-fd $option ||
	    result=1
done
for option in --verbose --hex --output=trace; do
	clashes --pass-fd 'cannot go with' 'a trace' --pass-fd $option ||
	    result=1
done
for option in --peer-fd=5 --pipefail; do
	clashes "${option%=*}" needs --peer --pass-fd $option || result=1
done
[ $result -eq 0 ]
ok "what takes time does not go with --pass-fd"
result=0
for fds in 0 0,1 3,4 4,3; do
	clashes --listen-fds 'cannot go with' 'another --fd than 3' \
	    --listen-fds --fd=$fds || result=1
done
for name in FDS FDNAMES PID; do
	clashes --listen-fds 'cannot go with' \
	    '--env of a variable that it sets' --listen-fds \
	    --env=LISTEN_$name || result=1
done
[ $result -eq 0 ]
ok "nor does another place with --listen-fds"
refused "--half-close: cannot go with a command" --half-close=0 &&
    refused "--half-close: cannot go with --pipefail" --half-close=0 \
	--pipefail &&
    refused "--half-close: cannot go with --type" -t stream --half-close=0
ok "and nothing goes with --half-close"
result=0
for option in --peer=true --pass-fd --type=stream --domain=unix --protocol=0 \
    --buffer=4K --listen-fds; do
	clashes --pipes 'cannot go with' "${option%=*}" --pipes $option ||
	    result=1
done
clashes --pipes 'cannot go with' --type --pipes --style=1 &&
    clashes --pipes 'cannot go with' --domain --pipes --namespace=local ||
	result=1
for fds in 3 3,4,5 3,3 3,3,4; do
	clashes --pipes needs 'two different numbers in --fd' --pipes \
	    --fd=$fds || result=1
done
[ $result -eq 0 ]
ok "pipes are no socket, and they are two"
takes --pipes --pipes -d 3 -d 5,4 -E N --linger=1 --no-shutdown -k 0 -T 9 &&
    takes --pipes --wire=line --framing=null
ok "the rest goes with pipes"
takes --peer='cat >/dev/null' --peer-fd=0,5 -D 0 --pipefail -k 1 -d 3 &&
    takes -p false -p : --pipefail
ok "what is about two commands goes together, and the last second wins"

rm -f ran
# The limit is the system's, so that the text is only ours to name.
(
	# shellcheck disable=SC3045 # where there is none the case still holds
	ulimit -n 64 2>/dev/null
	sockpair --fd=0,100000 touch ran </dev/null 2>&1
) >err
rc=$?
[ ! -e ran ] && [ "$(wc -l <err)" -eq 1 ] &&
    grep -q "^sockpair: --fd: '100000' is not a file descriptor" err
ok "a descriptor above the limit is refused before the command runs" ||
    sed 's/^/# /' err

done_testing
