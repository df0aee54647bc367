"""What the history tells over the control socket: why look-ups missed."""

import os
import socket

import pytest

from support.alone import Place
from support.client import Client, encode
from support.control import Control

REASONS = "dead evicted dropped unbound expired in_use unknown".split()


@pytest.fixture
def place():
    where = Place()
    yield where
    where.end()


class Cached:
    """Puts and takes; the far ends stay open in `pairs`."""

    def __init__(self, server):
        self.client = Client(server.path)
        self.pairs = []

    def put(self, label, destination, ttl=50):
        """Save a connection and a binding to it."""
        near, far = socket.socketpair()
        data = encode(("request", "put"), ("ttl", str(ttl)), ("label", label), ("property", "p"),
                      ("ttl", str(ttl)), ("label", destination), ("property", "d"))
        socket.send_fds(self.client.sock, [data], [near.fileno()])
        assert self.client.read_list()[0][0] == ("status", "0")
        near.close()
        self.pairs.append(far)

    def take(self, label, destination=""):
        """The status of a take."""
        self.client.send(encode(("request", "take"), ("label", destination), ("label", label)))
        reply, fds = self.client.read_list()
        for fd in fds:
            os.close(fd)
        return int(reply[0][1])


def misses(stats, by):
    """The misses of that kind, by reason, without those that are 0."""
    counted = {reason: stats[("lookup_misses", f'by="{by}",reason="{reason}"')]
               for reason in REASONS}
    assert sum(counted.values()) == stats[("lookups", f'by="{by}",result="miss"')]
    return {reason: count for reason, count in counted.items() if count}


def control_of(server):
    return Control(f"{server.path}.control")


def arrange(server, control):
    """A miss of most kinds: returns the clients."""
    cached = Cached(server)
    assert cached.take("e", "d") == 2
    cached.put("e", "d")
    assert cached.take("e", "d") == 0
    assert cached.take("e", "d") == 2
    cached.put("e", "d")
    cached.pairs[-1].close()
    assert cached.take("e", "d") == 2
    cached.put("e", "d")
    assert control.status("drop", kind="endpoints", label="e") == 0
    assert cached.take("e", "d") == 2
    for _ in range(3):
        cached.put("f", "d")
    for _ in range(2):
        assert cached.take("f") == 0
    assert cached.take("f") == 2
    return cached


OPTIONS = ("-o", "connection_cache_endpoint_session_limit=2")


def test_each_miss_has_a_reason(place):
    server = place.serve(*OPTIONS)
    with control_of(server) as control:
        arrange(server, control)
        stats = control.stats()
        assert misses(stats, "domain") == {"unknown": 1, "in_use": 1, "dead": 1, "dropped": 1}
        assert misses(stats, "address") == {"evicted": 1}
        assert stats[("history_places", "")] == 3


def test_without_a_history_nothing_is_known(place):
    server = place.serve(*OPTIONS, "-o", "connection_cache_history_limit=0")
    with control_of(server) as control:
        arrange(server, control)
        stats = control.stats()
        assert misses(stats, "domain") == {"unknown": 4}
        assert misses(stats, "address") == {"unknown": 1}
        assert stats[("history_places", "")] == 0
