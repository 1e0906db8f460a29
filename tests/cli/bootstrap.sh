#!/bin/sh
# SPDX-License-Identifier: MIT
# ./bootstrap, with stubs of all that it runs: what it installs and passes on,
# what it refuses, and what it says.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout
unset CC

# The tools that bootstrap uses as they are.
mkdir bin
for tool in sh cat chmod dirname env grep mktemp rm sort tr; do
	ln -s "$(command -v $tool)" bin/$tool || exit 99
done

# stub FILE LINE...: a script of these lines, which first logs its call.
stub() {
	stub_file=$1
	shift
	{
		printf '%s\n' '#!/bin/sh' "echo \"\${0##*/} \$*\" >>'$PWD/calls'"
		printf '%s\n' "$@"
	} >"$stub_file"
	chmod +x "$stub_file"
}

# make_tree: a system where nothing is missing, used by root.
make_tree() {
	rm -rf tree
	mkdir tree tree/bin
	cp "$TOP_SRCDIR/bootstrap" tree
	for make_tree_tool in autoconf automake autoreconf make pkg-config cc; do
		stub tree/bin/$make_tree_tool :
	done
	stub tree/configure :
	printf '#!/bin/sh\necho 0\n' >tree/bin/id
	chmod +x tree/bin/id
	stub tree/bin/apt-get \
		'case $* in *" install "*) : >bin/autoconf; chmod +x bin/autoconf ;; esac'
}

# bootstrap ARGUMENT...: run it there.
bootstrap() {
	: >calls
	limit 60 env PATH="$PWD/tree/bin:$PWD/bin" TMPDIR="$PWD" \
		sh tree/bootstrap "$@" >out 2>err </dev/null
}

# built: what was run to build, without the trials of the compiler.
built() {
	grep -v '^cc ' calls
}

# --- help --------------------------------------------------------------------

make_tree
for option in -h --help; do
	bootstrap $option
	is "$rc $(head -n 1 out)$(cat err calls)" \
		"0 Usage: ./bootstrap [--no-install] [CONFIGURE-ARGUMENT...]" \
		"$option shows a help and does nothing"
done
grep -q '^  --no-install ' out && grep -q '^  -h, --help ' out &&
	grep -q '^  --without-sockplay ' out
ok "the help has its options"
bootstrap --enable-werror --help
is "$rc $(head -n 1 out | cut -c 1-6)$(cat err calls)" "0 Usage:" \
	"so has --help behind another argument"

# --- what is refused ---------------------------------------------------------

result=0
for option in --no-instal --install --foo --foo=bar -x clang '' --enable- ; do
	rm -f tree/bin/autoconf
	bootstrap $option --prefix=/opt "$option"
	[ "$rc $(cat out err calls)" = "1 bootstrap: '$option' is not an \
option; see ./bootstrap --help" ] || {
		show out err calls
		result=1
	}
done
[ $result -eq 0 ]
ok "an unknown option is refused before anything is installed or run"

# --- what is built -----------------------------------------------------------

make_tree
bootstrap
is "$rc $(built)" "0 autoreconf -fi
configure 
make " "it runs autoreconf, configure and make"
is "$(tail -n 1 out)" "bootstrap: sockpair is built; next, run \
./sockpair --help, make check or make install" "and ends with what to do next"
bootstrap --prefix='/a b' --no-install CC=clang --enable-werror \
	--disable-linux-extras -q --mandir=/m CFLAGS='-g -O1'
is "$rc $(built | grep '^configure')" "0 configure --prefix=/a b CC=clang \
--enable-werror --disable-linux-extras -q --mandir=/m CFLAGS=-g -O1" \
	"all arguments but its own are passed to configure"
stub tree/configure 'exit 3'
bootstrap
is "$rc $(built | grep -c make) $(cat out)" "3 0 " \
	"it stops where configure fails"

# --- what is missing ---------------------------------------------------------

make_tree
rm tree/bin/autoconf
bootstrap --no-install
is "$rc $(cat out err; built)" "1 bootstrap: cannot build: packages are \
missing; run as root: apt-get install autoconf" \
	"--no-install says how to install what is missing"
rm -f tree/bin/automake
stub tree/bin/cc 'case $* in *-lpopt* | *-ljansson*) exit 1 ;; esac'
bootstrap --enable-werror --no-install
is "$rc $(cat out err; built)" "1 bootstrap: cannot build: packages are \
missing; run as root: apt-get install autoconf automake libjansson-dev \
libpopt-dev" \
	"it names all of it, wherever it stands among the arguments"

make_tree
stub tree/bin/cc 'case $* in *-ljansson*) exit 1 ;; esac'
for option in --without-sockplay --with-sockplay=no; do
	bootstrap $option
	is "$rc $(built)" "0 autoreconf -fi
configure $option
make " "what only sockplay needs is not missing, without it: $option"
done
for option in --with-sockplay --with-sockplay=yes; do
	bootstrap --without-sockplay $option --no-install
	is "$rc $(cat out err)" "1 bootstrap: cannot build: packages are \
missing; run as root: apt-get install libjansson-dev" \
		"the last word on it counts, as for configure: $option"
done

make_tree
rm tree/bin/autoconf
bootstrap
is "$rc $(built | sed -n 's/^apt-get .*Timeout=600 //p')" "0 update
install --no-install-recommends autoconf" "root installs what is missing"
is "$(built | tail -n 1) $(tail -n 1 out | cut -d ' ' -f 1-4)" \
	"make  bootstrap: sockpair is built;" "and builds then"

make_tree
rm tree/bin/autoconf
printf '#!/bin/sh\necho 1000\n' >tree/bin/id
# shellcheck disable=SC2016 # expanded by the stub
stub tree/bin/sudo 'shift; [ "$1" = true ] || exec "$@"'
bootstrap
is "$rc $(built | grep -c '^sudo -n .*apt-get .*install')" "0 1" \
	"another user installs it with sudo"
rm tree/bin/autoconf
stub tree/bin/sudo 'exit 1'
bootstrap
is "$rc $(cat out err)" "1 bootstrap: cannot install packages: sudo is \
missing or needs a password; run as root: apt-get install autoconf" \
	"a user who cannot use sudo is told what to run"
rm tree/bin/sudo
bootstrap
is "$rc $(cat out err)" "1 bootstrap: cannot install packages: sudo is \
missing or needs a password; run as root: apt-get install autoconf" \
	"so is one without sudo"
rm tree/bin/apt-get
for option in '' --no-install; do
	# shellcheck disable=SC2086 # none, if it is empty
	bootstrap $option
	is "$rc $(cat out err)" "1 bootstrap: cannot install packages without \
apt-get; install these, by their Debian names: autoconf" \
		"where there is no apt-get it names what to install: '$option'"
done

done_testing
