"""The control socket: what may be asked by whom, and that looking and steering do what they say."""

import os
import socket
import time

import pytest

from support.alone import Place, as_user
from support.cached import Cached
from support.client import encode
from support.control import Control
from support.waiting import wait_until

ALICE, BOB = 4201, 4202
CAUSES = ("reused expired dead dropped closed handed_over session_limit endpoint_limit user_limit"
          " memory_limit descriptors out_of_memory lifetime use_limit").split()


@pytest.fixture
def place():
    where = Place()
    yield where
    where.end()


def control_of(server):
    return Control(f"{server.path}.control")


def test_the_greeting_says_who_answers(place):
    server = place.serve()
    with control_of(server) as control:
        assert control.greeting["protocol"] == "connection_cache_control"
        assert control.greeting["version"] == "1"
        assert control.greeting["access"] == "all"
        assert control.greeting["mode"] == "standalone"
        assert int(control.greeting["pid"]) == server.process.pid
        assert control.greeting["program"].startswith("scache ")


def test_the_socket_goes_with_the_server(place):
    server = place.serve()
    assert (place / "socket.control").is_socket()
    assert server.end() == 0
    assert not (place / "socket.control").exists()
    assert sorted(p.name for p in place.path.iterdir()) == ["output0"]


def test_there_may_be_none(place):
    place.serve("-o", "connection_cache_control_socket=")
    assert not (place / "socket.control").exists()


def test_lists_show_what_is_cached(place):
    server = place.serve()
    cached = Cached(server)
    for number in range(10):
        cached.put(f"e{number % 2}", f"d{number}")
    with control_of(server) as control:
        records, status = control.ask("list", kind="connections", label="e1", properties="yes")
        assert status["count"] == "5"
        assert {one["label"] for one in records} == {"e1"}
        assert {one["property"] for one in records} == {"p"}
        assert len({one["id"] for one in records}) == 5
        records, _ = control.ask("list", kind="endpoints", sort="connections")
        assert {one["label"]: one["connections"] for one in records} == {"e0": "5", "e1": "5"}
        records, _ = control.ask("list", kind="bindings", contains="d3")
        assert [(one["destination"], one["label"]) for one in records] == [("d3", "e1")]
        records, _ = control.ask("list", kind="destinations", limit=4)
        assert len(records) == 4
        records, _ = control.ask("list", kind="clients")
        assert [int(one["process"]) for one in records] == [os.getpid()]
        records, _ = control.ask("list", kind="users")
        assert records[0]["connections"] == "10" and records[0]["bindings"] == "10"


def test_a_long_list_is_whole_though_things_come_and_go(place):
    server = place.serve("-o", "connection_cache_endpoint_session_limit=0")
    cached = Cached(server)
    for _ in range(300):
        cached.put("many")
    with control_of(server) as control:
        control.send("list", kind="connections")
        for number in range(50):
            cached.put(f"new{number}")
            assert cached.take(f"new{number}") == 0
        seen = set()
        while "status" not in (one := dict(control.next_list())):
            if one["label"] == "many":
                assert one["id"] not in seen
                seen.add(one["id"])
        assert len(seen) == 300


def test_state_is_told_by_a_look(place):
    server = place.serve()
    cached = Cached(server)
    cached.put("alive")
    cached.put("dead")
    cached.pairs[1].close()
    with control_of(server) as control:
        records, _ = control.ask("list", kind="connections", long="yes")
        assert {one["label"]: one["state"] for one in records} == {"alive": "silent",
                                                                   "dead": "gone"}


def test_drop_by_label_and_by_id(place):
    server = place.serve()
    cached = Cached(server)
    for _ in range(3):
        cached.put("e", "d")
    cached.put("other")
    with control_of(server) as control:
        instance = control.greeting["instance"]
        ids = [one["id"] for one in control.ask("list", kind="connections", label="e")[0]]
        assert control.ask("drop", kind="endpoints", label="e", dry_run="yes")[1]["count"] == "3"
        assert control.ask("drop", kind="connections", id=ids[0], instance=instance)[1] == {
            "status": "0", "count": "1", "reason": ""}
        assert control.status("drop", kind="connections", id=ids[0], instance=instance) == 2
        assert control.status("drop", kind="connections", id=ids[1],
                              instance=int(instance) ^ 1) == 2
        assert control.ask("drop", kind="destinations", label="d", dry_run="yes")[1]["count"] == "3"
        assert control.ask("drop", kind="destinations", label="d")[1]["count"] == "3"
        assert cached.take("e") == 2
        assert cached.take("other") == 0
    assert server.end() == 0
    assert "scache: control: user 0: drop: 1 connections" in server.lines() or os.geteuid() != 0


