# SPDX-License-Identifier: BSD-2-Clause
"""Sessions of scache-tls from their beginning to their end, with far ends in this process."""

import os
import signal
import socket
import ssl
import struct
import threading
import time

import pytest

from support.pki import pki
from support.process import cpu_seconds, tree
from support.tls_server import (FarEnd, TlsServer, dial, echo, farewell, listen, read_all,
                                read_exactly)
from support.waiting import wait_until

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
MUCH = bytes(range(256)) * 4096 * 20  # 20 MB


@pytest.fixture(name="server")
def fixture_server():
    """A server that trusts the tests' authority."""
    with TlsServer() as server:
        yield server.ready()


@pytest.fixture(name="far", params=VERSIONS, ids=["1.2", "1.3"])
def fixture_far(request):
    """A far end that gives back what it is given."""
    with FarEnd(echo, version=request.param) as far:
        yield far


def test_bytes_go_both_ways(server, far):
    """And the report says what the session is."""
    answer = server.open(far.port)
    assert answer.why == (0, "")
    answer.sock.sendall(b"hello")
    assert read_exactly(answer.sock, 5) == b"hello"
    report = answer.report
    assert list(report) == ["peer", "level", "verified_name", "version", "cipher", "group", "alpn",
                            "cert_sha256", "spki_sha256", "subject", "issuer", "not_after",
                            "session"]
    assert report["peer"] == f"127.0.0.1:{far.port}"
    assert report["level"] == "verify"
    assert report["verified_name"] == "localhost"
    assert report["spki_sha256"] == pki().server.pin.partition(":")[2]
    assert report["session"] == answer["session"]


def test_much_that_is_written_and_closed_at_once_arrives_whole(server):
    """And a farewell behind it, while the far end says things that nobody reads."""
    heard = []

    def serve(tls):
        data = bytearray()
        while more := tls.recv(65536):
            data += more
            tls.sendall(b"and this is read by nobody" * 10)
        heard.append(bytes(data))

    with FarEnd(serve) as far:
        answer = server.open(far.port)
        answer.sock.sendall(MUCH)
        answer.sock.close()
        wait_until(lambda: heard or far.failures, 30, "all of it")
        assert not far.failures
        assert heard[0] == MUCH


def test_a_slow_reader_gets_all_that_was_sent_and_closed(server):
    """Three megabytes and a farewell."""
    sent = MUCH[:3000000]

    def serve(tls):
        tls.sendall(sent)
        farewell(tls)

    with FarEnd(serve) as far:
        with server.connect() as client:
            answer = client.open(dial(far.port), name="localhost")
            heard = b""
            while len(heard) < 1000000:
                heard += answer.sock.recv(20000)
                time.sleep(0.005)
            heard += read_all(answer.sock)
            assert heard == sent
            assert client.end(answer["session"]) == ("clean", "")


def test_half_a_close_goes_on_downwards(server):
    """What a caller ends is a farewell to the far end, whose answer still comes."""
    def serve(tls):
        data = read_all(tls)
        tls.sendall(data[::-1])
        farewell(tls)

    with FarEnd(serve) as far, server.connect() as client:
        answer = client.open(dial(far.port), name="localhost")
        answer.sock.sendall(b"abc")
        answer.sock.shutdown(socket.SHUT_WR)
        assert read_all(answer.sock) == b"cba"
        assert client.end(answer["session"]) == ("clean", "")


def test_a_farewell_leaves_the_way_up_open(server):
    """The far end has said all, and still hears."""
    heard = []

    def serve(tls):
        tls.sendall(b"all")
        farewell(tls)
        tls.settimeout(20)
        heard.append(tls.recv(10))

    with FarEnd(serve) as far:
        answer = server.open(far.port)
        assert read_all(answer.sock) == b"all"
        answer.sock.sendall(b"still here")
        wait_until(lambda: heard or far.failures, 10, "what goes up")
        assert heard == [b"still here"]
        answer.sock.close()


