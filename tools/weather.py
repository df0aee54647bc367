#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What a well-behaved client sees while others misbehave: Postfix's own server beside this one.

    weather.py [--seconds N] [--only KIND] [--json]

For each kind of misbehaviour and each server in turn: a fresh server, started as master(8) does
it, a crowd of rude clients, and one client that comes, saves a connection, finds it, finds
nothing where there is nothing, and leaves. Prints how long such visits took. A visit that takes
longer than a Postfix client waits for a reply means "stalled". Exit status 1 when scache has
stalled or has turned a visitor away. SCACHE_BUILD names the build directory when it is not build/.
"""

import argparse
import json
import os
import socket
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support import launch, paths  # noqa: E402
from support.client import Client  # noqa: E402
from support.process import resident_kb, tree  # noqa: E402
from support.rude import Rabble  # noqa: E402

PATIENCE = 5  # Postfix's connection_cache_protocol_timeout.
PAUSE = 0.002
# What is said of them, their kind, and how many.
WEATHER = (
    ("no others", None, 0),
    ("1,000 stuck in mid-request", "stuck", 1000),
    ("100 that never read", "deaf", 100),
    ("100 that send a byte a second", "trickle", 100),
    ("1,000 half closed", "half-closed", 1000),
    ("some gone at each byte of each exchange", "vanish", 10),
    ("no, two or 253 descriptors where one is due", "miscount", 5),
    ("descriptors where none is due", "undue", 5),
    ("oversized and endless requests", "oversized", 8),
    ("10,000 connects and disconnects a second", "storm", 100),
)


def enter(path):
    """A client, as soon as the server's line has room for one."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return Client(path, max(end - time.monotonic(), 0.001))
        except BlockingIOError:
            if time.monotonic() > end:
                raise TimeoutError from None
            time.sleep(0.0005)


def visit(path):
    """One visit; whether everything was as it should be."""
    with enter(path) as client:
        near, far = socket.socketpair()
        with far:
            with near:
                saved = client.save_endp("polite", near.fileno())
            bound = client.save_dest("polite", "polite")
            missed = client.find_endp("nothing")[0]
            found, *_, fd = client.find_dest("polite")
            if fd >= 0:
                os.close(fd)
        return (saved, bound, missed, found) == (0, 0, 2, 0)


def visits(path, seconds):
    """The time of each visit in seconds, and how many went wrong; None for the times: stalled."""
    times, wrong, end = [], 0, time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.monotonic()
        try:
            wrong += not visit(path)
        except TimeoutError:
            return None, wrong
        except (OSError, EOFError, AssertionError):
            wrong += 1
        times.append(time.monotonic() - start)
        time.sleep(PAUSE)
    return times, wrong


def figures(times, wrong, pid):
    """One server's part of a row."""
    row = {"stalled": times is None, "wrong": wrong,
           "resident_kb": sum(map(resident_kb, tree(pid)))}
    if times:
        ordered = sorted(times)
        row |= {"visits": len(ordered), "median_ms": round(statistics.median(ordered) * 1e3, 3),
                "p99_ms": round(ordered[len(ordered) * 99 // 100] * 1e3, 3),
                "worst_ms": round(ordered[-1] * 1e3, 3)}
    return row


def plagued(server, kind, size, seconds):
    """Measure one server that is up, with a crowd or without."""
    if kind is None:
        times, wrong = visits(server.path, seconds)
        return figures(times, wrong, server.process.pid)
    with Rabble(server.path, {kind: size}) as rabble:
        times, wrong = visits(server.path, seconds)
        row = figures(times, wrong, server.process.pid)
        row["acts"] = rabble.stop()[kind]
    return row


def measure(program, kind, size, seconds):
    """One server's part of a row."""
    with launch.MasterServer(program) as server:
        return plagued(server.ready(), kind, size, seconds) | {"alive": server.process.alive()}


def cell(row):
    """One server's part of a row, as text."""
    if not row["alive"]:
        return f"{'ended':>17}{'':8}"
    if row["stalled"]:
        return f"{'stalled':>17}{'':8}"
    wrong = f"{row['wrong']:>3} lost" if row["wrong"] else "        "
    return f"{row['median_ms']:8.2f} {row['p99_ms']:8.2f}{wrong}"


def table(rows):
    """The result as text."""
    lines = [f"{'a visit, in milliseconds, while there are':48}"
             f"{'Postfix scache':>17}{'':8}  {'scache':>17}",
             f"{'':48}{'median':>8} {'99th':>8}{'':8}  {'median':>8} {'99th':>8}"]
    for row in rows:
        lines.append(f"{row['weather']:48}{cell(row['postfix'])}  {cell(row['scache'])}".rstrip())
    return "\n".join(lines)


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=3, metavar="N", help="for each figure")
    parser.add_argument("--only", metavar="KIND", choices=[kind for _, kind, _ in WEATHER])
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    args = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("weather: servers can only be started as master(8) does it by root")
    rows = []
    for text, kind, size in WEATHER:
        if args.only in (None, kind):
            parts = {name: measure(program, kind, size, args.seconds)
                     for name, program in (("postfix", paths.POSTFIX_SCACHE),
                                           ("scache", paths.program()))}
            rows.append({"weather": text, "kind": kind, "size": size} | parts)
            if sys.stderr.isatty():
                print(text, file=sys.stderr)
    print(json.dumps(rows, indent=2) if args.json else table(rows))
    ours = [row["scache"] for row in rows]
    sys.exit(any(one["stalled"] or one["wrong"] or not one["alive"] for one in ours))


if __name__ == "__main__":
    main()
