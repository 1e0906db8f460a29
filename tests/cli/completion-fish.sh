#!/bin/sh
# SPDX-License-Identifier: MIT
# The completions for fish.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
. "$TOP_SRCDIR/tests/completions.sh"
need fish
need_completions fish/sockpair.fish

for program in sockpair sockplay; do
	status limit 60 fish -n "$COMPLETIONS/fish/$program.fish" >syntax 2>&1
	is "$rc$(cat syntax)" 0 "$program.fish has no syntax error"
done

# fish finds them by the program's name, as those that are installed.
mkdir -p share/fish
ln -s "$COMPLETIONS/fish" share/fish/vendor_completions.d
cat >probe.fish <<'END'
complete -c sockpair-test-own -f -l mine
complete -c sockpair-test-own -f -l my-type
while read -l line
    for found in (complete -C $line)
        printf '%s\t%s\n' $line $found
    end
end <lines >offered
END
probe() {
	limit 300 env XDG_DATA_DIRS="$PWD/share:/usr/local/share:/usr/share" \
	    fish probe.fish 2>&1 | sed 's/^/# /'
}
check_completions yes --mine command
done_testing
