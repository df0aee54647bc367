"""A sample of what `make faults` does in full: single calls fail, and nothing comes of it."""

import os

import pytest

from fault import faults
from support import needs, paths

SECONDS = 6
SEED = int(os.environ.get("SCACHE_SEED", "1"))
# gcov crashes when it gets no memory at the end of a process.
BUT = ("allocation",) if paths.measuring_coverage() else ()

pytestmark = pytest.mark.skipif(not (paths.build() / "tests/fault/fault_scache").exists(),
                                reason="tests/fault: not built")


def try_some(program):
    """As many faults as there is time for."""
    rows = faults.run_some(paths.build(), SECONDS, SEED, program, BUT)
    findings = [f"{row.program} {row.call} {row.error} {text}"
                for row in rows for text in row.findings]
    assert not findings, "\n".join(findings)
    assert sum(row.faults for row in rows) > 0


def test_faults_of_the_standalone_server():
    """On its own."""
    needs.root()
    try_some("standalone")


def test_faults_under_master():
    """As master(8) starts it."""
    try_some("master")


def test_faults_of_the_standalone_library():
    """The client library, against a server without faults."""
    try_some("library")


def test_faults_of_the_standalone_tool():
    """scachectl."""
    try_some("scachectl")
