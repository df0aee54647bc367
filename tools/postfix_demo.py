#!/usr/bin/python3
"""The same mail through a private Postfix three times: no cache, Postfix's own scache, this one.

    postfix_demo.py [--messages N] [--json]

Everything happens on loopback in a temporary directory; the machine's own Postfix is not touched
and nothing is left running. Prints how long it took, how many connections the receiver saw, how
many messages went over a connection that had been used before, and the warnings in the log.
SCACHE_BUILD names the build directory when it is not build/.
"""

import argparse
import json
import os
import shutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support import paths  # noqa: E402
from support.postfix import Postfix, service  # noqa: E402

BAR = 40
NO_CACHE = {"smtp_connection_cache_on_demand": "no", "smtp_connection_cache_destinations": ""}
PATIENCE = 120


class Progress:
    """A bar on a terminal, a line now and then elsewhere; on standard error."""

    def __init__(self, name, total):
        self.name, self.total = name, total
        self.terminal = sys.stderr.isatty()
        self.quarter = 0

    def show(self, done):
        """So many messages have arrived."""
        if self.terminal:
            full = BAR * done // self.total
            bar = "#" * full + "." * (BAR - full)
            self.write(f"\r{self.name:14} [{bar}] {done:6} / {self.total}")
        elif done * 4 // self.total > self.quarter:
            self.quarter = done * 4 // self.total
            self.write(f"{self.name}: {done} of {self.total}\n")

    def end(self):
        """Leave the line."""
        if self.terminal:
            self.write("\n")

    @staticmethod
    def write(text):
        """Show it now."""
        sys.stderr.write(text)
        sys.stderr.flush()


def deliver(postfix, progress):
    """Send all messages and watch them arrive; returns the seconds it took."""
    start = time.monotonic()
    sender = postfix.start_sending(progress.total)
    done = last = 0
    moved = start
    while done < progress.total:
        time.sleep(0.1)
        done = min(postfix.sink.counters()[1], progress.total)
        progress.show(done)
        if done != last:
            last, moved = done, time.monotonic()
        if time.monotonic() - moved > PATIENCE:
            raise TimeoutError(f"no mail arrived for {PATIENCE} s; {postfix.problems()[-3:]}")
    took = time.monotonic() - start
    sender.wait(PATIENCE)
    postfix.wait_delivered(progress.total)
    return took


def run(name, program, messages):
    """One run; returns a row of the table."""
    progress = Progress(name, messages)
    params = NO_CACHE if program is None else {}
    with Postfix(service(program or paths.POSTFIX_SCACHE), params=params) as postfix:
        seconds = deliver(postfix, progress)
        progress.end()
        reused, warnings = postfix.reused(), len(postfix.problems())
        postfix.shut_down()
        connections = count_connections(postfix, messages - reused)
    return {"run": name, "messages": messages, "seconds": round(seconds, 2),
            "connections": connections, "reused": reused, "warnings": warnings}


def count_connections(postfix, expected):
    """The sink counts a connection when it ends: give it a moment to see the last ones go."""
    end = time.monotonic() + 2
    while postfix.sink.counters()[0] < expected and time.monotonic() < end:
        time.sleep(0.02)
    return postfix.sink.counters()[0]


def table(rows):
    """The result as text."""
    lines = [f"{'':14} {'seconds':>8} {'connections':>12} {'reused':>8} {'warnings':>9}"]
    for row in rows:
        lines.append(f"{row['run']:14} {row['seconds']:8.2f} {row['connections']:12}"
                     f" {row['reused']:8} {row['warnings']:9}")
    return "\n".join(lines)


def missing():
    """What this machine lacks for the demonstration, as text; empty when nothing."""
    if os.geteuid() != 0:
        return "Postfix's master can only be started by root"
    programs = ["smtp-source", "smtp-sink", str(paths.POSTFIX_SCACHE), str(paths.program())]
    absent = [name for name in programs if not shutil.which(name)]
    return f"not found: {', '.join(absent)}" if absent else ""


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--messages", type=int, default=1000, metavar="N")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    args = parser.parse_args()
    if args.messages < 1:
        parser.error("--messages must be at least 1")
    if missing():
        sys.exit(f"postfix_demo: {missing()}")
    runs = (("no cache", None), ("Postfix scache", paths.POSTFIX_SCACHE),
            ("this scache", paths.program()))
    rows = [run(name, program, args.messages) for name, program in runs]
    print(json.dumps(rows, indent=2) if args.json else table(rows))


if __name__ == "__main__":
    main()
