# SPDX-License-Identifier: MIT
"""Messages in a stream: what stands around them, and how to find them."""
import re
import struct

SIZES = {"u16": ">H", "u16le": "<H", "u32": ">I", "u32le": "<I"}
FRAMINGS = ("line", "null", "netstring", "lsp", *SIZES)


class Stray(bytes):
    """Bytes where a message should be, which are none."""


class Cut(Stray):
    """The beginning of a message, and then the end."""


def frame(kind, message):
    """A message with what stands around it."""
    if kind == "raw" or isinstance(message, Stray):
        return message
    if kind == "line":
        return message + b"\n"
    if kind == "null":
        return message + b"\0"
    if kind == "netstring":
        return b"%d:%s," % (len(message), message)
    if kind == "lsp":
        return b"Content-Length: %d\r\n\r\n%s" % (len(message), message)
    return struct.pack(SIZES[kind], len(message)) + message


def frame_all(kind, messages):
    return b"".join(frame(kind, message) for message in messages)


def delivered(kind, messages, size):
    """The messages that are complete in the first bytes of their stream."""
    whole = []
    for message in messages:
        size -= len(frame(kind, message))
        if size < 0 or isinstance(message, Stray) and kind != "lsp":
            break
        if not isinstance(message, Stray):
            whole.append(message)
    return whole


def limit_of(kind):
    """The largest message that the framing can have."""
    return 65535 if kind in ("u16", "u16le") else 1 << 30


def unframe(kind, data):
    """The messages, and what is left."""
    messages = []
    place = 0
    while place < len(data):
        if kind in SIZES:
            head = struct.calcsize(SIZES[kind])
            if len(data) - place < head:
                break
            size, = struct.unpack_from(SIZES[kind], data, place)
            tail = 0
        elif kind in ("line", "null"):
            end = data.find(b"\n" if kind == "line" else b"\0", place)
            if end == -1:
                break
            head, size, tail = 0, end - place, 1
        else:
            pattern = rb"(\d+):" if kind == "netstring" else \
                rb"Content-Length: (\d+)\r\n\r\n"
            match = re.compile(pattern).match(data, place)
            if not match:
                break
            head, size = len(match[0]), int(match[1])
            tail = kind == "netstring"
        if place + head + size + tail > len(data):
            break
        messages.append(data[place + head:place + head + size])
        place += head + size + tail
    return messages, data[place:]