def test_drop_all_counts_at_once(place):
    server = place.serve("-o", "connection_cache_endpoint_session_limit=0")
    cached = Cached(server)
    for _ in range(500):
        cached.put("e")
    with control_of(server) as control:
        assert control.ask("drop", kind="all")[1]["count"] == "500"
        assert cached.take("e") == 2
        cached.put("e")
        assert cached.take("e") == 0
        wait_until(lambda: control.stats()[("connections", "")] == 0, 5, "all to be gone")
    for far in cached.pairs[:500]:
        far.settimeout(5)
        assert far.recv(1) == b""


def test_what_is_not_understood_does_nothing(place):
    """A filter that was ignored would be a disaster."""
    server = place.serve()
    cached = Cached(server)
    cached.put("e")
    with control_of(server) as control:
        for attributes in ({"kind": "all", "lable": "x"}, {"kind": "all", "label": "e"},
                           {"kind": "connections"}, {"kind": "nothing"}, {"kind": "users"},
                           {"kind": "endpoints", "label": ""}, {},
                           {"kind": "endpoints", "label": "e", "dry_run": "perhaps"},
                           {"kind": "endpoints", "label": "e", "user": "-1"}):
            assert control.status("drop", **attributes) == 1, attributes
        assert control.status("nonsense") == 1
        control.sock.sendall(encode(("request", "drop"), ("kind", "all"), ("kind", "all")))
        assert dict(control.next_list())["status"] == "1"
        control.sock.sendall(encode(("kind", "all"), ("request", "drop")))
        assert dict(control.next_list())["status"] == "1"
    assert cached.take("e") == 0


def test_requests_in_one_write_are_answered_in_order(place):
    server = place.serve()
    with control_of(server) as control:
        control.sock.sendall(encode(("request", "list"), ("kind", "users")) +
                             encode(("request", "nonsense")) + encode(("request", "stats")))
        statuses = []
        while len(statuses) < 3:
            one = dict(control.next_list())
            if "status" in one:
                statuses.append(one["status"])
        assert statuses == ["0", "1", "0"]


def test_a_request_that_is_too_long_ends_the_conversation(place):
    server = place.serve()
    with control_of(server) as control:
        control.sock.sendall(encode(("request", "list"), ("label", "x" * 20000)))
        assert dict(control.next_list())["status"] == "1"
        with pytest.raises((EOFError, ConnectionResetError)):
            control.next_list()


def test_a_value_for_a_time(place):
    server = place.serve("-o", "connection_cache_ttl_limit=30s")
    cached = Cached(server)
    name = "connection_cache_ttl_limit"
    with control_of(server) as control:
        assert control.status("set", name=name, value="1s", seconds=1) == 0
        cached.put("e")
        record = control.ask("params", name=name)[0][0]
        assert (record["value"], record["configured"]) == ("1s", "30s")
        assert control.ask("list", kind="connections")[0][0]["left_ms"].isdigit()
        assert int(control.ask("list", kind="connections")[0][0]["left_ms"]) <= 1000
    wait_until(lambda: f"scache: control: {name} is 30s again" in server.lines(), 10,
               "the value to go by itself")
    with control_of(server) as control:
        assert control.ask("params", name=name)[0][0]["value"] == "30s"
        assert control.status("set", name=name, value="7s", seconds=100) == 0
        assert control.status("unset", name=name) == 0
        assert control.status("unset", name=name) == 2
        assert control.status("set", name=name, value="nonsense", seconds=1) == 2
        assert control.status("set", name=name, value="1s", seconds=100000) == 2
        assert control.status("set", name="no_such_parameter", value="1", seconds=1) == 2
        for fixed in ("connection_cache_sandbox", "connection_cache_check_peer",
                      "connection_cache_authorized_users", "connection_cache_control_socket"):
            assert control.status("set", name=fixed, value="no", seconds=1) == 3


def test_watching(place):
    server = place.serve()
    cached = Cached(server)
    with control_of(server) as watching, control_of(server) as control:
        watching.send("watch", contains="wanted")
        wait_until(lambda: control.status("stats") == 0, 2, "it to be watched")
        cached.put("ignored")
        cached.put("wanted")
        assert cached.take("wanted") == 0
        first, second = dict(watching.next_list()), dict(watching.next_list())
        assert (first["event"], first["label"]) == ("saved", "wanted")
        assert (second["event"], second["cause"], second["id"]) == ("ended", "reused", first["id"])


def test_who_does_not_read_what_he_watches_loses_it(place):
    server = place.serve("-o", "connection_cache_endpoint_session_limit=0")
    cached = Cached(server)
    with control_of(server) as watching:
        watching.send("watch")
        label = "x" * 3000
        for _ in range(150):
            cached.put(label)
            assert cached.take(label) == 0
        skipped = 0
        for _ in range(2000):
            one = dict(watching.next_list())
            if one["record"] == "skipped":
                skipped = int(one["events"])
                break
            cached.put(label)
        assert skipped > 0


