#!/usr/bin/env python3
"""Which calls fail with which errors, and the page on which a program is told.

Calls and errors are those of calls.def, the page's layout is that of struct fault_page in
inject.h. Run as a program it prints the names of all functions that inject.c stands in for.
"""

import errno
import mmap
import os
import re
import struct
from pathlib import Path

NAME = 24
MOST = 120
HEADER = struct.Struct("=24sIiIIq")
EACH = struct.Struct("=24sQ")
SIZE = HEADER.size + MOST * EACH.size

CALLS = Path(__file__).resolve().parent / "calls.def"
SCARCE = "ENOMEM EMFILE ENFILE"
SENDS = "EINTR EAGAIN ENOBUFS ENOMEM EPIPE ECONNRESET"
# Which of an entry's parts is the name.
ENTRIES = {"CALL": 2, "CODE": 1, "NAMED": 0, "BESIDE": 0}


def read_calls():
    """(kind, name, errors) for each entry of calls.def."""
    text = re.sub(r"/\*.*?\*/", "", CALLS.read_text(encoding="utf-8"), flags=re.S)
    # A comma is between parts of an entry where no parenthesis or bracket is open within it.
    for kind, inside in re.findall(r"^(\w+)\((.*?)\)$", text, re.S | re.M):
        parts = [part.strip() for part in re.split(r",(?![^()]*\))", inside)]
        errors = "" if kind == "BESIDE" or parts[-1] == "NONE" else parts[-1]
        yield kind, parts[ENTRIES[kind]], errors.replace("SCARCE", SCARCE).replace("SENDS", SENDS)


ERRORS = {"allocation": "ENOMEM"} | {name: errors for _, name, errors in read_calls() if errors}


# What lets a server close the connection that would be closed next anyhow.
MAKES_ROOM = {"ENOMEM", "EMFILE", "ENFILE", "ENOBUFS"}


def pairs():
    """Every call with every error that it is given."""
    return [(call, error) for call, errors in ERRORS.items() for error in errors.split()]


def may_lose(call, error):
    """Whether one connection may be closed for it: to make room, or as its peer seems gone."""
    return error in MAKES_ROOM or (call == "recv" and error == "ECONNRESET")


class Page:
    """One fault, and what came of it, in a file that the program maps."""

    def __init__(self, path, call="", error="", nth=0):
        self.path = path
        with open(path, "wb") as file:
            number = getattr(errno, error) if error else 0
            file.write(HEADER.pack(call.encode(), nth, number, 0, 0, 0))
            file.truncate(SIZE)
        fd = os.open(path, os.O_RDWR)
        self._map = mmap.mmap(fd, SIZE)
        os.close(fd)

    def _header(self):
        return HEADER.unpack_from(self._map)

    @property
    def happened(self):
        """Whether the call has failed by now."""
        return self._header()[3] > 0

    @property
    def live_blocks(self):
        """Blocks of memory that were not freed by now."""
        return self._header()[5]

    def counts(self):
        """How often each call was made that was made at all."""
        rows = (EACH.unpack_from(self._map, HEADER.size + n * EACH.size)
                for n in range(self._header()[4]))
        return {name.rstrip(b"\0").decode(): count for name, count in rows if count}

    def close(self):
        """Let go of it."""
        self._map.close()


if __name__ == "__main__":
    print("\n".join(name for _, name, _ in read_calls()))
