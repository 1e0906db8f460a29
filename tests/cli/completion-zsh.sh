#!/bin/sh
# SPDX-License-Identifier: MIT
# The completions for zsh, in a shell on a terminal.
# shellcheck disable=SC2016 # what is in single quotes is for zsh
. "${TOP_SRCDIR:-.}/tests/lib.sh"
. "$TOP_SRCDIR/tests/completions.sh"
need zsh
need_completions zsh/_sockpair
need_pty

for program in sockpair sockplay; do
	status limit 60 zsh -n "$COMPLETIONS/zsh/_$program" >syntax 2>&1
	is "$rc$(cat syntax)" 0 "_$program has no syntax error"
done

# The shell finds them by their first line, in a folder of fpath.
cat >start <<END
fpath=($COMPLETIONS/zsh \$fpath)
END
cat >>start <<'END'
autoload -Uz compinit
compinit -u -D
_sockpair_test_own() { _arguments --mine --my-type; }
compdef _sockpair_test_own sockpair-test-own
COLUMNS=400	# or descriptions are cut
PS1='READY>'

# zsh calls compadd for what it offers; record that.  Some calls only ask which
# words match.
compadd() {
	if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
		builtin compadd "$@"
		return
	fi
	local at=${@[(i)-d]} i
	local -a matches shown
	if ((at < $#)); then
		i=$@[at+1]
		# The name of an array, or the elements themselves.
		if [[ $i == \(* ]]; then
			eval "shown=$i"
		else
			shown=("${(@P)i}")
		fi
	fi
	builtin compadd -A matches -D shown "$@"
	for ((i = 1; i <= $#matches; i++)); do
		# "NAME  -- DESCRIPTION"
		print -r -- "$BUFFER	$matches[i]	${${(M)shown[i]:#*  -- *}#*  -- }" >>offered
	done
	(($#matches))
}
probe-line() { _main_complete }
zle -C probe-line .list-choices probe-line
probe-all() {
	for BUFFER in "${(@f)$(<lines)}"; do
		CURSOR=$#BUFFER
		zle probe-line
	done
	BUFFER=
	: >probed
}
zle -N probe-all
bindkey '^X' probe-all
END
# on_terminal STEP...: zsh, once it has started.
on_terminal() {
	limit 300 "$PTY" 'send:. ./start\r' 'expect:READY>' "$@" \
	    'send:exit\r' -- zsh -f >screen 2>&1 </dev/null
}
probe() {
	on_terminal 'send:^X' file:probed || show screen
}
check_completions yes --mine command

# What is typed, and what becomes of it.
cat >>start <<'END'
unfunction compadd
sockpair() { print -rl -- "$@" >typed.new; mv typed.new typed; }
END
on_terminal 'send:sockpair --ty\tseq\t -o some-f\t -- sockpair-test-o\t --mi\t\r' \
    file:typed ||
    show screen
is "$(cat typed)" "--type=seqpacket
-o
some-file
--
sockpair-test-own
--mine" "what is typed is completed"
done_testing
