# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Takes the examples from the documents, as a reader sees them, and runs them as
# a reader types them: for docs.sh and recipes.sh in tests/cli and tests/play.
# Read after tests/lib.sh:
#
#	. "$TOP_SRCDIR/tests/documents.sh"

# undo_quotes: turn troff's escapes into what they stand for.
undo_quotes() {
	sed "s/\\\\(aq/'/g; s/\\\\(dq/\"/g; s/\\\\(ha/^/g; s/\\\\(ti/~/g
		s/\\\\&//g; s/\\\\-/-/g; s/\\\\e/\\\\/g"
}

# join_lines: join each line that ends in a backslash with the next one.
join_lines() {
	sed -e ':more' -e '/\\$/{N;s/ *\\\n */ /;b more' -e '}'
}

# join_shown TEXT: join each line that begins with four blanks, as the rest of
# one that is too long for a page, with the line before it, by TEXT.
join_shown() {
	sed -e ':more' -e '$!N' -e "s/\n    /$1/;t more" -e P -e D
}

# steady FILE: print it, with what varies from run to run replaced.
steady() {
	sed -E 's/^([*<>]) [0-9]+\.[0-9]{6} /\1 T /
		s/^(\* .*start )[0-9]+:/\1PID:/
		s/^(sockpair: ).* \([0-9]+\): .*/\1NAME (PID): WHAT/
		s/^(\* .*exit .*), [0-9.]+ s$/\1, S s/
		s/^\{"t":[0-9.]+,/{"t":T,/
		s/^(sockplay: [^:]*:)[0-9]+:/\1N:/' "$1"
}

# run EXAMPLE: run it, and put all that it prints into the file out.
run() {
	limit 60 sh -c "$1" >out 2>err </dev/null
	cat err >>out
}

# missing EXAMPLE: print the first program in it, or in a script that it runs,
# that not every system has and that is not installed.  Fails if there is none.
missing() {
	missing_text=$1
	case $1 in ./*) missing_text=$(cat "${1%% *}") ;; esac
	for missing_program in bc busybox clangd git jq node ssh; do
		printf '%s\n' "$missing_text" | grep -qw "$missing_program" ||
			continue
		have "$missing_program" && continue
		echo "$missing_program"
		return 0
	done
	return 1
}

# --- the README: a prompt, a command, the answer -----------------------------

# readme_answers: run the command in $asked, and compare what it prints with the
# file want.
readme_answers() {
	[ -n "$asked" ] || return 0
	case $asked in
	'cat '*)
		# It shows a file that the next examples use.
		cp want "${asked#cat }"
		chmod +x "${asked#cat }" ;;
	esac
	if readme_lacking=$(missing "$asked"); then
		skip "README: $asked" "$readme_lacking is not installed"
		asked=
		return
	fi
	run "$asked"
	steady out >got
	steady want >wanted
	# On a busy machine, lines may come in another order.
	case $asked in *sleep*)
		sort -o got got
		sort -o wanted wanted ;;
	esac
	same got wanted "README: $asked"
	asked=
}

# readme_section FROM TO: run the examples between these two headings of the
# README.  Those that begin with ssh, without a prompt, are not run: they go
# into the file others.
readme_section() {
	sed -n "/^## $1/,/^## $2/s/^    //p" "$TOP_SRCDIR/README.md" |
		join_lines >examples
	asked=
	while IFS= read -r readme_line; do
		case $readme_line in
		'$ '*)
			readme_answers
			asked=${readme_line#??}
			: >want
			;;
		ssh*)
			readme_answers
			printf '%s\n' "$readme_line" >>others
			;;
		*)
			printf '%s\n' "$readme_line" >>want
			;;
		esac
	done <examples
	readme_answers
}

# --- a program and its page do not drift --------------------------------------

# literal_lines: print the lines of the displays in this source of a page.
literal_lines() {
	sed -n '/^\.Bd/,/^\.Ed/{/^\./!p;}; s/^\.D[1l] //p'
}

# shown_whole NAME: each line of the file literal is a line of the file typed,
# the page as NAME renders it, within 78 columns: all that man(1) uses of 80.
shown_whole() {
	sed "s/.$(printf '\b')//g" typed >narrow
	awk 'FILENAME == "narrow" {
			fits = length($0) <= 78
			sub(/^ +/, "")
			if (fits)
				whole[$0] = 1
			next
		}
		{ line = $0; sub(/^ +/, "", line) }
		line != "" && !(line in whole)' narrow literal >broken
	is "$(cat broken)" "" "each line of an example is one line in $1"
}

# page_fits FILE: the page's displays are not wrapped in a terminal of 80
# columns, where an example that is pasted would be another command.
page_fits() {
	literal_lines <"$1" | undo_quotes >literal
	[ -s literal ]
	ok "the page has displays"
	# They are indented by 11 columns, or more in a list.
	is "$(awk 'length > 78 - 11' literal)" "" \
		"each line of a display fits into 80 columns"
	if have mandoc; then
		mandoc -Tascii -O width=78 "$1" >typed
		shown_whole mandoc
	else
		skip "each line of an example is one line in mandoc" \
			"mandoc is not installed"
	fi
	if have groff; then
		groff -mdoc -Tascii -P-c -rLL=78n "$1" >typed 2>groff.err
		shown_whole groff
	else
		skip "each line of an example is one line in groff" \
			"groff is not installed"
	fi
}

# page_agrees PROGRAM: the page and --help have the same options, and the page
# has no fault: no display that is too wide, either.
page_agrees() {
	page_agrees_file=$TOP_SRCDIR/man/$1.1
	"$1" --help | sed -n 's/^ *\(-.,\)* *--\([a-z-]*\).*/--\2/p' |
		sort >help.options
	sed -n '/^\.It Fl/p' "$page_agrees_file" | tr ' ' '\n' |
		sed -n 's/^-\([a-z][a-z-]*\)$/--\1/p' | sort -u >page.options
	same help.options page.options \
		"every option is in --help and in the page" ||
		show help.options

	"$1" --help | sed -n 's/^ *-\(.\), --.*/\1/p' | sort >help.short
	sed -n 's/^\.It Fl \([a-zA-Z0-9]\) .*/\1/p' "$page_agrees_file" |
		sort >page.short
	same help.short page.short "every short option too"

	page_agrees_version=$(sed -n \
		's/^AC_INIT(\[sockpair\], \[\(.*\)\])/\1/p' \
		"$TOP_SRCDIR/configure.ac")
	is "$("$1" --version)" "$1 $page_agrees_version" \
		"--version prints the version"

	if have mandoc; then
		mandoc -Tlint -Wwarning "$page_agrees_file" >lint 2>&1
		is "$(cat lint)" "" "mandoc finds no fault with the page"
	else
		skip "mandoc finds no fault with the page" \
			"mandoc is not installed"
	fi
	page_fits "$page_agrees_file"
}

# --- a page: the displays, as they are rendered ------------------------------

# need_views: skip the whole script unless pages can be rendered.
need_views() {
	have mandoc || have groff || {
		echo "1..0 # SKIP neither mandoc nor groff is installed"
		exit 0
	}
}

# take NAME HEADING: write each display of the section into a file: NAME.1,
# NAME.2, ...  Displays are what the page indents most, and there is text
# between two of them.  The heading of a subsection begins with three blanks.
take() {
	sed "s/.$(printf '\b')//g" |
		awk -v name="$1" -v heading="$2" '
			/^[^ ]/ || (/^   [^ ]/ && heading ~ /^ /) {
				inside = $0 == heading
			}
			inside && /^           / {
				if (file == "")
					file = name "." ++count
				while (blank > 0) {
					print "" >file
					blank--
				}
				print substr($0, 12) >file
				next
			}
			file != "" && /^$/ {
				blank++
				next
			}
			file != "" {
				close(file)
				file = ""
				blank = 0
			}'
}

# all VIEW: print all its displays, each after its number.
all() {
	all_number=1
	while [ -e "$1.$all_number" ]; do
		echo "display $all_number"
		cat "$1.$all_number"
		all_number=$((all_number + 1))
	done
}

# views PAGE HEADING: take the displays of the section as each renderer shows
# them, check that all show the same, and set $view to the first.  The script
# has called need_views.
views() {
	rm -f mandoc-*.* groff-*.*
	number=0
	views_all=
	if have mandoc; then
		mandoc -Tutf8 "$1" | take mandoc-utf8 "$2"
		mandoc -Tascii "$1" | take mandoc-ascii "$2"
		views_all="mandoc-utf8 mandoc-ascii"
	fi
	if have groff; then
		groff -mdoc -Tutf8 -P-c "$1" 2>groff.err | take groff-utf8 "$2"
		groff -mdoc -Tascii -P-c "$1" 2>groff.err |
			take groff-ascii "$2"
		views_all="${views_all:+$views_all }groff-utf8 groff-ascii"
	fi
	view=${views_all%% *}
	all "$view" >wanted
	for views_other in ${views_all#* }; do
		all "$views_other" >seen
		same seen wanted "all can be typed as $views_other shows it"
	done
	is "$(grep -n '[^ -~]' wanted)" '' "all are in ASCII"
	is "$(awk 'length > 78 - 11' wanted)" '' "all fit into a terminal"
}

# next_display NAME PROGRAM...: set $display to the next display of $view, and
# $name to NAME.  Skip it if one of the programs is not installed.
next_display() {
	number=$((number + 1))
	display=$test_dir/$view.$number
	name=$1
	shift
	for next_program; do
		have "$next_program" || {
			skip "$name" "$next_program is not installed"
			return 1
		}
	done
}

# no_display_left: whether next_display has returned all displays.
no_display_left() {
	[ ! -e "$test_dir/$view.$((number + 1))" ]
}
