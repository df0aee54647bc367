#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Lets the n-th call of everything fail, n = 1, 2, ... until none does.

    faults.py [--build DIRECTORY] [--jobs N] [--only TEXT] [--quick SECONDS]

Each line of the table is a program, a call and an error, with the number of runs, of faults, of
outcomes of each kind, and of findings; the exit status is 1 if there are findings. With --quick
it tries some of the faults only, a different part of them for each seed.
"""

import argparse
import collections
import concurrent.futures
import os
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fault import plan, serving, tooling  # noqa: E402  pylint: disable=wrong-import-position

SERVERS = {"standalone": serving.Standalone, "master": serving.Mastered}
MODES = ("modern", "classic", "local")
ENOUGH = 5  # Findings of one chain; more say the same.

Row = collections.namedtuple("Row", "program call error runs faults kinds findings")
_cache = {}


def baseline(program, build):
    """The run without a fault; once a process and program."""
    if program not in _cache:
        make, binary = SERVERS[program], build / "tests/fault/fault_scache"
        _cache[program] = serving.serve_clean(make, binary, tempfile.gettempdir())
    return _cache[program]


def serve(program, build, fault):
    """One run of a server."""
    base = baseline(program, build)
    return serving.serve_once(SERVERS[program], build / "tests/fault/fault_scache",
                              tempfile.gettempdir(), fault, base)


def serving_chain(program, call, error, build, step, deadline):
    """A Row for a server."""
    kinds, findings = collections.Counter(), []
    runs = faults = 0
    nth = 1
    while time.monotonic() < deadline:
        outcome = serve(program, build, (call, error, nth))
        runs += 1
        if not outcome.happened:
            findings += [f"without a fault: {text}" for text in outcome.findings]
            break
        faults += 1
        kinds[outcome.kind] += 1
        findings += [f"call {nth}: {text}" for text in outcome.findings]
        nth += step
    return Row(program, call, error, runs, faults, dict(kinds), findings)


def tool_of(program, build):
    """What runs the library or scachectl; kept, so that its server is started once."""
    if program not in _cache:
        name = program.partition(" ")[2]
        _cache[program] = (tooling.Library if program.startswith("library") else tooling.Tool)(
            build, name)
    return _cache[program]


def chain(program, call, error, build, step, deadline):
    """A Row; whatever goes wrong with the test itself is a finding."""
    try:
        if program in SERVERS:
            return serving_chain(program, call, error, build, step, deadline)
        tool = tool_of(program, build)
        try:
            runs, faults, findings, *kinds = tool.chain(call, error, 1, step)
        finally:
            _cache.pop(program).stop()
        return Row(program, call, error, runs, faults, kinds[0] if kinds else {}, findings)
    except Exception as trouble:  # pylint: disable=broad-except
        return Row(program, call, error, 0, 0, {}, [f"{type(trouble).__name__}: {trouble}"])


def programs():
    """All that is to be tried."""
    return [*SERVERS, *(f"library {mode}" for mode in MODES),
            *(f"scachectl {name}" for name in tooling.COMMANDS)]


def called(program, build):
    """The calls that a clean run makes, for those that can tell."""
    if program in SERVERS:
        return baseline(program, build).counts
    if program.startswith("library"):
        return dict.fromkeys(plan.ERRORS, 1)
    tool = tool_of(program, build)
    counts = tool.once(None).counts
    _cache.pop(program).stop()
    return counts


def tasks(build, only):
    """(program, call, error) for all that is called, with how often."""
    for program in programs():
        wanted = [pair for pair in plan.pairs() if only in f"{program} {pair[0]} {pair[1]}"]
        counts = called(program, build) if wanted else {}
        for call, error in wanted:
            if counts.get(call):
                yield program, call, error, counts[call]


def show(row, done, total):
    """A line of progress, and the findings."""
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(row.kinds.items()))
    print(f"[{done:3}/{total}] {row.program:16} {row.call:15} {row.error:12} "
          f"{row.runs:4} runs {row.faults:4} faults  {kinds}", flush=True)
    for text in row.findings[:ENOUGH]:
        print(f"    FINDING {text}", flush=True)
    if len(row.findings) > ENOUGH:
        print(f"    and {len(row.findings) - ENOUGH} more", flush=True)


def summarise(rows):
    """The table by program and call; the number of findings."""
    table = collections.defaultdict(lambda: [set(), 0, 0, collections.Counter(), 0])
    for row in rows:
        line = table[row.program, row.call]
        line[0].add(row.error)
        line[1] += row.runs
        line[2] += row.faults
        line[3].update(row.kinds)
        line[4] += len(row.findings)
    print(f"\n{'program':20} {'call':15} {'errors':>6} {'runs':>6} {'faults':>6} {'found':>5}")
    for (program, call), (errors, runs, faults, kinds, found) in table.items():
        if faults:
            words = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
            print(f"{program:20} {call:15} {len(errors):6} {runs:6} {faults:6} {found:5}  {words}")
    findings = sum(len(row.findings) for row in rows)
    print(f"{sum(row.runs for row in rows)} runs, {sum(row.faults for row in rows)} faults, "
          f"{findings} findings")
    return findings


def run_all(build, jobs, only):
    """The full form; all rows."""
    todo = list(tasks(build, only))
    rows = []
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        waiting = [pool.submit(chain, program, call, error, build, 1, float("inf"))
                   for program, call, error, _ in todo]
        for done, future in enumerate(concurrent.futures.as_completed(waiting), 1):
            rows.append(future.result())
            show(rows[-1], done, len(todo))
    return rows


def single(program, call, error, nth, build):
    """One fault, as a Row."""
    try:
        if program in SERVERS:
            outcome = serve(program, build, (call, error, nth))
        else:
            outcome = tool_of(program, build).once((call, error, nth))
        return Row(program, call, error, 1, int(outcome.happened), {outcome.kind: 1},
                   [f"call {nth}: {text}" for text in outcome.findings])
    except Exception as trouble:  # pylint: disable=broad-except
        return Row(program, call, error, 0, 0, {}, [f"{type(trouble).__name__}: {trouble}"])


def run_some(build, seconds, seed, only="", but=()):
    """The quick form: as many faults as there is time for, but none of these calls; all rows."""
    end = time.monotonic() + seconds
    rows, points = [], []
    for program, call, error, count in tasks(build, only):
        if call in but:
            continue
        if program.startswith("library"):
            if call in ("allocation", "recvmsg", "sendmsg", "socket"):
                rows.append(chain(program, call, error, build, 3, end))
        else:
            points += [(program, call, error, nth) for nth in range(1, count + 1)]
    random.Random(seed).shuffle(points)
    for point in points:
        if time.monotonic() > end:
            break
        rows.append(single(*point, build))
    for kept in list(_cache.values()):
        if hasattr(kept, "stop"):
            kept.stop()
    _cache.clear()
    return rows


def main():
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Path("build-asan"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="", help="a part of PROGRAM CALL ERROR")
    parser.add_argument("--quick", type=float, default=0, metavar="SECONDS")
    parser.add_argument("--seed", type=int, default=1)
    words = parser.parse_args()
    build = words.build.resolve()
    if words.quick:
        rows = run_some(build, words.quick, words.seed, words.only)
    else:
        rows = run_all(build, words.jobs, words.only)
    for row in rows:
        if words.quick and row.findings:
            show(row, 0, 0)
    return 1 if summarise(rows) else 0


if __name__ == "__main__":
    sys.exit(main())
