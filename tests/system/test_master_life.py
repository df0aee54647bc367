"""Living and dying under master(8): status channel, end of file, signals, idleness."""

import ctypes
import os
import signal
import socket
import threading
import time

import pytest

from support import launch
from support.client import DUMMY, at_eof, encode, keep, receive, send_with_fds
from support.waiting import wait_until

PIDFD_GETFD = 438  # The system call's number on every architecture.
STATISTICS = "statistics: start interval"


@pytest.fixture(scope="module", autouse=True)
def patient():
    """A server with a short watchdog and a client that stays idle while the other tests run."""
    with launch.MasterServer(params={"daemon_timeout": "3s"}) as server:
        server.client = server.connect()
        server.far = keep(server.client, "patient", 9)
        server.since = time.monotonic()
        yield server
        server.client.close()
        server.far.close()


@pytest.fixture
def server():
    """A server of its own for one test."""
    with launch.MasterServer() as one:
        yield one.ready()


def busy(one):
    """Make it have a hit, a miss and a connection; returns the client and a far end."""
    client = one.connect()
    far = keep(client, "busy")
    assert client.find_endp("nothing")[0] == 2
    return client, far


def test_status_pair_after_first_request(server):
    """Exactly one pair of records, busy then available, and only after the first request."""
    assert server.status_records() == []
    with server.connect() as client:
        assert client.find_endp("x")[0] == 2
        pid, generation = server.process.pid, launch.GENERATION
        wanted = [(pid, generation, 0), (pid, generation, 1)]
        wait_until(lambda: server.status_records() == wanted, 2, f"{wanted}")
        for _ in range(20):
            assert client.find_endp("x")[0] == 2
    assert server.ready().status_records() == wanted


def test_status_end_of_file(server):
    """Master gone or reloading: exit 0 soon, idle clients closed, statistics logged."""
    client, far = busy(server)
    start = time.monotonic()
    server.hang_up()
    assert server.wait_exit(3) == 0
    assert time.monotonic() - start < 0.5
    assert at_eof(client.sock, 1)
    assert at_eof(far, 1)
    assert STATISTICS in server.logged()


def test_status_end_of_file_lets_exchanges_finish(server):
    """A client half-way through an exchange still gets its answer; a newcomer gets nothing."""
    with server.connect() as client, server.connect() as idle:
        client.send(encode(("request", "save_endp"), ("ttl", "5"), ("label", "x"),
                           ("property", "p")))
        assert client.read_list()[0] == [("dummy", "")]
        server.hang_up()
        assert at_eof(idle.sock, 1)
        newcomer = socket.socket(socket.AF_UNIX)
        newcomer.connect(str(server.path))
        near, far = socket.socketpair()
        send_with_fds(client.sock, b"\0", [near.fileno()])
        assert client.read_list()[0] == [("status", "0")]
        assert server.wait_exit(2) == 0
        newcomer.settimeout(0.1)
        with pytest.raises(TimeoutError):
            newcomer.recv(1)
        for sock in (newcomer, near, far):
            sock.close()


def test_status_end_of_file_with_stuck_client(server):
    """A client that never goes on holds the exit up for 1 s, no longer."""
    with server.connect() as client:
        client.send(b"request\0find_endp\0la")
        assert server.ready()
        start = time.monotonic()
        server.hang_up()
        assert server.wait_exit(3) == 0
        assert time.monotonic() - start < 1.4


@pytest.mark.parametrize("half", [b"", b"request\0find_", encode(("request", "save_endp"),
                         ("ttl", "5"), ("label", "x"), ("property", "p"))],
                         ids=["idle", "mid-request", "mid-exchange"])
def test_terminated(server, half):
    """TERM: exit 0 within 100 ms whatever clients are doing, with statistics."""
    client, far = busy(server)
    client.send(half)
    assert server.ready()
    start = time.monotonic()
    server.process.signal(signal.SIGTERM)
    assert server.wait_exit(2) == 0
    assert time.monotonic() - start < 0.2
    assert STATISTICS in server.logged()
    assert at_eof(far, 1)
    client.close()


def test_ignored_signals(server):
    """HUP, PIPE and XFSZ change nothing."""
    with server.connect() as client:
        for number in (signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ):
            server.process.signal(number)
            assert client.find_endp("x")[0] == 2
    assert server.process.alive()


def test_idle_with_connection_cached():
    """max_idle: exit 0 when no client was there that long; cached connections do not count."""
    with launch.MasterServer(params={"max_idle": "2s"}) as server:
        client, far = busy(server)
        assert server.process.wait(2.5) is None, "a client is connected"
        start = time.monotonic()
        client.close()
        assert server.wait_exit(4) == 0
        assert 1.8 < time.monotonic() - start < 2.8
        assert at_eof(far, 1)
        assert STATISTICS in server.logged()


