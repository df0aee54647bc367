"""A server that root has started and that is to run as somebody else."""

import os
import socket

import pytest

from support import alone, needs, paths
from support.client import Client
from support.process import children

USER = "nobody"
NOBODY, EVE = 65534, 12003

WAYS = {
    "option": ["--user", USER],
    "number": ["--user", NOBODY],
    "parameter": ["-o", f"connection_cache_user={USER}"],
    "the last one": ["--user", "root", "-o", f"connection_cache_user = {USER}"],
}


@pytest.fixture(name="place")
def fixture_place():
    """A directory for one test, which that user may write to."""
    needs.root(NOBODY)
    one = alone.Place()
    os.chown(one.path, NOBODY, NOBODY)
    yield one
    one.end()


def identity(pid):
    """The users and groups of a process: real, effective, saved, of files; and other groups."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        fields = dict(line.split(":\t", 1) for line in file if ":\t" in line)
    return [{int(number) for number in fields[name].split()} for name in ("Uid", "Gid", "Groups")]


def may_look(path):
    """What a request gives; "refused" when nobody speaks to it."""
    try:
        with Client(path, 2) as client:
            return client.find_endp("x")[0]
    except (OSError, EOFError, AssertionError):
        return "refused"


@pytest.mark.parametrize("way", WAYS)
def test_standalone_user(place, way):
    """All its processes are that user's, its socket is, and he may connect, as root may."""
    server = place.serve(*WAYS[way], "--mode", "0666")
    for pid in [server.process.pid, *children(server.process.pid)]:
        users, groups, others = identity(pid)
        assert (users, groups) == ({NOBODY}, {NOBODY}) and others <= {NOBODY}
    info = os.stat(server.path)
    assert (info.st_uid, info.st_gid) == (NOBODY, NOBODY)
    assert [alone.as_user(user, lambda: may_look(server.path)) for user in (NOBODY, EVE)] == [
        2, "refused"]
    assert may_look(server.path) == 2
    assert [line for line in server.lines() if "may not connect" not in line] == []
    assert server.end() == 0
    assert os.listdir(place.path) == ["output0"]


def test_standalone_user_of_its_own_socket(place):
    """By default the socket is that user's alone; --owner and --group say otherwise."""
    server = place.serve("--user", USER)
    assert alone.as_user(NOBODY, lambda: may_look(server.path)) == 2
    other = place.serve("--user", USER, "--owner", EVE, "--group", EVE, listen="other")
    info = os.stat(other.path)
    assert (info.st_uid, info.st_gid) == (EVE, EVE)


def test_standalone_user_at_an_activated_socket(place):
    """A service manager that starts it as root."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(place / "socket"))
        sock.listen(10)
        server = place.serve("--user", USER, listen=None, sockets=[sock])
        assert identity(server.process.pid)[0] == {NOBODY}


def test_standalone_user_reads_its_configuration_again(place):
    """As that user; it changes no more."""
    path = place / "scache.conf"
    path.write_text(f"connection_cache_user = {USER}\n")
    server = place.serve("--config", path)
    path.write_text("connection_cache_user = root\n")
    server.reload()
    assert server.lines()[0] == ("scache: warning: connection_cache_user has changed: that needs a "
                                 "restart")
    path.chmod(0o600)
    server.reload("the configuration stays as it was")
    assert "Permission denied" in server.text()


@pytest.mark.skipif(paths.is_sanitized(), reason="only a sandbox looks ahead")
def test_standalone_user_in_a_directory_of_roots(place):
    """He cannot remove the socket there, and is told; the next one can all the same."""
    os.chown(place.path, 0, 0)
    for _ in range(2):
        server = place.serve("--user", USER)
        assert [line.partition(": without")[0] for line in server.lines()] == [
            f"scache: warning: {server.path}"]
        assert server.end() == 0
        assert server.path.exists()


def test_standalone_user_unknown(place):
    """Nothing is begun."""
    for args in (["--user", "no-such-user"], ["--user", 4294967294],
                 ["-oconnection_cache_user=no-such-user"]):
        assert "connection_cache_user = " in (said := place.refuse(*args))
        assert said.rstrip().endswith(": no such user")
    assert "--user xxx" in place.refuse("--user", 300 * "x")
    assert not (place / "socket").exists()


def test_standalone_user_cannot_be_changed_by_others(place):
    """Who is not root cannot become anybody: it goes on, and says so, unless it is that user."""
    nobody = ["/usr/bin/setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    server = place.serve("--user", "root", prefix=nobody)
    assert identity(server.process.pid)[0] == {NOBODY}
    assert [line for line in server.lines() if "it was not started by root" in line]
    assert server.end() == 0
    assert place.serve("--user", USER, prefix=nobody).lines() == []
