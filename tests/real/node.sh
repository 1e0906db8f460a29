#!/bin/sh
# SPDX-License-Identifier: MIT
# Node.js: a child that finds its parent by NODE_CHANNEL_FD speaks with a shell
# pipeline, and with another node, to which it passes a server.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
. "${TOP_SRCDIR:-.}/tests/lib.sh"
need timeout node

cat >echo.js <<'END'
process.on('message', (m) => process.send({ echo: m }));
END
printf '%s\n' '{"a":1}' '{"b":"x\u00e9"}' |
    limit 60 sockpair -d 3 -E NODE_CHANNEL_FD node echo.js >out 2>err
is "$(cat out err)" '{"echo":{"a":1}}
{"echo":{"b":"xé"}}' "a child of node answers a pipeline, a line a message"

# Once it is passed on it is closed here: who answers is the other.
cat >giver.js <<'END'
const server = require('net').createServer((s) => s.end('wrong'));
server.listen(0, '127.0.0.1', () => {
	const port = server.address().port;
	process.send({ port }, server, () => server.close());
});
process.on('message', (m) => {
	console.error('giver: ' + m.said);
	process.disconnect();
});
END
cat >taker.js <<'END'
const net = require('net');
process.on('message', (m, server) => {
	server.on('connection', (s) => s.end('right'));
	const client = net.connect(m.port, '127.0.0.1');
	let said = '';
	client.on('data', (d) => { said += d; });
	client.on('end', () => { server.close(); process.send({ said }); });
});
END
limit 60 sockpair -p 'exec sockpair -o trace.txt -d 3 \
	-E NODE_CHANNEL_FD node taker.js' -d 3 -E NODE_CHANNEL_FD \
    node giver.js >out 2>err
is "$rc $(cat out err)" "0 giver: right" \
    "a server is passed to another, which answers with it"
is "$(grep -c ' fds  *1 passed: [0-9]*: socket' trace.txt)" 1 \
    "and the trace shows it"

done_testing
