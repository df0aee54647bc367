"""Started by somebody who expects something else: the reason is on standard error."""

import os
import socket

import pytest

from support import launch, needs, paths
from support.process import Process

HINT = "do not run this command by hand"
WRONG = {
    "nothing": ([], "fatal: service scache requires a process limit of 1"),
    "-h": (["-h"], "fatal: invalid option: h"),
    "a word": (["start"], "fatal: unexpected command-line argument: start"),
    "as in master.cf": (["-l", "-n", "scache", "-t", "unix", "-u"],
                        "fatal: descriptor 6 is not open"),
}


def start(directory, args, **more):
    """A process without a terminal, as in a container or under cron."""
    environment = {"PATH": "/usr/bin:/bin", "POSTLOG_SERVICE": "/nonexistent/postlog"}
    return Process([paths.program(), *args], env=environment, output=directory / "output",
                   **more)


@pytest.mark.parametrize("case", WRONG)
def test_by_hand(tmp_path, case):
    """Why, and what to do instead."""
    args, reason = WRONG[case]
    one = start(tmp_path, args)
    assert one.wait(5) == 1
    said = one.text().splitlines()
    assert said[0] == f"scache: {reason}" or said[0].startswith(f"scache: {reason}:")
    assert HINT in said[1] and "--listen PATH" in said[2] and len(said) == 3


@pytest.mark.parametrize("number", [5, 6])
def test_by_hand_with_other_descriptors(tmp_path, number):
    """What is open by chance does not make it a service."""
    with open("/dev/null", "rb") as null, socket.socket(socket.AF_UNIX) as sock:
        fds = {5: null.fileno(), 6: null.fileno(), number: sock.fileno()}
        one = start(tmp_path, ["-l", "-n", "scache", "-t", "unix", "-Q"], fds=fds)
        assert one.wait(5) == 1
    assert "scache: fatal: invalid option: Q" in one.text()


def test_service_says_nothing_on_standard_error():
    """What master(8) has started has a log, and nobody reads its standard error."""
    needs.postfix()
    with launch.MasterServer(args=["-Q"]) as server:
        assert server.wait_exit(5) == 1
        assert server.text() == ""
        assert "fatal: invalid option: Q" in server.logged()


def test_standard_io_says_why(tmp_path):
    """-S is no service either; it speaks with its client on standard input and output."""
    near, far = socket.socketpair()
    with near, far:
        one = start(tmp_path, ["-S", "-o", "connection_cache_ttl_limit=soon"],
                    fds={0: near.fileno(), 1: near.fileno()})
        assert one.wait(5) == 1
    assert "fatal: " in one.text() and "soon" in one.text()
    assert os.path.basename(one.output) == "output"
