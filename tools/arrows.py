#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Checks who includes whom, and how long files and functions are.

The arrows are those of the picture in ARCHITECTURE.md, which is read here, so
that the two cannot differ.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_MOST = 500
FUNCTION_MOST = 70
# Control messages of sockets are touched by one file only.
CONTROL_FILE = "src/io/pass.c"


def read_arrows():
    """The table of ARCHITECTURE.md: room -> rooms that it may include."""
    arrows = {}
    for line in (ROOT / "ARCHITECTURE.md").read_text().splitlines():
        row = re.fullmatch(r"\| `(\w+)` \|[^|]*\|([^|]*)\|", line)
        if row:
            arrows[row[1]] = set(re.findall(r"`(\w+)`", row[2]))
    return arrows


def check_includes(path, arrows):
    """Yields complaints about what a file of src/ includes."""
    room = path.relative_to(ROOT / "src").parts[0]
    allowed = arrows.get(room)
    if allowed is None:
        yield f"{path}: the room {room} is not in ARCHITECTURE.md"
        return
    for number, line in enumerate(path.read_text().splitlines(), 1):
        include = re.match(r'#include "(?:(\w+)/)?[\w.]+"', line)
        if not include:
            continue
        target = include[1] or ("scache" if "scache.h" in line else room)
        if target not in (room, "scache") and target not in allowed:
            yield f"{path}:{number}: {room} may not include {target}"
        if target == "scache" and room not in ("lib", "ctl"):
            yield f"{path}:{number}: only the library and scachectl include scache.h"


def check_sizes(path):
    """Yields complaints about long files and functions."""
    lines = path.read_text().splitlines()
    if len(lines) > FILE_MOST:
        yield f"{path}: {len(lines)} lines, at most {FILE_MOST}"
    if path.suffix != ".c":
        return
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            if number - start > FUNCTION_MOST:
                yield f"{path}:{start}: a function of {number - start} lines, at most {FUNCTION_MOST}"
            start = None


def check_text(path):
    """Yields complaints about what every file must have or must not."""
    text = path.read_text()
    if "SPDX-License-Identifier: BSD-2-Clause" not in text[:200]:
        yield f"{path}: no SPDX line"
    name = str(path.relative_to(ROOT))
    if name.startswith("src/") and name != CONTROL_FILE and "CMSG_" in text:
        yield f"{path}: control messages belong to {CONTROL_FILE}"
    if path.suffix == ".h" and not re.search(r"^#ifndef \w+_H\n#define \w+_H$", text, re.M):
        yield f"{path}: no include guard"


def main():
    """Prints every complaint; returns 1 if there is one."""
    arrows = read_arrows()
    complaints = []
    for folder in ("src", "include", "tests", "bench", "examples", "tools"):
        for path in sorted((ROOT / folder).rglob("*.[ch]")):
            complaints += check_sizes(path)
            complaints += check_text(path)
            if folder == "src":
                complaints += check_includes(path, arrows)
    for complaint in complaints:
        print(complaint.replace(f"{ROOT}/", ""))
    print(f"arrows, sizes and headers: {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
