"""Lets every test say `from support import …`; counts what this machine cannot run."""

import collections
import os
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from support import paths  # noqa: E402


def pytest_configure():
    """A run that is terminated ends like an interrupted one: every server is stopped.

    What is started in the background is often deaf to interrupts, and so would be all that the
    tests start.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Where Postfix's commands are, and what only root has in the path.
    os.environ["PATH"] = os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"


def skip_for_sanitizers(item):
    """What a sanitized server cannot do: its leak check needs /proc, its memory is not ours."""
    if "chroot" in item.name or "memory_level" in item.name:
        item.add_marker(pytest.mark.skip(reason="not with a sanitizer"))


def pytest_collection_modifyitems(items):
    """Whatever else a test takes that is not there, support/needs.py finds out as it runs."""
    if str(paths.build()).endswith("-asan"):
        for item in items:
            skip_for_sanitizers(item)


def pytest_terminal_summary(terminalreporter):
    """Skips by reason, a line each."""
    reasons = collections.Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", []))
    for reason, count in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])):
        terminalreporter.write_line(f"skipped {count}: {reason}")
