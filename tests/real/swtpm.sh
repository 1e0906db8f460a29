#!/bin/sh
# SPDX-License-Identifier: MIT
# swtpm: a TPM that serves the socket on its descriptor 3, to a script as its
# coprocess, and to a pipeline.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout swtpm od

mkdir state
# TPM 2.0 library, part 3: TPM2_Startup(TPM_SU_CLEAR), TPM2_GetRandom(8).
printf '\200\001\0\0\0\014\0\0\001\104\0\0' >startup
printf '\200\001\0\0\0\014\0\0\001\173\0\010' >random
serve="exec swtpm socket --tpm2 --tpmstate dir=$PWD/state \
    --server type=tcp,fd=3 --flags not-need-init"

limit 60 sockpair -o trace.txt -d 3 sh -c "$serve" <startup >out 2>err
is "$rc $(od -An -tx1 out | tr -d ' ')" "0 80010000000a00000000" \
    "a pipeline starts it" ||
    cat err
grep -q '^> 000000  80 01 00 00 00 0c' trace.txt
ok "its trace shows the command's bytes"

cat >script <<'END'
cat startup >&3
head -c 10 <&3 >answer.1
cat random >&3
head -c 20 <&3 >answer.2
END
limit 60 sockpair --pipefail -p "$serve" --peer-fd=3 -d 3 sh script 2>err
is "$rc $(od -An -tx1 -N10 answer.1 | tr -d ' ')" "0 80010000000a00000000" \
    "a script has it as its coprocess"
is "$(od -An -tx1 -N12 answer.2 | tr -d ' ') $(wc -c <answer.2)" \
    "800100000014000000000008 20" "which answers all that is asked"

done_testing
