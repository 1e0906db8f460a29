# SPDX-License-Identifier: MIT
"""The files of the scripted command, tests/actor.c."""
import struct

STATE = struct.Struct("=10q")    # struct state of tests/actor.c


def write_pieces(path, pieces):
    with open(path, "wb") as file:
        for piece in pieces:
            file.write(struct.pack("=I", len(piece)) + piece)


def read_pieces(path):
    try:
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return []
    pieces = []
    place = 0
    while place + 4 <= len(data):
        size, = struct.unpack_from("=I", data, place)
        place += 4 + size
        if place <= len(data):          # else it was killed while writing
            pieces.append(data[place - size:place])
    return pieces


def read_passed(name):
    """Of each descriptor that came: the place, the bytes, its number."""
    try:
        with open(name + ".passed", "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return []
    return list(struct.iter_unpack("=3q", data[:len(data) // 24 * 24]))


class State:
    """What the actor says of itself."""

    def __init__(self, name):
        values = [0] * 10
        try:
            with open(name + ".state", "rb") as file:
                values = STATE.unpack(file.read(STATE.size))
            self.ran = True
        except (FileNotFoundError, struct.error):
            self.ran = False
        (self.pieces, self.begun, self.partial, self.ended, self.broken,
         self.fate, self.descriptors, self.pid, self.ended_at,
         self.finished_at) = values
