#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measures what the files of src/ are like, and fails where it is not as wanted.

    tools/words.py [--names] [FOLDER...]

The table has sizes of files and functions, the share of comments, files that open by saying what
they are, and whether functions carry the noun of their file. Of bench/ names are measured too, and
everywhere else whether files say what they are. --names lists those that do not.
"""

import re
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPDX = "/* SPDX-License-Identifier: BSD-2-Clause */"
OPENING_LEAST = 40  # Characters of text: what it is, and what it is not.
FILE_MOST, FUNCTION_MOST = 500, 70
COMMENTS = (15.0, 25.0)
STATICS, EXPORTED = 80.0, 90.0
FOLDER, NAMED, OTHERS = "src", "bench", ("bench", "tests", "tools", "examples")


class Source:
    """One .c file: its lines, comments and functions."""

    def __init__(self, path):
        self.path = path
        self.noun = path.stem
        self.lines = path.read_text(encoding="utf-8").splitlines()
        self.functions = list(self._functions())

    def _functions(self):
        """(name, is static, lines from head to end) of each function that is defined here."""
        start, begun = 0, None
        for number, line in enumerate(self.lines):
            if line == "{":
                begun = number
            elif line.startswith("}") and begun is not None:
                head = " ".join(self.lines[start:begun])
                head = re.sub(r"/\*.*?\*/|__attribute__\(\(.*?\)\)", " ", head)
                name = re.search(r"(\w+)\(", head)
                if name:
                    yield name[1], bool(re.search(r"\bstatic\b", head)), number - start + 1
                begun = None
            # A function's head begins after what ended before it.
            if begun is None and (line == "" or line.endswith((";", "}")) or line.startswith("#")):
                start = number + 1

    def comment_lines(self):
        """How many lines have a comment, the licence's aside."""
        count, inside = 0, False
        for line in self.lines:
            if line == SPDX:
                continue
            if inside or "/*" in line or re.search(r"(?<!:)//", line):
                count += 1
            if "/*" in line or inside:
                inside = "*/" not in line[line.rfind("/*") if "/*" in line else 0:]
        return count

    def has_opening(self):
        """Whether a comment below the licence says what the file is."""
        text = "\n".join(self.lines)
        opening = re.match(re.escape(SPDX) + r"\n+/\*(.*?)\*/", text, re.S)
        return opening is not None and len(re.sub(r"[\s*]+", " ", opening[1])) >= OPENING_LEAST

    def carries(self, name):
        """Whether a name has the file's noun among its words, in the singular or the plural."""
        return any(f"_{form}_" in f"_{name}_" for form in forms(self.noun))

    def is_home(self, name):
        """Whether an exported name begins with the noun of its file, or with room and noun."""
        rest = re.sub(r"^(sc|scache|bench)_", "", name)
        room = self.path.parent.name
        return any(f"{rest}_".startswith((f"{form}_", f"{room}_{form}_"))
                   for form in forms(self.noun))


def forms(noun):
    """The singular and the plural of a file's noun."""
    return {noun, noun + "s", noun.removesuffix("s")}
def share(part, whole):
    """A percentage; of nothing, all."""
    return 100.0 * len(part) / len(whole) if whole else 100.0


def spread(numbers):
    """Median, ninth decile and maximum."""
    ordered = sorted(numbers) or [0]
    return statistics.median(ordered), ordered[len(ordered) * 9 // 10], ordered[-1]


def is_public(name):
    """What scache.h declares is named by that interface and by no file."""
    return name.startswith("scache_")


class Measures:
    """What is known of some folders together."""

    def __init__(self, folders):
        headers = [path for folder in folders for path in sorted(folder.rglob("*.h"))]
        self.sources = [Source(path) for folder in folders for path in sorted(folder.rglob("*.c"))]
        functions = [(source, *one) for source in self.sources for one in source.functions]
        self.lengths = [length for *_, length in functions]
        self.statics = [(s, name) for s, name, is_static, _ in functions if is_static]
        self.exported = [(s, name) for s, name, is_static, _ in functions
                         if not is_static and name != "main" and not is_public(name)]
        both = self.sources + [Source(path) for path in headers]
        self.lines = sum(len(source.lines) for source in both)
        self.comments = sum(source.comment_lines() for source in both)
        self.silent = [source for source in self.sources if not source.has_opening()]
        self.nameless = [(s, name) for s, name in self.statics if not s.carries(name)]
        self.homeless = [(s, name) for s, name in self.exported if not s.is_home(name)]

    def rows(self):
        """(what, how it is, how it is wanted, whether that is reached)."""
        middle, _, most = spread(len(source.lines) for source in self.sources)
        lengths = spread(self.lengths)
        comments = 100.0 * self.comments / max(self.lines, 1)
        statics = 100 - share(self.nameless, self.statics)
        exported = 100 - share(self.homeless, self.exported)
        openings = len(self.sources) - len(self.silent)
        yield (".c lines, median / max", f"{middle:.0f} / {most}", f"at most {FILE_MOST}",
               most <= FILE_MOST)
        yield ("function lines, median / p90 / max",
               f"{lengths[0]:.0f} / {lengths[1]} / {lengths[2]}", f"at most {FUNCTION_MOST}",
               lengths[2] <= FUNCTION_MOST)
        yield ("comment lines", f"{comments:.1f} %", "15 to 25 %",
               COMMENTS[0] <= comments <= COMMENTS[1])
        yield ("files that open by saying what they are", f"{openings} of {len(self.sources)}",
               "all", not self.silent)
        yield ("statics that carry the file's noun", f"{statics:.0f} % of {len(self.statics)}",
               f"{STATICS:.0f} %", statics >= STATICS)
        yield ("exported ones in the file of their noun",
               f"{exported:.0f} % of {len(self.exported)}", f"{EXPORTED:.0f} %",
               exported >= EXPORTED)

    def names(self):
        """Each that is not as wanted, a line."""
        for source in self.silent:
            yield f"{source.path}: does not open by saying what it is"
        for source, name in self.nameless:
            yield f"{source.path}: {name} does not carry the file's noun"
        for source, name in self.homeless:
            yield f"{source.path}: {name} lives elsewhere"


def show(what, value, wanted, is_reached):
    """One line of the table; returns whether it is as wanted."""
    print(f"{what:42} {value:>18}  {wanted}{'' if is_reached else '   <-- not reached'}")
    return is_reached


def main():
    """Prints the table; returns 1 if something is not as wanted."""
    folders = [Path(word) for word in sys.argv[1:] if word != "--names"]
    measures = Measures(folders or [ROOT / FOLDER])
    show("", "is", "wanted", True)
    reached = [show(*row) for row in measures.rows()]
    lines = list(measures.names())
    if not folders:
        named = Measures([ROOT / NAMED])
        reached += [show(f"{NAMED}/: {what}", *rest) for what, *rest in list(named.rows())[4:]]
        silent = Measures([ROOT / name for name in OTHERS]).silent
        reached.append(show("elsewhere without an opening", str(len(silent)), "none", not silent))
        lines += [f"{source.path}: does not open by saying what it is" for source in silent]
        lines += [line for line in named.names() if "open by" not in line]
    if "--names" in sys.argv:
        for line in lines:
            print(line.replace(f"{ROOT}/", ""))
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
