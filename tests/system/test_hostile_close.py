"""Hostile descriptors: closes that hang must neither stall, nor leak, nor harm anybody else."""

import array
import contextlib
import os
import signal
import socket
import struct
import time

import pytest

from support import fuse, launch
from support.client import at_eof, encode, inode, keep, receive_exactly, send_with_fds
from support.process import children, descriptors
from support.stuck import Bystander, lingering
from support.waiting import wait_until

LONG = ["-o", "connection_cache_ttl_limit=100s"]


@contextlib.contextmanager
def stopped(server):
    """While the server sleeps, what happens happens at once to it."""
    server.process.signal(signal.SIGSTOP)
    yield
    server.process.signal(signal.SIGCONT)


def worst_after(deliver, seconds=1.5):
    """Lets a client deliver a lingering descriptor, all of whose copies are then the server's."""
    near, far = lingering()
    with launch.MasterServer() as server, server.connect() as client:
        bystander = Bystander(server)
        with stopped(server):
            deliver(client, near)
            near.close()
        bystander.start()
        time.sleep(seconds)  # The time in which others may be held up.
        worst = bystander.stop()
    far.close()
    return worst


def save_list(ttl=5):
    """The first half of save_endp."""
    return encode(("request", "save_endp"), ("ttl", ttl), ("label", "x"), ("property", "p"))


def test_surplus_descriptor_that_lingers():
    """The second of two descriptors is not closed by the loop, by way of a short control buffer."""
    one, two = socket.socketpair()

    def deliver(client, near):
        client.send(save_list())
        send_with_fds(client.sock, b"\0", [one.fileno(), near.fileno()])

    assert worst_after(deliver) < 0.5
    one.close()
    two.close()


def test_descriptor_out_of_band_that_lingers():
    """A byte out of band is dropped by the next receive, and its descriptor with it."""

    def deliver(client, near):
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [near.fileno()]))
        client.sock.sendmsg([b"x"], [rights], socket.MSG_OOB)

    assert worst_after(deliver) < 0.5


def test_unread_descriptor_of_a_dying_client():
    """A client dies with a lingering descriptor in its queue."""

    def deliver(client, near):
        client.send(b"\1" * 100)
        send_with_fds(client.sock, b"\0", [near.fileno()])
        client.close()

    assert worst_after(deliver) < 0.5


def test_one_close_that_hangs_delays_no_other():
    """Two expire together, the first hangs: the second is closed at once all the same."""
    near, far = lingering(5)
    with launch.MasterServer() as server, server.connect() as client:
        assert client.save_endp("x", near.fileno(), 1) == 0
        near.close()
        other = keep(client, "x", 1)
        assert at_eof(other, 2.5)
    far.close()
    other.close()


def hang_closers(client, count, seconds=20):
    """So many connections that expire in a second and cannot be closed; their far ends."""
    fars = []
    for number in range(count):
        near, far = lingering(seconds)
        assert client.save_endp(f"hung{number}", near.fileno(), 1) == 0
        near.close()
        fars.append(far)
    time.sleep(1.2)  # The time to live, which only passes.
    for _ in range(2 * count):
        client.find_endp("nothing")
        time.sleep(0.003)  # Lets each closing thread begin.
    return fars


@pytest.mark.parametrize("count", [8, 40])
def test_closes_that_hang_for_long(count):
    """Many closes hang for 20 s: others save, find, and are closed as before."""
    prefix = ["prlimit", "--nofile=1000:1000"]
    with launch.MasterServer(prefix=prefix, args=LONG) as server, server.connect() as client:
        fars = hang_closers(client, count)
        other = keep(client, "other", 1)
        assert at_eof(other, 3), "an expired connection is closed"
        for _ in range(1500):
            near, far = socket.socketpair()
            assert client.save_endp("x", near.fileno()) == 0
            status, _, found = client.find_endp("x")
            assert status == 0
            for fd in (near, far):
                fd.close()
            os.close(found)
    for far in (*fars, other):
        far.close()


def test_closes_that_hang_beside_a_full_cache():
    """A small table, all of it used, and six closes that hang: saves are as quick as ever."""
    prefix = ["prlimit", "--nofile=200:200"]
    with launch.MasterServer(prefix=prefix, args=LONG) as server, server.connect() as client:
        fars = hang_closers(client, 6)
        near, far = socket.socketpair()
        slow = 0
        for number in range(300):
            start = time.monotonic()
            assert client.save_endp(f"x{number}", near.fileno(), 50) == 0
            slow += time.monotonic() - start > 0.05
        assert slow <= 3
    for sock in (*fars, near, far):
        sock.close()


