#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs all tests of a build directory and counts what really ran.

Unit tests are programs that meson runs and cmocka counts; the tests of whole
programs are pytest's. The last line is the sum, and skips are named.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Tests mostly wait: for expiry, for a master's pause, for a mail to arrive.
WORKERS = "6"


def run_units(build):
    """Runs meson's tests; returns (passed, failed) as cmocka counted them."""
    subprocess.run(["meson", "test", "-C", build, "--no-rebuild", "--print-errorlogs"], check=False)
    passed = failed = 0
    for line in (Path(build) / "meson-logs" / "testlog.json").read_text().splitlines():
        test = json.loads(line)
        output = test.get("stdout", "") + test.get("stderr", "")
        ok = sum(int(n) for n in re.findall(r"\[  PASSED  \] (\d+) test", output))
        bad = sum(int(n) for n in re.findall(r"\[  FAILED  \] (\d+) test", output))
        if test["result"] == "OK":
            # A program that counts nothing itself is one test.
            ok = ok or 1
        else:
            # It may have died before it could count.
            bad = bad or 1
        passed += ok
        failed += bad
    return passed, failed


def run_pytest(build):
    """Runs pytest; returns (passed, failed, skipped)."""
    command = [sys.executable, "-m", "pytest", "-q", "-rfE", "--color=no", "-p", "no:cacheprovider",
               "-n", WORKERS, "--dist", "loadfile", str(ROOT / "tests")]
    environment = dict(os.environ, SCACHE_BUILD=str(Path(build).resolve()),
                       PYTHONDONTWRITEBYTECODE="1")
    run = subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT)
    last = ""
    for line in run.stdout:
        print(line, end="", flush=True)
        if line.strip():
            last = line
    run.wait()
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|error|skipped)", last)}
    failed = counts.get("failed", 0) + counts.get("error", 0)
    if run.returncode not in (0, 1) or (run.returncode == 1 and failed == 0):
        failed += 1
    return counts.get("passed", 0), failed, counts.get("skipped", 0)


def main():
    """Returns the exit status: 0 when nothing failed."""
    if len(sys.argv) != 2:
        print("usage: tools/check.py BUILD-DIRECTORY", file=sys.stderr)
        return 2
    unit_passed, unit_failed = run_units(sys.argv[1])
    passed, failed, skipped = run_pytest(sys.argv[1])
    total = f"{unit_passed + passed} passed, {unit_failed + failed} failed"
    print(f"{total}, {skipped} skipped" if skipped else total)
    return 1 if unit_failed + failed else 0


if __name__ == "__main__":
    sys.exit(main())
