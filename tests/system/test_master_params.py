"""Each parameter that shapes the cache, on a server started as master(8) does it."""

import time

import pytest

from support import launch
from support.client import at_eof, keep
from support.waiting import wait_until


def serve(**params):
    """A server with these parameters, without their common prefix."""
    return launch.MasterServer(params={f"connection_cache_{k}": v for k, v in params.items()})


def close_all(socks):
    """Close far ends."""
    for sock in socks:
        sock.close()


def test_ttl_limit():
    """Longer times to live are clamped."""
    with serve(ttl_limit="1s") as server, server.connect() as client:
        far = keep(client, "x", 3600)
        start = time.monotonic()
        assert at_eof(far, 3)
        assert 0.9 < time.monotonic() - start < 1.5


def test_ttl_limit_default():
    """Two seconds under master."""
    main_cf = "queue_directory = {dir}/queue\n"
    with launch.MasterServer(main_cf=main_cf) as server, server.connect() as client:
        far = keep(client, "x", 3600)
        start = time.monotonic()
        assert at_eof(far, 4)
        assert 1.9 < time.monotonic() - start < 2.5


def test_session_limit():
    """The connection with the least time left makes room, the oldest among equals."""
    with serve(session_limit="3") as server, server.connect() as client:
        fars = [keep(client, label, ttl) for label, ttl in
                (("a", 9), ("b", 5), ("c", 5), ("d", 9), ("e", 9))]
        assert [client.find_endp(x)[0] for x in "abcde"] == [0, 2, 2, 0, 0]
        assert at_eof(fars[1], 1) and at_eof(fars[2], 1)
        close_all(fars)


def test_session_limit_never_takes_the_newcomer():
    """Also when the one just arriving has the least time left."""
    with serve(session_limit="1") as server, server.connect() as client:
        fars = [keep(client, "old", 9), keep(client, "new", 2)]
        assert client.find_endp("new")[0] == 0
        assert client.find_endp("old")[0] == 2
        close_all(fars)


def test_endpoint_session_limit():
    """Room is made within the endpoint that is full, and its bindings stay."""
    with serve(endpoint_session_limit="2") as server, server.connect() as client:
        assert client.save_dest("dest", "x") == 0
        fars = [keep(client, "other", 2)] + [keep(client, "x", 5, f"p{n}") for n in range(3)]
        assert client.find_dest("dest")[:3] == (0, "d", "p1")
        assert client.find_endp("x")[:2] == (0, "p2")
        assert client.find_endp("x")[0] == 2
        assert client.find_endp("other")[0] == 0
        close_all(fars)


@pytest.mark.parametrize("name, spread", [("destination_binding_limit", ["d", "d", "d"]),
                                          ("binding_limit", ["d1", "d2", "d3"])])
def test_binding_limits(name, spread):
    """The binding nearest to its expiry makes room."""
    with serve(**{name: "2"}) as server, server.connect() as client:
        fars = [keep(client, f"e{n}") for n in range(3)]
        for number, (dest, ttl) in enumerate(zip(spread, (5, 3, 5))):
            assert client.save_dest(dest, f"e{number}", ttl) == 0
        hits = [client.find_dest(dest)[0] for dest in spread]
        assert sorted(hits) == [0, 0, 2]
        assert client.find_endp("e1")[0] == 0, "the binding with 3 s left had to go"
        close_all(fars)


def test_client_limit():
    """At the limit the client that has been idle longest is closed."""
    with serve(client_limit="3") as server:
        clients = [server.connect() for _ in range(3)]
        for client in (clients[1], clients[0], clients[2]):
            assert client.find_endp("x")[0] == 2
        with server.connect() as newcomer:
            assert newcomer.find_endp("x")[0] == 2
            assert at_eof(clients[1].sock, 1)
            assert clients[0].find_endp("x")[0] == clients[2].find_endp("x")[0] == 2
        for client in clients:
            client.close()


def test_client_limit_when_all_are_busy():
    """If none is idle, the oldest half request makes room for a newcomer."""
    with serve(client_limit="2") as server:
        clients = [server.connect() for _ in range(2)]
        for client in clients:
            client.send_and_see_read(b"request\0find_endp\0la")
        server.ready()
        clients[1].send(b"bel\0x\0\0")
        assert clients[1].read_list()[0][0] == ("status", "2")
        assert clients[0].sock.recv(1) == b""
        for client in clients:
            client.close()


def test_message_limit():
    """A longer request is malformed, and the client goes on after its end."""
    with serve(message_limit="1000") as server, server.connect() as client:
        assert client.find_endp("x" * 900)[0] == 2
        assert client.find_endp("x" * 1000)[0] == 1
        assert client.find_endp("x")[0] == 2


def test_reuse_order():
    """newest: the connection saved last comes first."""
    with serve(reuse_order="newest") as server, server.connect() as client:
        fars = [keep(client, "x", 5, prop) for prop in ("p1", "p2", "p3")]
        assert [client.find_endp("x")[1] for _ in range(3)] == ["p3", "p2", "p1"]
        close_all(fars)


@pytest.mark.parametrize("value, status", [("yes", 2), ("no", 0)])
def test_check_peer(value, status):
    """Whether a connection whose far end is closed is handed out."""
    with serve(check_peer=value) as server, server.connect() as client:
        keep(client, "x").close()
        assert client.find_endp("x")[0] == status


def test_ipc_timeout():
    """A client that stops in mid-request is closed; one between requests may stay."""
    with launch.MasterServer(params={"ipc_timeout": "1s"}) as server:
        with server.connect() as stuck, server.connect() as idle:
            start = time.monotonic()
            stuck.send(b"request\0find_endp\0la")
            assert at_eof(stuck.sock, 4)
            assert 0.9 < time.monotonic() - start < 2.5
            wait_until(lambda: time.monotonic() - start > 2.5, 3)
            assert idle.find_endp("x")[0] == 2
