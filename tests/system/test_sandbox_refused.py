"""A kernel, or the filter of a container, that refuses a system call: all goes on without it.

What is refused is refused by a real filter, to real servers.
"""

import os

import pytest

from support import alone, launch, paths
from support.client import keep

pytestmark = pytest.mark.skipif(paths.is_sanitized(), reason="there is no sandbox in this build")

ERRORS = ["ENOSYS", "EPERM"]
FILES = "warning: sandbox: cannot give up files"
CALLS = "warning: sandbox: cannot give up system calls"
CORES = "warning: sandbox: cannot prevent core dumps"
PRIVILEGES = "warning: sandbox: cannot give up new privileges"
CAPABILITIES = "warning: sandbox: cannot give up capabilities"
WATCHDOG = "warning: there is no watchdog"
CLOSER = "warning: cannot start a process that closes sockets"

# What is refused, and all that is said about it. A number is the call's first argument: what
# prctl(2) is to do.
REFUSED = {
    "landlock_create_ruleset": [],
    "landlock_add_rule": [FILES],
    "landlock_restrict_self": [FILES],
    "landlock_create_ruleset,landlock_add_rule,landlock_restrict_self": [],
    "seccomp,prctl:22": [CALLS],
    "prctl:4": [CORES],
    "prctl:38": [PRIVILEGES, FILES, CALLS],
    "prctl:47": [],
    "prctl:23,prctl:24": [],
    "capset": [CAPABILITIES],
    "capget": [CAPABILITIES],
    "capget,capset": [CAPABILITIES],
    "prlimit64,getrlimit,setrlimit": [CORES],
    "getrandom": [],
    "timer_settime": [WATCHDOG],
    "epoll_create1,epoll_create": [],
    "eventfd2,eventfd": [],
    "close_range": [],
    "clone3": [],
}
# Under master(8) another user serves, who has none, and there are no files to remove at the end.
LESS_UNDER_MASTER = {"capset": [], "landlock_add_rule": []}


@pytest.fixture(name="place")
def fixture_place():
    """A directory for one test."""
    one = alone.Place()
    yield one
    one.end()


def refusing(calls, error):
    """The command in front of a server to which these calls are refused."""
    return [paths.build() / "tests/refuse", error, calls]


def expected(calls, error):
    """What is said about it; who has no privileges cannot be refused to give them up."""
    lines = REFUSED[calls]
    if os.geteuid() and calls == "capset":
        lines = []
    if os.geteuid() and calls == "prctl:38":
        pytest.skip("whoever has no privileges cannot be filtered without giving up more")
    return lines


def works(server):
    """A connection is saved and found."""
    with server.connect() as client, keep(client, "x") as far:
        status, *_, fd = client.find_endp("x")
        far.sendall(b"!")
        assert (status, os.read(fd, 1)) == (0, b"!")
        os.close(fd)


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("calls", REFUSED)
def test_standalone_without_a_call(place, calls, error):
    """It says what it cannot give up, once, serves, and ends in good order."""
    wanted = expected(calls, error)
    server = place.serve("-o", "connection_cache_sandbox=yes", prefix=refusing(calls, error))
    works(server)
    assert server.end() == 0
    said = [line.partition(": ")[2].rpartition(": ")[0] for line in server.lines()]
    assert said == wanted
    assert not server.path.exists() and not server.lock.exists()


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("calls", REFUSED)
def test_without_a_call(calls, error):
    """The same under master(8), in a jail."""
    with launch.MasterServer(prefix=refusing(calls, error),
                             args=["-c", "-o", "connection_cache_sandbox=yes"]) as server:
        server.ready()
        works(server)
        server.hang_up()
        assert server.wait_exit(5) == 0
        said = [record.partition("]: ")[2] for record in server.records]
        assert [line.rpartition(": ")[0] for line in said if "statistics" not in line] == \
            LESS_UNDER_MASTER.get(calls, REFUSED[calls])


@pytest.mark.parametrize("calls", [calls for calls, said in REFUSED.items()
                                   if any("sandbox" in line for line in said)])
def test_standalone_that_is_to_die_rather_than_go_without(place, calls):
    """With connection_cache_sandbox=kill what cannot be given up is fatal."""
    if not expected(calls, "EPERM"):
        pytest.skip("nothing is missed here")
    said = place.refuse("-o", "connection_cache_sandbox=kill", prefix=refusing(calls, "EPERM"))
    assert f"fatal: {REFUSED[calls][0].partition(': ')[2]}" in said
    assert not (place / "socket").exists()
