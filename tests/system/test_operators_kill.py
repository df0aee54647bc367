"""kill -9 at every step: the next server starts, nobody is handed a wrong connection.

The start-up, a system call at a time, is in test_standalone.py.
"""

import os
import re
import signal
import socket
import time

import pytest

from support import alone, launch
from support.client import (DUMMY, Client, at_eof, encode, inode, keep, receive, receive_exactly,
                            send_with_fds)
from support.postfix import Postfix
from support.process import session_members
from support.waiting import wait_until

SAVE = encode(("request", "save_endp"), ("ttl", 9), ("label", "x"), ("property", "p"))
BIND = encode(("request", "save_dest"), ("ttl", 9), ("label", "d"), ("property", "q"),
              ("label", "x"))
FIND = encode(("request", "find_endp"), ("label", "there"))
FIND_DEST = encode(("request", "find_dest"), ("label", "way"))
PUT = encode(("request", "put"), ("ttl", 9), ("label", "x"), ("property", "p"))
TAKE = encode(("request", "take"), ("label", "way"), ("label", "there"))
OK = encode(("status", "0"))


@pytest.fixture(name="place")
def fixture_place():
    """A directory for one test."""
    one = alone.Place()
    yield one
    one.end()


# The steps of each exchange, of which a client takes so many: text to send, "fd" to send a byte
# with a descriptor, and None to wait for whatever comes.
EXCHANGES = {
    "save_endp": (SAVE, None, "fd", None),
    "save_dest": (BIND, None),
    "find_endp": (FIND, None, DUMMY, None, DUMMY),
    "find_dest": (FIND_DEST, None, DUMMY, None, DUMMY),
    "put": ("put", None),
    "take": (TAKE, None),
    "half a list": (SAVE[:9],),
    "two at once": (FIND + FIND_DEST, None),
}
STEPS = [(name, count) for name, steps in EXCHANGES.items() for count in range(len(steps) + 1)]


def advance(client, steps, fd):
    """Take the steps; returns the descriptors that came."""
    came = []
    for step in steps:
        if step is None:
            came += receive(client.sock, 4096)[1]
        elif step == "fd":
            send_with_fds(client.sock, b"\0", [fd])
        elif step == "put":
            send_with_fds(client.sock, PUT, [fd])
        else:
            client.send(step)
    return came


def rest(client):
    """What still comes before the end: descriptors."""
    came = []
    try:
        while True:
            data, fds = receive(client.sock, 4096)
            came += fds
            if not data:
                return came
    except ConnectionResetError:
        return came


def close_all(things):
    """Close descriptors and sockets."""
    for thing in things:
        if isinstance(thing, int):
            os.close(thing)
        else:
            thing.close()


def fresh(server):
    """A server that knows nothing of its predecessor, and works."""
    with server.connect() as client:
        for label in ("there", "x"):
            assert client.find_endp(label)[0] == 2
        for label in ("way", "d"):
            assert client.find_dest(label)[0] == 2
        with keep(client, "x") as far:
            status, _, fd = client.find_endp("x")
            assert status == 0
            far.sendall(b"!")
            assert os.read(fd, 1) == b"!"
            os.close(fd)


@pytest.mark.parametrize("name, count", STEPS, ids=[f"{n} {c}" for n, c in STEPS])
def test_standalone_killed_between_steps(place, name, count):
    """Whoever was promised something gets it or end of file; the successor begins anew."""
    server = place.serve()
    near, far = socket.socketpair()
    with server.connect() as client, near, far:
        there, identity = socket.socketpair(), None
        with there[0]:
            identity = inode(there[0].fileno())
            assert client.save_endp("there", there[0].fileno()) == 0
        assert client.save_dest("way", "there") == 0
        came = advance(client, EXCHANGES[name][:count], near.fileno())
        server.end(signal.SIGKILL)
        with pytest.raises((ConnectionRefusedError, ConnectionResetError)):
            server.connect()
        came += rest(client)
        assert [inode(fd) for fd in came] in ([], [identity]), "another connection than its own"
        near.close()
        assert at_eof(far, 3), "no copy of what was saved is left anywhere"
        close_all(came)
        assert at_eof(there[1], 3)
        there[1].close()
        second = place.serve()
        fresh(second)
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            client.send(DUMMY)
    assert second.end() == 0
    assert not second.path.exists() and not second.lock.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_standalone_killed_while_it_ends(place, number):
    """In the midst of its last seconds, with a client half-way."""
    server = place.serve()
    with server.connect() as client, keep(client, "there") as far:
        client.send(SAVE)
        assert client.read_list()[0] == [("dummy", "")]
        server.process.signal(number)
        wait_until(lambda: not server.path.exists(), 3, "the socket's end")
        server.end(signal.SIGKILL)
        assert at_eof(client.sock, 2) and at_eof(far, 3)
    fresh(place.serve())


def test_standalone_killed_while_it_reads_its_configuration(place):
    """At various moments after HUP."""
    (place / "scache.conf").write_text("connection_cache_ttl_limit = 5s\n" * 2000)
    for number in range(12):
        server = place.serve("--config", str(place / "scache.conf"))
        with server.connect() as client, keep(client, "there") as far:
            server.process.signal(signal.SIGHUP)
            time.sleep(number * 0.0005)  # Another moment each time.
            server.end(signal.SIGKILL)
            assert at_eof(client.sock, 2) and at_eof(far, 3)
    fresh(place.serve())


def test_standalone_helpers_end_with_it(place):
    """Whatever processes it has made are gone when it was killed: they would keep things open."""
    server = place.serve()
    with server.connect() as client, keep(client, "there") as far:
        server.end(signal.SIGKILL)
        assert at_eof(far, 3)
    wait_until(lambda: not session_members(server.process.pid), 3, "the end of its helpers")


@pytest.mark.parametrize("count", range(len(EXCHANGES["find_endp"]) + 1))
def test_killed_between_steps_under_master(count):
    """Master keeps the socket: the next process serves whoever has connected meanwhile."""
    with launch.MasterServer() as server:
        with server.connect() as client, keep(client, "there") as far:
            came = advance(client, EXCHANGES["find_endp"][:count], -1)
            os.kill(server.process.pid, signal.SIGKILL)
            early = Client(server.path, greeting=False)
            server.respawn()
            came += rest(client)
            assert len(came) <= 1
            close_all(came)
            assert at_eof(far, 3)
            greeting = receive_exactly(early.sock, 1)[0]
            assert greeting == b"p"
            early.close()
        fresh(server)


def test_killed_again_and_again_under_postfix():
    """While mail flows: every message arrives, once, and only the kills are warned of."""
    # One that is killed before its first request makes master wait.
    with Postfix(params={"service_throttle_time": "1s"}) as postfix:
        sender = postfix.start_sending(1500)
        killed = set()
        for _ in range(6):
            pid = postfix.scache_pid()
            killed.add(pid)
            time.sleep(0.15)  # Let some mail pass.
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda old=pid: old not in postfix.pids(), 3, "its end")
        assert sender.wait(60) == 0
        postfix.wait_delivered(1500)
        assert postfix.sink.counters()[1] == 1500
        assert len(killed) == 6
        assert not postfix.lines(r"status=(deferred|bounced)")
        # An smtp(8) whose requests failed says so and goes on without the cache.
        expected = ("killed by signal 9|private/scache|scache: bad command startup"
                    "|disabling connection caching")
        strange = [line for line in postfix.problems() if not re.search(expected, line)]
        assert strange == []
