"""The programs of examples/ against the real servers: three processes, one connection.

It is the server's own count that says how many connections there were.
"""

import re

import pytest

from support.launch import StandaloneServer
from support.postfix import free_port
from support.real import nginx, redis, run, sink
from support.waiting import wait_until

SINK_COUNT = re.compile(r"sess=\s*(\d+)\s+quit=\s*(\d+)\s+mesg=\s*(\d+)")


@pytest.fixture(name="cache")
def make_cache():
    """A scache of its own."""
    with StandaloneServer() as server:
        yield server


def requests(server, count):
    """The access log once it has `count` lines: [connection, its requests, status, page]."""
    wait_until(lambda: server.read("access.log").count("\n") >= count, 5, "the access log")
    return [line.split() for line in server.read("access.log").splitlines()]


def test_standalone_http(cache):
    with nginx() as server:
        server.wait_listening()
        for page in "abc":
            assert run(cache, "http-curl", f"http://127.0.0.1:{server.port}/{page}") == \
                f"page /{page}\n"
        log = requests(server, 3)
        assert [line[1:] for line in log] == [
            ["1", "200", "/a"], ["2", "200", "/b"], ["3", "200", "/c"]]
        assert len({line[0] for line in log}) == 1


def test_standalone_http_keeps_nothing_that_the_server_closes(cache):
    with nginx() as server:
        server.wait_listening()
        for _ in range(2):
            run(cache, "http-curl", f"http://127.0.0.1:{server.port}/close")
        assert [line[1] for line in requests(server, 2)] == ["1", "1"]


def test_standalone_http_without_a_cache():
    with nginx() as server:
        server.wait_listening()
        for _ in range(2):
            run("/nonexistent/socket", "http-curl", f"http://127.0.0.1:{server.port}/")
        assert [line[1] for line in requests(server, 2)] == ["1", "1"]


def test_standalone_redis(cache):
    with redis() as server:
        where = ("127.0.0.1", server.port)
        assert run(cache, "redis-hiredis", *where, "SET", "key", "value") == "OK\n"
        assert run(cache, "redis-hiredis", *where, "GET", "key") == "value\n"
        info = run(cache, "redis-hiredis", *where, "INFO", "stats")
        assert "total_connections_received:1\n" in info


def test_standalone_redis_gives_back_a_connection_as_new(cache):
    with redis() as server:
        where = ("127.0.0.1", server.port)
        run(cache, "redis-hiredis", *where, "SELECT", "3")
        run(cache, "redis-hiredis", *where, "SET", "key", "value")
        assert "db0:keys=1" in run(cache, "redis-hiredis", *where, "INFO", "keyspace")
        run(cache, "redis-hiredis", *where, "NONSENSE", check=1)
        # Two channels are two replies: what is left of them must not be the next one's answer.
        run(cache, "redis-hiredis", *where, "SUBSCRIBE", "a", "b")
        assert run(cache, "redis-hiredis", *where, "GET", "key") == "value\n"
        info = run(cache, "redis-hiredis", *where, "INFO", "stats")
        assert "total_connections_received:2\n" in info


def submit(cache, server, *words, **more):
    """Run smtp-submit with one message."""
    return run(cache, "smtp-submit", *words, "127.0.0.1", server.port, "me@example.org",
               "you@example.org", "them@example.org", text="Subject: x\n\n.dot\nend", **more)


def sink_count(server, sessions, messages):
    """Wait for what the sink has counted, wait_listening() included."""
    def counted():
        found = SINK_COUNT.findall(server.read("output"))
        return found and (int(found[-1][0]), int(found[-1][2])) == (sessions + 1, messages)
    wait_until(counted, 5, f"{sessions} sessions with {messages} messages: "
                           f"{server.read('output')[-80:]!r}")


def test_standalone_smtp(cache):
    with sink() as server:
        server.wait_listening()
        for _ in range(3):
            submit(cache, server)
        cache.stop()  # Closes what it holds, and then the sink counts it.
        sink_count(server, 1, 3)


def test_standalone_smtp_by_classic_requests(cache):
    with sink() as server:
        server.wait_listening()
        for _ in range(3):
            submit(cache, server, SCACHE_CLASSIC="1")
        cache.stop()
        sink_count(server, 1, 3)


def test_standalone_smtp_without_a_cache(cache):
    with sink() as server:
        server.wait_listening()
        for _ in range(3):
            submit(cache, server, "-n")
        sink_count(server, 3, 3)


def test_standalone_smtp_refuses_a_command_in_an_address(cache):
    run(cache, "smtp-submit", "127.0.0.1", 1, "a@example.org", "b@example.org>\r\nQUIT", check=64)


def test_standalone_smtp_server_away(cache):
    run(cache, "smtp-submit", "127.0.0.1", free_port(), "a@example.org", "b@example.org", check=75)
