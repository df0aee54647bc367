"""Lets every test say `from support import …`; skips what this machine cannot run."""

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


def skip_for_sanitizers(item):
    """What a sanitized server cannot do: its leak check needs /proc, its memory is not ours."""
    if "chroot" in item.name or "memory_level" in item.name:
        item.add_marker(pytest.mark.skip(reason="not with a sanitizer"))


def pytest_collection_modifyitems(items):
    """Starting a server as master(8) does it takes root; comparing with Postfix takes Postfix."""
    if str(paths.build()).endswith("-asan"):
        for item in items:
            skip_for_sanitizers(item)
    why = "takes root" if os.geteuid() else ""
    if not paths.POSTFIX_SCACHE.exists():
        why = "takes Postfix"
    if why:
        for item in items:
            if "standalone" not in item.name and "manual" not in item.name:
                item.add_marker(pytest.mark.skip(reason=why))