@pytest.mark.parametrize("family", ["unix", "tcp"])
def test_flags_and_options_stay(family):
    """O_NONBLOCK and SO_LINGER of what is cached are the same before, during and after."""
    if family == "tcp":
        with socket.create_server(("127.0.0.1", 0)) as listener:
            near = socket.create_connection(listener.getsockname())
            far = listener.accept()[0]
    else:
        near, far = socket.socketpair()
    linger = struct.pack("ii", 1, 7)
    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    with launch.MasterServer() as server, server.connect() as client:
        for blocking in (True, False):
            near.setblocking(blocking)
            assert client.save_endp("x", near.fileno()) == 0
            assert os.get_blocking(near.fileno()) == blocking
            status, _, fd = client.find_endp("x")
            assert status == 0 and inode(fd) == inode(near.fileno())
            with socket.socket(fileno=fd) as found:
                assert os.get_blocking(fd) == blocking
                assert found.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == linger
    near.close()
    far.close()


@pytest.mark.parametrize("count", [0, 2, 253])
def test_number_of_descriptors(count):
    """None, two, or 253 descriptors with the byte: status 2, and not one stays open."""
    near, far = socket.socketpair()
    with launch.MasterServer() as server, server.connect() as client:
        client.find_endp("x")
        before = descriptors(server.process.pid)
        for _ in range(5):
            client.send(save_list())
            assert receive_exactly(client.sock, 8)[0] == b"dummy\0\0\0"
            if count:
                send_with_fds(client.sock, b"\0", [near.fileno()] * count)
            else:
                client.send(b"\0")
            assert client.read_list()[0] == [("status", "2")]
        time.sleep(0.1)  # Closing happens a little later.
        assert descriptors(server.process.pid) == before
        assert client.find_endp("x")[0] == 2
    near.close()
    far.close()


@pytest.mark.parametrize("count", [1, 8])
def test_file_whose_close_hangs(count):
    """Of a FUSE file every close may hang, the last or not: others do not notice."""
    with fuse.HangingFile() as hanging, launch.MasterServer() as server:
        with server.connect() as client:
            for number in range(count):
                fd = os.open(hanging.path, os.O_RDWR)
                assert client.save_endp(f"file{number}", fd, 1) == 0
                os.close(fd)
            bystander = Bystander(server)
            bystander.start()
            assert hanging.hanging.wait(5), "the server closes what has expired"
            other = keep(client, "other", 1)
            assert at_eof(other, 4), "and what is not a file all the same"
            assert bystander.stop() < 0.5
            other.close()
            hanging.let_go()


def closing_processes(pid):
    """The nursery of the processes that close, and what it has forked."""
    nursery, = [child for child in children(pid) if name(child) == "scache-closer"]
    return nursery, children(nursery)


def name(pid):
    """What ps(1) shows of a process."""
    with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
        return file.read().strip()


def close_many(client, count=100):
    """Connections that are found and closed by their owner are closed everywhere."""
    for _ in range(count):
        other = keep(client, "x", 10)
        status, *_, fd = client.find_endp("x")
        assert status == 0
        os.close(fd)
        assert at_eof(other, 3)
        other.close()


@pytest.mark.parametrize("who", ["nursery", "process", "all"])
def test_killed_closing_process(who):
    """Another takes its place, a warning says so, and nothing stays open."""
    with launch.MasterServer() as server, server.connect() as client:
        pid = server.process.pid
        before = descriptors(pid)
        nursery, others = closing_processes(pid)
        assert len(others) == 1
        for victim in {"nursery": [nursery], "process": others, "all": [nursery, *others]}[who]:
            os.kill(victim, signal.SIGKILL)
        close_many(client)
        wait_until(lambda: descriptors(pid) <= before, 5, "all to be closed")
        gone = server.logged().count("warning: a process that closes sockets has gone: another")
        assert gone == (who != "nursery")


def test_killed_again_and_again():
    """However often: each time there is another one, or what else can close."""
    with launch.MasterServer() as server, server.connect() as client:
        pid = server.process.pid
        before = descriptors(pid)
        for _ in range(20):
            for victim in closing_processes(pid)[1]:
                os.kill(victim, signal.SIGKILL)
            close_many(client, 3)
        wait_until(lambda: descriptors(pid) <= before, 5, "all to be closed")
