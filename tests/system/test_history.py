"""What the history tells over the control socket: why look-ups missed, and what would help."""

import os
import socket

import pytest

from support.alone import Place
from support.client import Client, encode
from support.control import Control
from support.waiting import wait_until

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


def test_show_tells_all_of_one_label(place):
    server = place.serve(*OPTIONS)
    with control_of(server) as control:
        arrange(server, control)
        records, status = control.ask("show", label="d")
        assert records[0]["record"] == "place" and records[0]["kind"] == "destination"
        assert (records[0]["lookups"], records[0]["hits"], records[0]["misses"]) == ("5", "1", "4")
        reasons = {one["reason"]: one["count"] for one in records if one["record"] == "reason"}
        assert reasons == {"unknown": "1", "in_use": "1", "dead": "1", "dropped": "1"}
        curve = [one for one in records if one["record"] == "curve"]
        assert [int(one["ttl"]) for one in curve] == [1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 600]
        assert [one["known"] for one in curve] == ["yes"] * 8 + ["no"] * 3
        assert all(0 <= float(one["reused"]) <= 1 for one in curve)
        assert status["count"] == "1"
        assert control.ask("show", label="d", kind="endpoints")[1]["count"] == "0"
        records, _ = control.ask("show", label="f", kind="endpoints")
        assert (records[0]["saves"], records[0]["connections"]) == ("3", "0")
        # All that were taken had been saved just before, whatever the time to live.
        assert {one["reused"] for one in records if one["record"] == "curve"} == {"1.0000"}


def test_lists_are_sorted_by_what_happened(place):
    server = place.serve()
    cached = Cached(server)
    for number in range(4):
        cached.put(f"e{number}", f"d{number}")
        for _ in range(number + 1):
            cached.take(f"e{number}")
    cached.take("e0")
    cached.take("e9")
    with control_of(server) as control:
        def labels(sort):
            records, _ = control.ask("list", kind="endpoints", sort=sort)
            return [one["label"] for one in reversed(records)]
        assert labels("lookups")[:2] == ["e3", "e2"]
        assert labels("misses")[0] == "e3"
        assert sorted(labels("hits")[:4]) == ["e0", "e1", "e2", "e3"]
        assert labels("hits")[4] == "e9"
        assert len(labels("recent")) == 5
        records, _ = control.ask("list", kind="endpoints", sort="lookups", limit=1)
        assert [(one["label"], one["lookups"], one["hits"], one["misses"], one["connections"])
                for one in records] == [("e3", "4", "1", "3", "0")]
        assert control.ask("list", kind="endpoints", sort="misses", contains="9")[1]["count"] == "1"
        cached.put("e0", "d0")
        records, _ = control.ask("list", kind="endpoints")
        assert [(one["label"], one["lookups"]) for one in records] == [("e0", "2")]
        assert int(records[0]["last_ms"]) >= 0


def test_what_advice_is_made_of(place):
    server = place.serve(*OPTIONS)
    with control_of(server) as control:
        cached = arrange(server, control)
        cached.client.sock.close()
        wait_until(lambda: control.stats()[("clients", 'state="idle"')] == 0, 5, "it to leave")
        records, status = control.ask("advise")
        advice = records[0]
        assert (advice["record"], advice["mode"]) == ("advice", "standalone")
        assert (advice["acquisitions"], advice["reused"], advice["saves"]) == ("8", "3", "6")
        assert (advice["ttl_limit_seconds"], advice["clamped"]) == ("60", "0")
        reasons = {one["reason"]: int(one["count"]) for one in records if one["record"] == "reason"}
        assert list(reasons) == REASONS and sum(reasons.values()) == 5
        assert len([one for one in records if one["record"] == "curve"]) == 11
        limits = [one for one in records if one["record"] == "limit"]
        assert [(one["parameter"], one["lost"], one["more"]) for one in limits] == [
            ("connection_cache_endpoint_session_limit", "1", "1")]
        busiest = [one for one in records if one["record"] == "place"]
        assert [(one["label"], one["acquisitions"], one["reused"], one["dead"])
                for one in busiest] == [("d", "5", "1", "1")]
        assert int(status["count"]) == len(records)
        assert control.status("advise", user=0) == 2


def test_nothing_is_told_where_no_history_is_kept(place):
    server = place.serve("-o", "connection_cache_history_limit=0")
    with control_of(server) as control:
        assert control.status("advise") == 2
        assert control.status("show", label="e") == 2
        assert control.ask("list", kind="endpoints", sort="lookups")[1]["count"] == "0"
        name = "connection_cache_history_limit"
        assert control.status("set", name=name, value="10", seconds=60) == 0
        assert control.status("advise") == 0