def test_the_end_of_bytes_is_told_from_a_farewell(server):
    """End of file looks the same; tls_end tells."""
    def vanish(tls):
        tls.sendall(b"part")
        tls.shutdown(socket.SHUT_RDWR)

    def reset(tls):
        tls.sendall(b"part")
        tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        tls.close()

    def close(tls):
        tls.sendall(b"part")
        farewell(tls)

    for serve, end in ((close, "clean"), (vanish, "truncated"), (reset, "error")):
        with FarEnd(serve) as far, server.connect() as client:
            answer = client.open(dial(far.port), name="localhost")
            assert read_all(answer.sock) in (b"part", b"")
            answer.sock.close()
            got = wait_until(lambda: [e for e in [client.end(answer["session"])]  # pylint: disable=cell-var-from-loop
                                      if e[0] != "open"], 10, end)[0]
            assert got[0] == end, got


def test_a_session_of_before_is_not_known(server):
    """So that nobody takes one for another."""
    with server.connect() as client:
        assert client.end("0123456789abcdef-1") == (2, "unknown")
        assert client.end("") == (2, "unknown")


def test_flags_that_a_caller_changes_on_its_copy_freeze_nobody(server, far):
    """Neither of the connection that it gave away nor of the plaintext that it got."""
    connection = dial(far.port)
    with server.connect() as client:
        client.start(connection, name="localhost")
        answer = client.finish()
        connection.setblocking(True)
        answer.sock.setblocking(True)
        answer.sock.sendall(b"x" * 1000000)
        assert len(read_exactly(answer.sock, 1000000)) == 1000000
        with server.connect() as other:
            second = other.open(dial(far.port), name="localhost")
            second.sock.sendall(b"fine")
            assert read_exactly(second.sock, 4) == b"fine"
    connection.close()


def test_both_sides_blocked_use_no_processor_time(server):
    """Nothing is tried again and again."""
    stop = threading.Event()

    def serve(tls):
        tls.settimeout(1)
        try:
            while True:
                tls.sendall(b"x" * 65536)
        except (TimeoutError, ssl.SSLError):
            stop.wait(20)

    with FarEnd(serve) as far:
        answer = server.open(far.port)
        answer.sock.settimeout(1)
        with pytest.raises(TimeoutError):
            while True:
                answer.sock.send(b"y" * 65536)
        processes = tree(server.process.pid)
        time.sleep(1.5)
        before = sum(cpu_seconds(pid) for pid in processes)
        time.sleep(2)
        assert sum(cpu_seconds(pid) for pid in processes) - before <= 0.05
        stop.set()
        answer.sock.close()


def test_tickets_and_new_keys_are_silent(server):
    """A far end's TLS goes on in TLS; a cached plaintext end does not become readable by it."""
    with FarEnd(echo, version=ssl.TLSVersion.TLSv1_3) as far:
        answer = server.open(far.port)
        answer.sock.settimeout(0.5)
        with pytest.raises(TimeoutError):
            answer.sock.recv(1)


def test_failing_handshakes_harm_no_session(server, far):
    """Sessions of one user share a process, a thread and OpenSSL's queue of errors."""
    with server.connect() as client, FarEnd(lambda s: s.sendall(b"HTTP/1.1 400\r\n\r\n"),
                                            tls=False) as ill:
        answers = [client.open(dial(far.port), name="localhost") for _ in range(5)]
        for i in range(100):
            wish = {"name": "elsewhere.example"} if i % 2 else {"name": "localhost"}
            port = far.port if i % 2 else ill.port
            assert client.open(dial(port), **wish).why == ((4, "name") if i % 2
                                                           else (3, "protocol"))
            healthy = answers[i % 5]
            healthy.sock.sendall(b"%d" % (i % 10))
            assert read_exactly(healthy.sock, 1) == b"%d" % (i % 10)


