#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Checks who includes and calls whom, and how long files and functions are.

The arrows are those of the table in ARCHITECTURE.md, which is read here, so that the two cannot
differ. There are no circles: not of rooms, and not of files within one either, be they of C or of
Python. Two files are joined by what they include, and by the functions they call, since a header
of several files hides a circle.
"""

import re
import sys
from pathlib import Path

import words

ROOT = Path(__file__).resolve().parent.parent
FILE_MOST = 500
# The one header that is installed, which documents all that it declares.
PUBLIC_HEADER = ROOT / "include" / "scache.h"
FUNCTION_MOST = 70
# Control messages of sockets are touched by one file only.
CONTROL_FILE = "src/io/pass.c"
FOLDERS = ("src", "include", "tests", "bench", "examples", "tools")
# Those who see the library as anybody does.
OUTSIDE = ("lib", "ctl", "exporter", "examples")


def read_arrows():
    """The table of ARCHITECTURE.md: room -> rooms that it may include."""
    arrows = {}
    for line in (ROOT / "ARCHITECTURE.md").read_text().splitlines():
        row = re.fullmatch(r"\| `(\w+)` \|[^|]*\|([^|]*)\|", line)
        if row:
            arrows[row[1]] = set(re.findall(r"`(\w+)`", row[2]))
    return arrows


def room_of(path):
    """A file's room: a directory of src/, or one beside it."""
    parts = path.relative_to(ROOT).parts
    return parts[1] if parts[0] == "src" else parts[0]


def included(path):
    """(line number, text of the include) for each of our own."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        include = re.match(r'#include "([\w./-]+)"', line)
        if include:
            yield number, include[1]


def find_header(path, text):
    """The file that an include means, or None."""
    for folder in (path.parent, ROOT / "src", ROOT / "include", ROOT / "tests"):
        if (folder / text).exists():
            return (folder / text).resolve()
    return None


def check_includes(path, arrows):
    """Yields complaints about what a file of a room includes."""
    room = room_of(path)
    allowed = arrows.get(room)
    if allowed is None:
        yield f"{path}: the room {room} is not in ARCHITECTURE.md"
        return
    for number, text in included(path):
        header = find_header(path, text)
        if header is None:
            yield f"{path}:{number}: {text} is not there"
        elif header.name == "scache.h":
            if room not in OUTSIDE:
                yield f"{path}:{number}: only the library and what stands on it include scache.h"
        elif room_of(header) != room and room_of(header) not in allowed:
            yield f"{path}:{number}: {room} may not include {room_of(header)}"


def noun_of(path):
    """What a .c, its .h or a .py stands for."""
    return str(path.relative_to(ROOT).with_suffix(""))


def joined_by_includes(paths):
    """noun -> nouns whose headers it includes."""
    graph = {}
    for path in paths:
        headers = (find_header(path, text) for _, text in included(path))
        graph.setdefault(noun_of(path), set()).update(noun_of(h) for h in headers if h)
    return graph


def joined_by_calls(paths):
    """noun -> nouns whose functions it names."""
    sources = [words.Source(path) for path in paths if path.suffix == ".c"]
    homes = {}
    for source in sources:
        for name, is_static, _ in source.functions:
            if not is_static:
                homes.setdefault(name, set()).add(noun_of(source.path))
    graph = {}
    for source in sources:
        # A structure may have the name of the function that returns it, and so may a member.
        text = re.sub(r"/\*.*?\*/|\"[^\"\n]*\"|\bstruct \w+", "", "\n".join(source.lines),
                      flags=re.S)
        named = set(re.findall(r"(?<![.>\w])\w+", text)) - {name for name, *_ in source.functions}
        top = noun_of(source.path).partition("/")[0]
        # What several programs of the tests define, main() for one, joins nobody; nor do their
        # short names join anything of another folder.
        graph[noun_of(source.path)] = {
            home for name in named for home in homes.get(name, ())
            if len(homes[name]) == 1 and home.startswith(top + "/")}
    return graph


def joined_by_imports(folder):
    """noun -> nouns that it imports, of the Python files in a folder."""
    paths = {path.stem: path for path in folder.glob("*.py")}
    graph = {}
    for path in paths.values():
        text = path.read_text()
        found = re.findall(r"^\s*from \.(\w+) import|^\s*import (\w+)", text, re.M)
        names = {a or b for a, b in found}
        for line in re.findall(rf"^\s*from (?:\.|{folder.name}) import \(?([\w, \n]+)", text, re.M):
            names |= set(re.findall(r"\w+", line))
        graph[noun_of(path)] = {noun_of(paths[name]) for name in names if name in paths}
    return graph


def circles(graph):
    """Sets of nouns that lead to each other."""
    def reached(start):
        seen, todo = set(), [start]
        while todo:
            more = graph.get(todo.pop(), set()) - seen - {start}
            seen |= more
            todo += more
        return seen

    far = {noun: reached(noun) for noun in graph}
    return {frozenset({noun} | {other for other in far[noun] if noun in far.get(other, ())})
            for noun in graph} - {frozenset({noun}) for noun in graph}


def check_circles(arrows, paths):
    """Yields a complaint about each circle of rooms and files."""
    scripts = {path.parent for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
    graphs = [("rooms", arrows), ("includes", joined_by_includes(paths)),
              ("calls", joined_by_calls(paths)),
              *(("imports", joined_by_imports(folder)) for folder in sorted(scripts))]
    for kind, graph in graphs:
        for circle in sorted(map(sorted, circles(graph))):
            yield f"a circle of {kind}: {' '.join(circle)}"


def check_sizes(path):
    """Yields complaints about long files and functions."""
    lines = path.read_text().splitlines()
    if len(lines) > FILE_MOST and path != PUBLIC_HEADER:
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
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.[ch]"))]
    complaints = []
    for path in paths:
        complaints += check_sizes(path)
        complaints += check_text(path)
        if room_of(path) not in ("include", "tests"):
            complaints += check_includes(path, arrows)
    rounds = list(check_circles(arrows, paths))
    for complaint in complaints + rounds:
        print(complaint.replace(f"{ROOT}/", ""))
    print(f"arrows, sizes and headers: {len(complaints)} complaints, {len(rounds)} circles")
    return 1 if complaints or rounds else 0


if __name__ == "__main__":
    sys.exit(main())
