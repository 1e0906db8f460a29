#!/bin/sh
# SPDX-License-Identifier: MIT
# sockplay and swtpm, a TPM that serves the socket on its descriptor 3.  Its
# protocol is not text.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout swtpm od
need_sockplay
. "$TOP_SRCDIR/tests/play/talks"

mkdir state
# TPM 2.0 library, part 3: TPM2_Startup(TPM_SU_CLEAR) and (TPM_SU_STATE).  The
# TPM refuses a second startup with status 0x100.
printf '\200\001\0\0\0\014\0\0\001\104\0\0' >startup
printf '\200\001\0\0\0\014\0\0\001\104\0\001' >resume
# It may say when the client has gone.
serve="exec swtpm 2>swtpm.err socket --tpm2 --tpmstate dir=$PWD/state \
    --server type=tcp,fd=3 --flags not-need-init"

# client FILE: a startup, and then what is in FILE.
cat >client <<'!'
answer() {
	head -c "$1" >answered
	[ ! -s answered ] || od -An -tx1 answered | tr -d ' ' >&2
}
cat startup
answer 10
cat "$1"
answer 10
!
limit 60 "$SOCKPAIR" -o talk.jsonl -p 'sh client resume' -d 3 sh -c "$serve" \
    2>said
is "$rc $(tr '\n' ' ' <said)" "0 80010000000a00000000 80010000000a00000100 " \
    "a talk is recorded"

plays "swtpm: all is as recorded, on descriptor 3" talk.jsonl sh -c "$serve"
plays "swtpm: and again, with -d" -d 3 talk.jsonl sh -c "$serve"
differs "swtpm: one that has been started up differs in the first answer" \
    "talk.jsonl:3: byte 8 of the command" \
    '"\x00\x00\x80\x01\x00\x00\x00\n"' '"\x01\x00"' \
    talk.jsonl sh -c "$serve,startup-clear"
differs "swtpm: it is not there" \
    "talk.jsonl:3: byte 0 of the command" \
    '"\x80\x01\x00\x00\x00\n"' 'the end, with status 1' \
    -d 4 talk.jsonl sh -c "$serve"

limit 60 "$SOCKPAIR" --pipefail -p 'sh client resume' "$SOCKPLAY" talk.jsonl \
    2>mocked
is "$rc" 0 "in swtpm's place: sockplay and the client succeed"
same mocked said "in swtpm's place: the client has had all answers"
limit 60 "$SOCKPAIR" -p 'sh client startup' "$SOCKPLAY" talk.jsonl 2>mocked
is "$rc $(cat mocked)" "1 80010000000a00000000
$(report "talk.jsonl:4: byte 23 of standard input" '"\x01"' '"\x00"')" \
    "in swtpm's place: a startup of another kind is a difference"

limit 60 "$SOCKPAIR" --pipefail -p '"$SOCKPLAY" --as=stdin talk.jsonl' -d 3 \
    sh -c "$serve" 2>err
is "$rc $(cat err)" "0 " "in the client's place: swtpm answers as recorded"
limit 60 "$SOCKPAIR" --pipefail -p '"$SOCKPLAY" --as=stdin talk.jsonl' -d 3 \
    sh -c "$serve,startup-clear" 2>err
is "$rc $(cat err)" "1 $(report "talk.jsonl:3: byte 8 of the command" \
    '"\x00\x00\x80\x01\x00\x00\x00\n"' '"\x01\x00"')" \
    "in the client's place: or it differs"

done_testing