def test_the_books_balance(place):
    server = place.serve("-o", "connection_cache_endpoint_session_limit=2",
                         "-o", "connection_cache_user_session_limit=8")
    cached = Cached(server)
    for number in range(30):
        cached.put(f"e{number % 4}", "d" if number % 3 else None, ttl=1 if number % 5 == 0 else 50)
        if number % 7 == 0:
            cached.pairs[-1].close()
        if number % 4 == 0:
            cached.take(f"e{number % 4}")
    time.sleep(1.1)  # The time to live of some, which only passes.
    with control_of(server) as control:
        control.status("drop", kind="endpoints", label="e1")
        stats = control.stats()
        ended = sum(stats[("connections_ended", f'cause="{cause}"')] for cause in CAUSES)
        there = stats[("connections", "")] + stats[("connections_held", "")]
        assert stats[("connections_saved", "")] == 30
        assert ended + there == 30
        assert stats[("connections_ended", 'cause="endpoint_limit"')] > 0
        lookups = [stats[("acquisitions", f'result="{r}"')] for r in ("reused", "missed")]
        assert sum(lookups) <= 8 and lookups[0] == stats[("connections_ended", 'cause="reused"')]


HOSTILE = [b'"', b"\\", b"a\nb", b"\xff", b"\x1b[2J", b'} 1\nscache_up 0', b"x" * 200000]


def test_hostile_labels_are_records_like_others(place):
    server = place.serve()
    cached = Cached(server)
    for label in HOSTILE:
        cached.put(label)
    with control_of(server) as control:
        records, _ = control.ask("list", kind="connections")
        shown = {one["label"].encode("latin-1") for one in records}
        assert shown == {label[:4096] for label in HOSTILE}
        cut = [one for one in records if one.get("cut") == "label"]
        assert len(cut) == 1
        instance = control.greeting["instance"]
        assert control.status("drop", kind="connections", id=cut[0]["id"], instance=instance) == 0
        assert len(control.ask("list", kind="connections")[0]) == len(HOSTILE) - 1


def access_for(path, uid):
    def look():
        with Control(path) as control:
            return control.greeting["access"]
    return as_user(uid, look)


def test_classes_of_users(place):
    server = place.serve("--mode", "0666", "-o", f"connection_cache_authorized_users={ALICE},{BOB}",
                         "-o", f"connection_cache_stats_users={ALICE + 10}",
                         "-o", f"connection_cache_control_users={ALICE + 20}")
    path = f"{server.path}.control"
    assert access_for(path, 0) == "all"
    assert access_for(path, ALICE) == "own"
    assert access_for(path, ALICE + 10) == "look"
    assert access_for(path, ALICE + 20) == "all"
    assert access_for(path, ALICE + 30) == "none"


def test_users_see_and_drop_what_is_their_own(place):
    server = place.serve("--mode", "0666", "-o", f"connection_cache_authorized_users={ALICE},{BOB}")
    path = f"{server.path}.control"

    def save():
        keep = Cached(server)
        keep.put("private")
        with Control(path) as control:
            own = control.ask("list", kind="connections")[0]
            statuses = [control.status(*ask[0], **ask[1]) for ask in (
                (("stats",), {}), (("list",), {"kind": "clients"}),
                (("list",), {"kind": "connections", "user": BOB}), (("params",), {}),
                (("list",), {"kind": "connections", "properties": "yes"}),
                (("set",), {"name": "connection_cache_ttl_limit", "value": "1s", "seconds": 1}),
                (("drop",), {"kind": "all", "user": BOB}))]
        return [len(own), statuses]

    def look():
        with Control(path) as control:
            seen = control.ask("list", kind="connections")[0]
            dropped = control.ask("drop", kind="all")[1]["count"]
            return [len(seen), dropped]

    def own_drop():
        keep = Cached(server)
        keep.put("private")
        with Control(path) as control:
            return control.ask("drop", kind="all")[1]["count"]

    assert as_user(ALICE, save) == [1, [3] * 7]
    assert as_user(BOB, look) == [0, "0"]
    with Control(path) as control:
        assert len(control.ask("list", kind="connections")[0]) == 1
    assert as_user(ALICE, own_drop) == "2"


def test_places_are_kept_for_those_who_may_do_all(place):
    server = place.serve("--mode", "0666", "-o", "connection_cache_control_client_limit=6",
                         "-o", f"connection_cache_stats_users={ALICE},{BOB}")
    path = f"{server.path}.control"

    def crowd():
        opened, refused = [], 0
        for _ in range(5):
            try:
                one = Control(path)
            except EOFError:
                refused += 1
                continue
            if "status" in one.greeting:
                refused += 1
            else:
                opened.append(one)
        return [len(opened), refused]

    assert as_user(ALICE, crowd) == [2, 3]
    with Control(path) as control:
        assert control.greeting["access"] == "all"
