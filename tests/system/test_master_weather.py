"""Bad weather for a whole server: descriptors of all kinds, none left, slow and rude clients."""

import os
import pty
import select
import socket
import struct
import time

import pytest

from support import launch
from support.client import DUMMY, at_eof, encode, inode, keep, send_with_fds
from support.process import descriptors
from support.waiting import wait_until

LOW = ["prlimit", "--nofile=128:128"]


def tcp_pair():
    """Two ends of a TCP connection on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        return near, listener.accept()[0]


def make_strange(kind, directory):
    """Open descriptors of one kind; the first is the one to cache."""
    if kind == "pipe":
        return list(os.pipe())
    if kind == "terminal":
        return list(pty.openpty())
    if kind == "file":
        return [os.open(directory / "file", os.O_RDWR | os.O_CREAT)]
    if kind == "epoll":
        with select.epoll() as poller:
            return [os.dup(poller.fileno())]
    if kind == "listener":
        return [socket.create_server(("127.0.0.1", 0)).detach()]
    return [socket.socket(socket.AF_INET, socket.SOCK_DGRAM).detach()]


@pytest.mark.parametrize("kind", ["pipe", "terminal", "file", "epoll", "listener", "datagram"])
def test_strange_descriptors(kind, tmp_path):
    """A cached descriptor may be anything; it comes back as it was."""
    fds = make_strange(kind, tmp_path)
    with launch.MasterServer() as server, server.connect() as client:
        assert client.save_endp("x", fds[0]) == 0
        status, _, found = client.find_endp("x")
        assert status == 0
        assert inode(found) == inode(fds[0])
        assert os.get_blocking(found)
        os.close(found)
        assert server.records == []
    for fd in fds:
        os.close(fd)


def test_a_socket_that_was_never_connected():
    """There is nobody at its far end: it is of no use to anybody."""
    with launch.MasterServer() as server, server.connect() as client:
        with socket.socket() as unconnected:
            assert client.save_endp("x", unconnected.fileno()) == 0
        assert client.find_endp("x")[0] == 2


def test_own_end_of_the_clients_connection():
    """A client may cache its own connection to the server: expiry must not confuse anybody."""
    with launch.MasterServer() as server, server.connect() as client:
        assert client.save_endp("self", client.sock.fileno(), 1) == 0
        other = keep(client, "other")
        time.sleep(1.2)  # The time to live, which only passes.
        assert client.find_endp("self")[0] == 2
        assert client.find_endp("other")[0] == 0
        other.close()


def test_socket_that_holds_unread_descriptors():
    """A cached socket with descriptors in its queue: handed out or dropped, never a leak."""
    near, far = socket.socketpair()
    inner, outer = socket.socketpair()
    send_with_fds(far, b"x", [inner.fileno()])
    inner.close()
    with launch.MasterServer() as server, server.connect() as client:
        assert client.save_endp("x", near.fileno(), 1) == 0
        near.close()
        assert client.find_endp("x")[0] == 2, "it has spoken while idle"
        assert at_eof(outer, 3), "what was in its queue is closed with it"
        assert server.process.alive()
    far.close()
    outer.close()


def lingering():
    """A non-blocking TCP socket whose last close takes 3 s; returns it and its far end."""
    near, far = tcp_pair()
    near.setblocking(False)
    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 3))
    try:
        while True:
            near.send(bytes(65536))
    except BlockingIOError:
        return near, far


def test_close_that_blocks():
    """SO_LINGER with unsent data: its close takes 3 s, and nobody notices."""
    near, far = lingering()
    with launch.MasterServer() as server, server.connect() as client:
        assert client.save_endp("x", near.fileno(), 1) == 0
        near.close()
        end, worst = time.monotonic() + 2.5, 0
        while time.monotonic() < end:
            start = time.monotonic()
            assert client.find_endp("y")[0] == 2
            worst = max(worst, time.monotonic() - start)
            time.sleep(0.01)  # A request now and then is enough to notice.
        assert worst < 0.5
    far.close()


def test_out_of_descriptors():
    """Saving more than the table holds: the oldest make room, every save succeeds."""
    with launch.MasterServer(prefix=LOW) as server, server.connect() as client:
        fars = [keep(client, f"x{n}") for n in range(200)]
        found = [client.find_endp(f"x{n}")[0] for n in range(200)]
        assert found[0] == 2
        assert found[-20:] == [0] * 20
        assert found == sorted(found, reverse=True), "the oldest went first"
        server.ready()
        for far in fars:
            far.close()


def test_more_clients_than_descriptors():
    """Clients never make a cached connection give way, and everybody is served in turn."""
    with launch.MasterServer(prefix=LOW) as server, server.connect() as first:
        fars = [keep(first, f"x{n}") for n in range(10)]
        clients = []
        for _ in range(150):
            clients.append(server.connect(2))
            assert clients[-1].find_endp("nothing")[0] == 2
        with server.connect() as last:
            assert [last.find_endp(f"x{n}")[0] for n in range(10)] == [0] * 10
        for sock in (*clients, *fars):
            sock.close()


def test_put_when_the_table_is_full():
    """put makes room before it receives: no descriptor is lost, none stored under another label."""
    with launch.MasterServer(prefix=LOW) as server, server.connect() as client:
        fars = {}
        for number in range(200):
            near, far = socket.socketpair()
            send_with_fds(client.sock, encode(("request", "put"), ("ttl", 9),
                          ("label", f"x{number}"), ("property", "p")), [near.fileno()])
            near.close()
            assert client.read_list()[0] == [("status", "0")]
            fars[number] = far
        for number in range(180, 200):
            check_taken(client, number, fars[number])
        for far in fars.values():
            far.close()


def check_taken(client, number, far):
    """What take finds under a label is what was put there."""
    client.send(encode(("request", "take"), ("label", ""), ("label", f"x{number}")))
    pairs, fds = client.read_list()
    assert pairs[0] == ("status", "0")
    with socket.socket(fileno=fds[0]) as taken:
        taken.send(b"%d" % number)
    assert far.recv(10) == b"%d" % number


def test_client_that_does_not_read():
    """Replies that nobody reads cost that client only."""
    with launch.MasterServer() as server, server.connect() as rude:
        rude.sock.setblocking(False)
        request = encode(("request", "find_dest"), ("label", "x" * 100)) * 500
        try:
            for _ in range(400):
                rude.sock.send(request)
        except BlockingIOError:
            pass
        with server.connect() as client:
            start = time.monotonic()
            assert client.find_endp("x")[0] == 2
            assert time.monotonic() - start < 0.5
        assert resident_kb(server.process.pid) < 20000


def resident_kb(pid):
    """Resident memory of a process."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def test_garbage():
    """Random bytes, and no end to them: closed or skipped, and everybody else is served."""
    with launch.MasterServer() as server, server.connect() as client:
        far = keep(client, "x")
        for seed in range(50):
            with server.connect() as rude:
                try:
                    rude.send(bytes((seed * n * 7 + n) % 256 for n in range(2000)))
                except ConnectionError:
                    pass
        with server.connect() as rude:
            try:
                for _ in range(200):
                    rude.send(b"x" * 65536)
            except (ConnectionError, TimeoutError):
                pass
        assert client.find_endp("x")[0] == 0
        assert resident_kb(server.process.pid) < 20000
        far.close()


def test_clients_leave_at_every_stage():
    """After each byte of a whole conversation: nothing is lost, nothing leaks."""
    find = encode(("request", "find_endp"), ("label", "x"))
    with launch.MasterServer() as server, server.connect() as client:
        far = keep(client, "x")
        before = descriptors(server.process.pid)
        for cut in range(len(find) + len(DUMMY)):
            with server.connect() as leaver:
                leaver.send((find + DUMMY)[:cut])
        wait_until(lambda: descriptors(server.process.pid) == before, 3, f"{before} descriptors")
        assert client.find_endp("x")[0] == 0
        far.close()