def test_who_leaves_in_the_handshake_ends_it(server):
    """The far end sees it at once."""
    gone = threading.Event()

    def serve(sock):
        sock.recv(65536)
        if sock.recv(65536) == b"":
            gone.set()

    with FarEnd(serve, tls=False) as far:
        client = server.connect()
        connection = dial(far.port)
        client.start(connection, name="localhost")
        connection.close()
        with server.connect() as other:
            wait_until(lambda: other.sessions(), 10, "the handshake")
        client.close()
        assert gone.wait(10)
        with server.connect() as other:
            wait_until(lambda: not other.sessions(), 10, "its end")


def test_a_client_certificate_refused_behind_the_handshake_ends_the_session(server):
    """In TLS 1.3 the far end says so only then."""
    with FarEnd(echo, version=ssl.TLSVersion.TLSv1_3, client=pki().authority) as far:
        with server.connect() as client:
            answer = client.open(dial(far.port), name="localhost")
            assert answer.status == 0
            assert read_all(answer.sock) == b""
            end = client.end(answer["session"])
            assert end[0] == "error" and "alert" in end[1], end
            good = client.open(dial(far.port), name="localhost",
                               client_pem=pki().client.client_pem)
            good.sock.sendall(b"hello")
            assert read_exactly(good.sock, 5) == b"hello"


def test_a_list_tells_who_spoke_last(server, far):
    """So that nobody keeps a connection on which an answer is due."""
    with server.connect() as client:
        answer = client.open(dial(far.port), name="localhost")
        def record():
            return client.sessions(answer["session"])[0]

        wait_until(lambda: record()["under_way"] == "0", 5, "the kernel's acknowledgement")
        one = record()
        assert (one["state"], one["sent"], one["received"]) == ("open", "0", "0")
        assert one["caller_ms"] == one["far_ms"] == ""
        answer.sock.sendall(b"hello")
        assert read_exactly(answer.sock, 5) == b"hello"
        one = record()
        assert (one["last"], one["sent"], one["received"]) == ("far", "5", "5")
        assert client.sessions("nonsense") == []
    with FarEnd(listen) as silent, server.connect() as client:
        answer = client.open(dial(silent.port), name="localhost")
        answer.sock.sendall(b"question")
        assert client.sessions(answer["session"])[0]["last"] == "caller"


def test_a_server_that_ends_waits_for_the_busy_and_ends_the_idle(far):
    """Idle sessions end at once, busy ones when they are quiet."""
    asked, answered = threading.Event(), threading.Event()

    def serve(tls):
        tls.recv(100)
        asked.set()
        answered.wait(10)
        tls.sendall(b"the answer")
        tls.recv(100)

    with TlsServer() as server, FarEnd(serve) as slow:
        server.ready()
        idle = server.open(far.port)
        busy = server.open(slow.port)
        busy.sock.sendall(b"question")
        assert asked.wait(10)
        server.process.signal(signal.SIGTERM)
        assert read_all(idle.sock) == b""
        assert server.process.alive()
        answered.set()
        assert read_all(busy.sock) == b"the answer"
        assert server.process.wait(5) == 0
        assert not os.path.exists(server.path)


def test_a_busy_session_does_not_keep_a_server_from_ending():
    """At the latest drain_time later it ends."""
    asked = threading.Event()

    def serve(tls):
        tls.recv(100)
        asked.set()
        tls.recv(100)

    with TlsServer(drain_time="1s") as server, FarEnd(serve) as silent:
        server.ready()
        answer = server.open(silent.port)
        answer.sock.sendall(b"question")
        assert asked.wait(10)
        server.process.signal(signal.SIGTERM)
        assert read_all(answer.sock) == b""
        assert server.process.wait(15) == 0


def test_a_server_that_was_killed_leaves_nothing(server, far):
    """Sessions end, and so do all of its processes; the next one starts."""
    answer = server.open(far.port)
    processes = tree(server.process.pid)
    assert len(processes) >= 3
    server.process.kill()
    assert read_all(answer.sock) == b""
    wait_until(lambda: not any(os.path.exists(f"/proc/{pid}/fd") and os.listdir(f"/proc/{pid}/fd")
                               for pid in processes), 10, "the end of all processes")
    with TlsServer(directory=server.directory, output="again") as again:
        again.ready()
        assert again.open(far.port).status == 0
