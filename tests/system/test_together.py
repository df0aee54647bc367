"""Clients that speak at the same time: each gets what is theirs, and never what has died."""

import contextlib
import os
import signal
import socket

import pytest

from support import alone
from support.client import DUMMY, encode, inode, receive, send_with_fds
from support.waiting import wait_until

CLIENTS = 40


@pytest.fixture(name="place")
def fixture_place():
    """A directory for one test."""
    one = alone.Place()
    yield one
    one.end()


class Pair:
    """A socket pair whose one end is for the cache."""

    def __init__(self):
        self.near, self.far = socket.socketpair()
        self.inode = inode(self.near.fileno())

    def put(self, client, destination, endpoint):
        """Put the one end, and keep only the other."""
        send_with_fds(client.sock,
                      encode(("request", "put"), ("ttl", 60), ("label", endpoint),
                             ("property", f"of {endpoint}"), ("ttl", 60), ("label", destination),
                             ("property", f"of {destination}")), [self.near.fileno()])
        assert client.read_list()[0] == [("status", "0")]
        self.near.close()

    def die(self):
        """Close the far end."""
        self.far.close()


@contextlib.contextmanager
def paused(server):
    """What is said in here reaches the server all at once."""
    os.kill(server.process.pid, signal.SIGSTOP)
    wait_until(lambda: open(f"/proc/{server.process.pid}/stat", encoding="ascii").read()
               .rsplit(")", 1)[1].split()[0] == "T", 5)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def taken(client):
    """(status, endpoint label, inode or None) of the reply to a take."""
    values, fds = client.read_list()
    number = inode(fds[0]) if fds else None
    for fd in fds:
        os.close(fd)
    assert (number is None) == (values[0][1] != "0")
    return int(values[0][1]), values[1][1], number


def take(destination, *endpoints):
    """The bytes of a take."""
    return encode(("request", "take"), ("label", destination),
                  *(("label", endpoint) for endpoint in endpoints))


def fill(client, dead):
    """A connection for each client, some of which are dead; returns the pairs."""
    pairs = [Pair() for _ in range(CLIENTS)]
    for number, pair in enumerate(pairs):
        pair.put(client, f"d{number}", f"e{number}")
        if dead(number):
            pair.die()
    return pairs


@pytest.mark.parametrize("dead", [lambda n: n % 3 == 0, lambda n: True, lambda n: False],
                         ids=["some dead", "all dead", "none dead"])
def test_together_each_gets_their_own(place, dead):
    """Takes that come at once, of connections some of which have died meanwhile."""
    server = place.serve("-v")
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(server.connect()) for _ in range(CLIENTS)]
        pairs = fill(clients[0], dead)
        with paused(server):
            for number, client in enumerate(clients):
                client.send(take(f"d{number}"))
        for number, client in enumerate(clients):
            wanted = (2, "", None) if dead(number) else (0, f"e{number}", pairs[number].inode)
            assert taken(client) == wanted
        for pair in pairs:
            pair.die()
    hits = sum(not dead(number) for number in range(CLIENTS))
    assert server.end() == 0
    text = server.text()
    if hits:
        assert f"domain lookup hits={hits} miss={CLIENTS - hits} " in text
    else:
        assert "domain lookup hits=0 miss=40 success=0%" in text
    assert text.count(": found") == hits
    assert text.count(": not found") == CLIENTS - hits


def test_together_for_one_endpoint(place):
    """More ask than there are living connections: each of those goes out once."""
    server = place.serve()
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(server.connect()) for _ in range(CLIENTS)]
        pairs = [Pair() for _ in range(CLIENTS)]
        for number, pair in enumerate(pairs):
            pair.put(clients[0], "d", f"e{number % 3}")
            if number % 2:
                pair.die()
        with paused(server):
            for client in clients:
                client.send(take("d"))
        found = [taken(client)[2] for client in clients]
        alive = sorted(pair.inode for pair in pairs[::2])
        assert sorted(number for number in found if number) == alive
        for pair in pairs:
            pair.die()
    assert server.end() == 0
    assert f"domain lookup hits={CLIENTS // 2} miss={CLIENTS // 2} " in server.text()


def test_together_one_says_everything_at_once(place):
    """Several takes in one message, the dead in between: answered in order."""
    server = place.serve()
    with server.connect() as client:
        pairs = fill(client, lambda number: number % 2)
        client.send(b"".join(take(f"d{number}", f"e{(number + 2) % CLIENTS}")
                             for number in range(0, 8)))
        # Its own, or when that is dead another one's, or when that is gone or dead too nothing.
        wanted = [0, None, 2, None, 4, None, 6, None]
        for number in wanted:
            expected = (2, "", None) if number is None else (0, f"e{number}", pairs[number].inode)
            assert taken(client) == expected
        for pair in pairs:
            pair.die()


def test_together_the_next_endpoint_is_tried(place):
    """The destination's is dead: what else a take names is tried, and only then it is a miss."""
    server = place.serve()
    with server.connect() as client:
        pairs = fill(client, lambda number: number < 2)
        client.send(take("d0", "e1", "e2"))
        assert taken(client) == (0, "e2", pairs[2].inode)
        client.send(take("d0", "e1", "e2"))
        assert taken(client) == (2, "", None)
        for pair in pairs:
            pair.die()
    assert server.end() == 0
    assert "domain lookup hits=1 miss=1 " in server.text()


def test_together_find_answered_before_the_answer_came(place):
    """A client that says both dummies ahead gets another connection, not the dead one."""
    server = place.serve()
    with server.connect() as client:
        dead, alive = Pair(), Pair()
        dead.put(client, "d", "e")
        alive.put(client, "d", "e")
        dead.die()
        client.send(encode(("request", "find_dest"), ("label", "d")) + DUMMY + DUMMY)
        assert client.read_list()[0] == [("status", "0"), ("property", "of d"),
                                         ("property", "of e")]
        data, fds = receive(client.sock, 1)
        assert data == b"\0" and [inode(fd) for fd in fds] == [alive.inode]
        os.close(fds[0])
        assert client.find_dest("d")[0] == 2
        alive.die()
