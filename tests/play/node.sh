#!/bin/sh
# SPDX-License-Identifier: MIT
# sockplay and Node.js: sockplay plays the parent of a child that finds its
# socket by NODE_CHANNEL_FD, and then the child of a parent.
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout node
need_sockplay
. "$TOP_SRCDIR/tests/play/talks"

# parent.js CHILD MESSAGE...: send each after the answer to the one before, then
# disconnect, and show all answers and how the child has ended.
cat >parent.js <<'!'
const [execPath, ...messages] = process.argv.slice(2);
const child = require('child_process').fork('child.js', [],
    { execPath, execArgv: [] });
const next = () => messages.length > 0 ?
    child.send({ said: messages.shift() }) : child.disconnect();
child.on('message', (m) => { console.log(JSON.stringify(m)); next(); });
child.on('disconnect', () => console.log('disconnected'));
child.on('exit', (code, signal) => console.log(code, signal));
next();
!
cat >child.js <<'!'
process.on('message', (m) => process.send({ length: m.said.length, ...m }));
process.on('disconnect', () => process.exit(5));
!
# What the parent runs as its child: node under sockpair, or sockplay.
cat >recorder <<'!'
#!/bin/sh
exec "$SOCKPAIR" -o talk.jsonl -d 3 -E NODE_CHANNEL_FD node "$@" <&3 >&3
!
cat >mock <<'!'
#!/bin/sh
exec "$SOCKPLAY" talk.jsonl <&3 >&3
!
chmod +x recorder mock
limit 60 node parent.js "$PWD/recorder" one 'zwölf' '' >recorded 2>err
is "$rc $(cat err recorded)" '0 {"length":3,"said":"one"}
{"length":5,"said":"zwölf"}
{"length":0,"said":""}
disconnected
5 null' "a talk of two nodes is recorded"

plays "node: the child is as recorded" -E NODE_CHANNEL_FD talk.jsonl \
    node child.js
sed 's/length:/size:/' child.js >other.js
differs "node: one that answers otherwise is not" \
    "talk.jsonl:3: byte 2 of the command" \
    '"length":3,"said":"one"}\n"' '"size":3,"said":"one"}\n"' \
    -E NODE_CHANNEL_FD talk.jsonl node other.js
sed 's/exit(5)/exit(6)/' child.js >other.js
differs "node: nor one with another status" \
    "$(at talk.jsonl '"exit"' "the exit of the command")" \
    'status 5' 'status 6' -E NODE_CHANNEL_FD talk.jsonl node other.js

limit 60 node parent.js "$PWD/mock" one 'zwölf' '' >mocked 2>err
is "$rc $(cat err)" "0 " "in the child's place: the parent succeeds"
same mocked recorded "in the child's place: it has all answers, and status 5"
limit 60 node parent.js "$PWD/mock" one two '' >mocked 2>err
is "$rc $(cat err)" "0 $(report "talk.jsonl:4: byte 24 of standard input" \
    '"zw\xc3\xb6lf"}\n"' '"two"}\n"')" \
    "in the child's place: another message is a difference"
is "$(cat mocked)" '{"length":3,"said":"one"}
disconnected
1 null' "in the child's place: which ends it with status 1"

# A pipeline in place of the parent.
printf '%s\n' '{"said":"one"}' '{"said":"zwölf"}' '{"said":""}' >lines
limit 60 "$SOCKPLAY" talk.jsonl <lines >out 2>err
is "$rc $(cat err out)" "5 $(grep said recorded)" \
    "in the child's place: lines from a file have the answers, too"

done_testing