def test_idle_from_the_start():
    """max_idle by -i counts when nobody ever comes."""
    start = time.monotonic()
    with launch.MasterServer(args=["-i", "1"]) as server:
        assert server.wait_exit(4) == 0
        assert 0.9 < time.monotonic() - start < 2
        assert server.records == []


def test_nobody_reads_the_status_channel():
    """The status channel blocks when full; the server does not."""
    with launch.MasterServer(read_status=False) as server:
        fill_status_channel(server.process.pid)
        with server.connect() as client:
            start = time.monotonic()
            for _ in range(50):
                assert client.find_endp("x")[0] == 2
            assert time.monotonic() - start < 1
        server.process.signal(signal.SIGTERM)
        assert server.wait_exit(1) == 0


def fill_status_channel(pid):
    """Fill the channel from the server's own end until it takes no more."""
    taken = take_descriptor(pid, launch.STATUS_FD)
    with socket.socket(fileno=taken) as end:
        try:
            while True:
                end.send(bytes(12), socket.MSG_DONTWAIT)
        except BlockingIOError:
            pass


def take_descriptor(pid, number):
    """A copy of another process's descriptor (pidfd_getfd)."""
    libc = ctypes.CDLL(None, use_errno=True)
    pidfd = os.pidfd_open(pid)
    fd = libc.syscall(PIDFD_GETFD, pidfd, number, 0)
    os.close(pidfd)
    assert fd >= 0, os.strerror(ctypes.get_errno())
    return fd


def test_flags_of_shared_descriptors_are_left_alone(server):
    """The status channel and the listener are master's too: their flags stay as they were."""
    with server.connect() as client:
        client.find_endp("x")
    for number, blocking in ((launch.STATUS_FD, True), (launch.LISTEN_FD, False)):
        fd = take_descriptor(server.process.pid, number)
        assert os.get_blocking(fd) is blocking
        os.close(fd)


def test_killed_leaves_nothing_in_the_way(server):
    """kill -9, and the next process on the same sockets serves at once."""
    client, far = busy(server)
    server.respawn()
    assert at_eof(far, 1)
    client.close()
    with server.connect(1) as again:
        assert again.find_endp("busy")[0] == 2


class Stream:
    """Speaks to a server by its standard input and output."""

    def __init__(self):
        self.near, self.child_in = socket.socketpair()
        self.out, self.child_out = os.pipe()
        self.near.settimeout(5)

    def say(self, *pairs):
        """Send a list."""
        self.near.sendall(encode(*pairs))

    def hear(self, wanted):
        """Compare what comes on its standard output."""
        data = b""
        while len(data) < len(wanted):
            more = os.read(self.out, len(wanted) - len(data))
            if not more:
                break
            data += more
        assert data == wanted

    def close(self):
        """Close what is still open."""
        self.near.close()
        self.child_in.close()
        os.close(self.out)


def test_stream_mode():
    """-S: requests on standard input, replies on standard output, no greeting."""
    stream = Stream()
    near, far = socket.socketpair()
    with launch.MasterServer(arguments=["-S"], stdin=stream.child_in.fileno(),
                             stdout=stream.child_out) as server:
        os.close(stream.child_out)
        stream.child_in.close()
        stream.say(("request", "save_endp"), ("ttl", "5"), ("label", "x"), ("property", "p"))
        stream.hear(DUMMY)
        send_with_fds(stream.near, b"\0", [near.fileno()])
        stream.hear(encode(("status", "0")))
        stream.say(("request", "find_endp"), ("label", "x"))
        stream.hear(encode(("status", "0"), ("property", "p")))
        stream.say(("dummy", ""))
        data, fds = receive(stream.near, 1)
        assert data == b"\0" and os.path.sameopenfile(fds[0], near.fileno())
        os.close(fds[0])
        stream.say(("dummy", ""))
        stream.near.shutdown(socket.SHUT_WR)
        assert server.wait_exit(3) == 0
        assert "statistics: address lookup hits=1 miss=0 success=100%" in server.logged()
    stream.close()
    near.close()
    far.close()


def test_many_clients_at_once(server):
    """Two hundred clients come, ask and go, ten at a time."""
    def visit():
        for _ in range(20):
            with server.connect() as client:
                assert client.find_endp("x")[0] == 2
    threads = [threading.Thread(target=visit) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.process.alive()


def test_zz_idle_client_outlives_the_watchdog(patient):
    """daemon_timeout=3s, a client idle for 10 s: waiting for events is not hanging."""
    left = patient.since + 10 - time.monotonic()
    assert patient.process.wait(max(left, 0)) is None, "the watchdog ended it"
    assert patient.client.find_endp("patient") == (2, "", -1)
    assert at_eof(patient.far, 1)
    assert patient.records == []
