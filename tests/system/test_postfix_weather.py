"""A private Postfix in bad weather: reload, a removed service, kills."""

import os
import signal
import time

import pytest

from support.client import Client, keep
from support.postfix import Postfix
from support.process import cpu_seconds
from support.waiting import wait_until

HALF_A_REQUEST = b"request\0find_endp\0la"


@pytest.fixture
def postfix():
    """An instance with the build as its cache service."""
    with Postfix() as one:
        yield one


def wake(one):
    """Have master start the cache server, by asking it something; returns its process id."""
    with Client(one.socket_path()) as client:
        assert client.find_endp("wake")[0] == 2
    return one.scache_pid()


def serving(one):
    """The process that serves, which need not be there before somebody asks for something."""
    wait_until(lambda: served_by_another(one, None), 5, "a cache server")
    return one.scache_pid()


def gone(pid):
    """Whether a process has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_reload_under_load(postfix):
    """Every old process finishes and logs; every message arrives; nobody warns of the cache.

    All mail is in the queue before the first reload, because other services of Postfix do warn
    of each other, and refuse mail, when they are reloaded while mail comes in.
    """
    postfix.sink.pause()
    postfix.send(900)
    postfix.sink.go_on()
    seen = set()
    for count in (100, 300, 500):
        postfix.wait_delivered(count)
        seen.add(serving(postfix))
        postfix.reload()
    postfix.wait_delivered(900)
    seen.add(serving(postfix))
    assert len(seen) >= 3
    postfix.wait_log(r"scache\[\d+\]: statistics: start interval", len(seen) - 1)
    assert postfix.reused() >= 700
    assert [line for line in postfix.problems() if "scache" in line] == []


def test_reload_with_a_stuck_client(postfix):
    """A client in mid-request keeps nobody waiting: the new process serves within 1.5 s."""
    old = wake(postfix)
    with Client(postfix.socket_path()) as stuck:
        stuck.send_and_see_read(HALF_A_REQUEST)
        start = time.monotonic()
        postfix.reload()
        # Closed before it is served when the old process had it in hand already: come again.
        wait_until(lambda: served_by_another(postfix, old), 5, "the new process")
        assert time.monotonic() - start < 1.5
        assert gone(old)
    assert postfix.problems() == []


def served_by_another(one, old):
    """Whether a request is answered, by another process than the old one."""
    try:
        with Client(one.socket_path()) as client:
            assert client.find_endp("x")[0] == 2
    except (AssertionError, ConnectionError, EOFError):
        return False
    return one.pids() not in ([], [old])


def test_line_removed(postfix):
    """The service taken out of master.cf: the process goes, and master has nothing to do."""
    pid = wake(postfix)
    with Client(postfix.socket_path()) as client:
        far = keep(client, "x")
        postfix.write_master_cf("")
        postfix.reload()
        wait_until(lambda: gone(pid), 3, "the end of the cache server")
        before = cpu_seconds(postfix.master.pid)
        time.sleep(1)  # The second over which master's use of the processor is measured.
        assert cpu_seconds(postfix.master.pid) - before < 0.2
        far.close()
    assert postfix.master.alive()
    assert postfix.problems() == []


@pytest.mark.parametrize("half", [b"", HALF_A_REQUEST], ids=["idle", "mid-request"])
def test_master_killed(postfix, half):
    """Without a master there is nothing to serve for: the process ends by itself."""
    pid = wake(postfix)
    with Client(postfix.socket_path()) as client:
        client.send(half)
        postfix.master.kill()
        wait_until(lambda: gone(pid), 2, "the end of the cache server")


def test_cache_killed_in_mid_run(postfix):
    """kill -9: mail still flows, and master starts the service again at once."""
    sender = postfix.start_sending(900)
    postfix.wait_delivered(200)
    pid = postfix.scache_pid()
    os.kill(pid, signal.SIGKILL)
    start = time.monotonic()
    wait_until(lambda: postfix.pids() not in ([], [pid]), 5, "another cache server")
    assert time.monotonic() - start < 1.5
    assert sender.wait(60) == 0
    postfix.wait_delivered(900)
    assert postfix.lines(r"killed by signal 9")
    assert not postfix.lines(r"bad command startup")
    assert postfix.reused() >= 600


def test_killed_after_one_request(postfix):
    """One request is enough for master to take a later crash for an accident."""
    for _ in range(3):
        pid = wake(postfix)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: gone(pid), 2, "its end")
        with Client(postfix.socket_path(), timeout=1.5):
            pass
    assert not postfix.lines(r"bad command startup|throttling")


def test_bad_parameter_value(postfix):
    """A value that does not parse is fatal, and master says that the process did not start."""
    with open(postfix.config / "main.cf", "a", encoding="utf-8") as file:
        file.write("connection_cache_session_limit = plenty\n")
    with pytest.raises((AssertionError, OSError)):
        Client(postfix.socket_path(), timeout=1.8)
    fatal = postfix.wait_log(r"scache\[\d+\]: fatal: ")
    line = len((postfix.config / "main.cf").read_text(encoding="utf-8").splitlines())
    for part in ("main.cf", f"line {line}", "connection_cache_session_limit", "plenty"):
        assert part in fatal[0]
    postfix.wait_log(r"master\[\d+\]: warning: .*scache.* exit status 1")
