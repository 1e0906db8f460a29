#!/bin/sh
# SPDX-License-Identifier: MIT
# sockplay and clangd: a language server and an editor, recorded by message
# (--wire=lsp) and as a plain stream.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need clangd python3 timeout
need_sockplay
. "$TOP_SRCDIR/tests/play/talks"
export PYTHONIOENCODING=utf-8

# edit FILE COMMAND...: run the editor, whose server is COMMAND.
edit() {
	edit_file=$1
	shift
	limit 60 python3 "$TOP_SRCDIR/tests/editor.py" "$edit_file" 0 "$@"
}
clangd='clangd --log=error -j=1 --background-index=false'

for kind in messages stream; do
	case $kind in
	messages) wire='--wire=lsp --framing=lsp' ;;
	stream) wire= ;;
	esac
	# shellcheck disable=SC2086 # several words
	{
		edit x.c "$SOCKPAIR" $wire \
		    -o $kind.jsonl $clangd >recorded 2>err
		is "$rc $(tail -n 2 recorded | tr '\n' ',')" "0 True,0," \
		    "$kind: an editor is recorded"
		plays "$kind: clangd is as recorded" $kind.jsonl $clangd
	}
	edit x.c "$SOCKPLAY" $kind.jsonl >mocked 2>err
	is "$rc $(cat err)" "0 " "$kind: in clangd's place: the editor succeeds"
	same mocked recorded "$kind: in clangd's place: it gets the same"
done

# clangd with other flags finds another error.
echo "-Dzähler=3" >compile_flags.txt
for kind in messages stream; do
	case $kind in
	messages)
		where=$(at messages.jsonl publishDiag \
		    'byte [0-9]* of message 2 of the command')
		;;
	stream) where='stream.jsonl:[0-9]*: byte [0-9]* of the command' ;;
	esac
	# shellcheck disable=SC2086 # several words
	limit 60 "$SOCKPLAY" $kind.jsonl $clangd </dev/null 2>err
	is "$rc $(grep -c "^sockplay: $where differs" err) \
$(sed -n 's/^\([a-z]*\): ".*/\1/p' err | tr '\n' ' ')" "1 1 expected got " \
	    "$kind: clangd that finds another error differs"
done
rm compile_flags.txt

edit y.c "$SOCKPLAY" messages.jsonl >mocked 2>err
before=$(sed -n '/didOpen/{s/.*"text":"\({.*\)x\.c.*/\1/;s/\\//gp;}' \
    messages.jsonl)
at=${#before}
is "$rc $(cat mocked) $(sed 's/\(: "..........\).*/\1/' err)" \
    "1 end of file $(report \
    "$(at messages.jsonl didOpen "byte $at of message 3 of standard input")" \
    '"x.c", "lan' '"y.c", "lan')" \
    "messages: in clangd's place: another file is a difference"
edit y.c "$SOCKPLAY" stream.jsonl >mocked 2>err
at=$((at + $(sed -n '/didOpen/s/.*"offset":\([0-9]*\).*/\1/p' messages.jsonl)))
is "$rc $(cat mocked) $(sed 's/\(: "..........\).*/\1/' err)" \
    "1 end of file $(report \
    "$(at stream.jsonl didOpen "byte $at of standard input")" \
    '"x.c", "lan' '"y.c", "lan')" \
    "stream: in clangd's place: another file is a difference"

done_testing
