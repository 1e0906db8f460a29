# SPDX-License-Identifier: MIT
"""What the traces of a session must have."""
import base64
import json
import re
import socket
import struct

from finding import Finding, expect, expect_prefix, expect_same
from framing import frame_all
from plan import NO_LIMIT

HEADER = re.compile(rb"([<>]) \d+\.\d+ (data|message) ")
HEX_LINE = re.compile(rb"[<>] [0-9a-f]{6,}  ([0-9a-f ]{48})")
ESCAPE = re.compile(rb"\\(\\|r|t|e|x[0-9a-f]{2}|$)")
ESCAPED = {b"\\": b"\\", b"r": b"\r", b"t": b"\t", b"e": b"\33"}


def unescape(match):
    word = match[1]
    return bytes([int(word[1:], 16)]) if word[:1] == b"x" else ESCAPED[word]


def read_text(data):
    """The pieces of each side in a trace of text or hexadecimal."""
    shown = {"stdin": [], "command": []}
    expect(data.endswith(b"\n"), "the last line of a text trace is cut")
    piece = []
    for line in data[:-1].split(b"\n"):
        if header := HEADER.match(line):
            piece = []
            shown["stdin" if header[1] == b">" else "command"].append(piece)
        elif match := HEX_LINE.match(line):
            piece.append(bytes.fromhex(match[1].decode()))
        elif line[1:4] == b"   ":
            end = b"\n"
            # An odd number of backslashes ends what has no newline.
            if (len(line) - len(line.rstrip(b"\\"))) % 2:
                line, end = line[:-1], b""
            piece.append(ESCAPE.sub(unescape, line[4:]) + end)
    return {side: [b"".join(piece) for piece in shown[side]]
            for side in shown}


def read_capture(data):
    """The payload of each side's packets: whole blocks of pcapng."""
    shown = {"stdin": [], "command": []}
    place = 0
    while place < len(data):
        expect(len(data) - place >= 12, "a block of pcapng is cut")
        kind, size = struct.unpack_from("=II", data, place)
        expect(size % 4 == 0 and size >= 12 and place + size <= len(data),
               "a block of pcapng is cut")
        again, = struct.unpack_from("=I", data, place + size - 4)
        expect(size == again, "the sizes of a block differ")
        if kind == 6:           # an enhanced packet
            captured, = struct.unpack_from("=I", data, place + 20)
            packet = data[place + 28:place + 28 + captured]
            side = "stdin" if packet[15] == 1 else "command"
            if packet[9] == socket.IPPROTO_UDP:
                shown[side].append(packet[28:])
            elif packet[9] == socket.IPPROTO_TCP:
                shown[side].append(packet[20 + (packet[32] >> 4) * 4:])
        place += size
    return shown


def trace_data(run, trace):
    if trace["reader"] != "file":
        return run.readers[trace["name"]].data()
    with open(trace["name"], "rb") as file:
        return file.read()


def check_traces(model):
    for trace in model.plan.traces:
        if trace["reader"] == "leaves" or model.plan.limit < NO_LIMIT:
            continue
        if model.relay_killed or not model.state.ran:
            continue
        data = trace_data(model.run, trace)
        if trace["format"] == "jsonl":
            check_json(model, trace, data)
            continue
        if trace["snaplen"] is None:
            check_shown(model, trace["name"], read_trace(trace, data)[1])


def piece_of(record):
    return record["text"].encode() if "text" in record else \
        base64.b64decode(record["base64"])


def read_json(name, data, has_frames):
    """The records, the pieces of each side, and the sizes undelivered.

    A peer has the place of standard input.
    """
    shown = {"stdin": [], "command": []}
    sizes = {"stdin": 0, "command": 0}
    undelivered = {"stdin": 0, "command": 0}
    try:
        records = [json.loads(line.replace(b'"from":"peer"', b'"from":"stdin"')
                              ) for line in data.splitlines()]
    except ValueError as error:
        raise Finding("%s: %s" % (name, error)) from error
    expect(records and records[0]["type"] == "start" and
           records[-1]["type"] == "exit", "%s has no start, or no exit", name)
    for record in records:
        kind = record["type"]
        if kind == "undelivered":
            undelivered[record["from"]] += record["size"]
        if kind not in ("data", "message"):
            continue
        side = record["from"]
        piece = piece_of(record)
        expect(has_frames or record["offset"] == sizes[side],
               "%s: offset %d instead of %d", name, record["offset"],
               sizes[side])
        expect(len(piece) == record.get("shown", record["size"]),
               "%s: wrong size", name)
        sizes[side] += record["size"]
        shown[side].append(piece)
    last = records[-1]
    for side in sizes:
        # What nobody read may not have been shown before.
        most = sizes[side] + undelivered[side]
        total = last.get(side) or last["peer"]
        expect(has_frames or sizes[side] <= total["size"] <= most,
               "%s: wrong total", name)
    return records, shown, undelivered


def read_trace(trace, data):
    """Of any format: records or nothing, pieces, sizes or nothing."""
    if trace["format"] == "jsonl":
        return read_json(trace["name"], data, False)
    read = read_capture if trace["format"] == "pcapng" else read_text
    return None, read(data), None


def check_json(model, trace, data):
    """The records are what was relayed, and how it ended."""
    plan = model.plan
    records, shown, undelivered = read_json(trace["name"], data, plan.wire)
    last = records[-1]
    if trace["snaplen"] is None:
        check_shown(model, trace["name"], shown, undelivered)
    status = last.get("status", -last.get("signal", 0))
    fate = model.fate()
    if fate is not None and not plan.kill and plan.style != "timeout":
        expect(status == fate, "%s: exit %s instead of %s",
               trace["name"], status, fate)


def check_shown(model, name, shown, undelivered=None):
    """What a trace shows; undelivered is that of it, if it tells."""
    plan = model.plan
    capture = name.endswith("pcapng")
    if capture and (plan.wire or has_large_messages(model)):
        return
    if plan.framing is None:
        sent = plan.input
        shown = {side: b"".join(shown[side]) for side in shown}
    elif plan.framing == "raw" or plan.wire == "raw":
        return
    else:
        sent = plan.input
    expect_prefix(shown["stdin"], sent, name + " of standard input")
    if plan.framing is None and undelivered:
        heard = len(b"".join(model.heard))
        expect(len(shown["stdin"]) - undelivered["stdin"] >= heard,
               "%s has less than the command heard", name)
        if model.state.ended and plan.style != "grandchild":
            expect(len(shown["stdin"]) == heard,
                   "%s has %d B of input, the command heard %d", name,
                   len(shown["stdin"]), heard)
    if plan.stdout == "full":
        return
    out = shown["command"] if plan.framing is None else \
        frame_all(plan.framing, shown["command"])
    got = model.got()
    if model.consumer_left() or model.cut_short:
        expect_prefix(got, out, "the output beside " + name)
    else:
        expect_same(out, got, name + " of the command")


def has_large_messages(model):
    """Those that a capture cuts."""
    plan = model.plan
    return plan.is_message_type() and any(
        len(message) > 65507 for message in
        plan.input + plan.output + model.heard)
