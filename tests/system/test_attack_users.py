"""One hostile user beside another: whatever he does with a thing, the other has his share of it."""

import array
import contextlib
import os
import signal
import socket
import struct
import traceback

import pytest

from support import needs
from support.alone import Place, as_user
from support.client import Client, encode
from support.waiting import wait_until

ALICE, MALLORY = 4301, 4302
WAYS = ("--mode", "0666", "-o", f"connection_cache_authorized_users={ALICE},{MALLORY}",
        "-o", "connection_cache_ttl_limit=100s")


@pytest.fixture
def place():
    needs.root()
    where = Place()
    yield where
    where.end()


@contextlib.contextmanager
def hostile(action):
    """Mallory has done it, and holds on to whatever he got."""
    ready, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(ready)
            os.setpgid(0, 0)
            os.setgroups([])
            os.setresgid(*3 * [MALLORY])
            os.setresuid(*3 * [MALLORY])
            kept = action()
            os.write(told, b"ok")
            while kept:
                signal.pause()
        except BaseException:  # pylint: disable=broad-except
            os.write(told, traceback.format_exc().encode()[-4000:])
        os._exit(1)
    os.close(told)
    try:
        said = os.read(ready, 4096)
        assert said == b"ok", said.decode()
        yield
    finally:
        os.close(ready)
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


class User:
    """What a user of the cache does."""

    def __init__(self, path):
        self.path = path
        self.client = Client(path)
        self.kept = []

    def put(self, label, destination=None, prop="p", near=None):
        """Save one end of a pair; the status."""
        far = None
        if near is None:
            near, far = socket.socketpair()
            self.kept.append(far)
        more = [("ttl", "90"), ("label", destination), ("property", "")] if destination else []
        data = encode(("request", "put"), ("ttl", "90"), ("label", label), ("property", prop), *more)
        sent = socket.send_fds(self.client.sock, [data], [near.fileno()])
        self.client.sock.sendall(data[sent:])
        if far:
            near.close()
        return int(self.client.read_list()[0][0][1])

    def take(self, label, destination=""):
        """The status of a take; what came is closed."""
        self.client.send(encode(("request", "take"), ("label", destination), ("label", label)))
        reply, fds = self.client.read_list()
        for fd in fds:
            os.close(fd)
        return int(reply[0][1])


def has_what_is_hers(path):
    """Alice saves, finds by endpoint and by destination, several times."""
    def visits():
        for number in range(10):
            alice = User(path)
            statuses = [alice.put("a", destination="ad"), alice.take("a"), alice.put("a"),
                        alice.take("none", destination="ad"), alice.take("a")]
            assert statuses == [0, 0, 0, 0, 2], (number, statuses)
            alice.client.close()
    as_user(ALICE, visits)


def keeps_what_is_hers(server, action):
    """What Alice has saved before is there after Mallory has done it."""
    ready, go = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setresgid(*3 * [ALICE])
            os.setresuid(*3 * [ALICE])
            alice = User(server.path)
            assert alice.put("old", destination="oldd") == 0
            os.write(ready[1], b"x")
            os.read(go[0], 1)
            os._exit(0 if alice.take("none", destination="oldd") == 0 else 7)
        except BaseException:  # pylint: disable=broad-except
            traceback.print_exc()
        os._exit(1)
    os.close(ready[1])
    assert os.read(ready[0], 1) == b"x"
    with hostile(action):
        has_what_is_hers(server.path)
        os.write(go[1], b"x")
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    for fd in (ready[0], *go):
        os.close(fd)
    has_what_is_hers(server.path)


def serve(place, *more, descriptors=1024):
    limit = ("prlimit", f"--nofile={descriptors}:{descriptors}")
    return place.serve(*WAYS, *(word for name in more for word in ("-o", name)), prefix=limit)


def test_takes_that_nobody_receives(place):
    server = serve(place)

    def action():
        mallory, hoarders = User(server.path), []
        near, far = socket.socketpair()
        for _ in range(8):
            hoarder = Client(server.path)
            hoarders.append(hoarder)
            for _ in range(60):
                if mallory.put("m", near=near) != 0:
                    break
                hoarder.send(encode(("request", "take"), ("label", ""), ("label", "m")))
        return mallory, hoarders, near, far
    keeps_what_is_hers(server, action)
    assert any("descriptors unread" in line for line in server.lines())


def test_who_leaves_with_descriptors_unread(place):
    server = serve(place)

    def action():
        mallory, hoarders = User(server.path), []
        near, far = socket.socketpair()
        for _ in range(200):
            if mallory.put("m", near=near) != 0:
                break
            hoarder = Client(server.path)
            hoarder.send(encode(("request", "take"), ("label", ""), ("label", "m")))
            hoarder.sock.shutdown(socket.SHUT_WR)
            hoarders.append(hoarder)
        return mallory, hoarders, near, far
    keeps_what_is_hers(server, action)


def test_long_texts(place):
    server = serve(place, "connection_cache_memory_limit=4000000")

    def action():
        mallory = User(server.path)
        for number in range(100):
            mallory.put(f"m{number}", prop="x" * 200000)
        return mallory
    keeps_what_is_hers(server, action)


def test_many_bindings(place):
    server = serve(place, "connection_cache_binding_limit=500")

    def action():
        mallory = User(server.path)
        for number in range(2000):
            data = encode(("request", "save_dest"), ("ttl", "90"), ("label", f"d{number}"),
                          ("property", ""), ("label", "e"))
            mallory.client.send(data)
            mallory.client.read_list()
        return mallory
    keeps_what_is_hers(server, action)


def test_many_connections(place):
    server = serve(place, "connection_cache_session_limit=50",
                   "connection_cache_endpoint_session_limit=0")

    def action():
        mallory = User(server.path)
        for number in range(300):
            mallory.put(f"m{number}")
        return mallory
    keeps_what_is_hers(server, action)


def test_connections_that_are_promised(place):
    server = serve(place, "connection_cache_session_limit=40")

    def action():
        mallory, holders = User(server.path), []
        near, far = socket.socketpair()
        for _ in range(100):
            if mallory.put("m", near=near) != 0:
                break
            holder = Client(server.path)
            holder.send(encode(("request", "find_endp"), ("label", "m")))
            holder.read_list()
            holders.append(holder)
        return mallory, holders, near, far
    keeps_what_is_hers(server, action)


def fill_with(server, data):
    """Connections that have said so much, as many as he may have."""
    held = []
    for _ in range(600):
        with contextlib.suppress(OSError, AssertionError):
            one = Client(server.path, timeout=2)
            if data:
                one.send(data)
            held.append(one)
    return held


@pytest.mark.parametrize("said", [b"", b"request\0find_endp\0label", b"request\0put\0ttl\0"],
                         ids=["nothing", "half a look-up", "half a put"])
def test_all_places_taken(place, said):
    server = serve(place, "connection_cache_client_limit=60")
    keeps_what_is_hers(server, lambda: fill_with(server, said))


def test_long_half_requests(place):
    server = serve(place, "connection_cache_memory_limit=2000000")
    keeps_what_is_hers(server, lambda: fill_with(server, b"request\0find_endp\0label\0" +
                                                 b"x" * 100000)[:200])


def test_many_descriptors_with_every_message(place):
    server = serve(place)

    def action():
        near, far = socket.socketpair()
        many = array.array("i", [near.fileno()] * 253)
        held = []
        for _ in range(100):
            with contextlib.suppress(OSError):
                one = Client(server.path)
                for data in (b"request\0put", encode(("request", "find_endp"), ("label", "x"))):
                    one.sock.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, many)])
                held.append(one)
        return held, near, far
    keeps_what_is_hers(server, action)
    wait_until(lambda: len(os.listdir(f"/proc/{server.process.pid}/fd")) < 100, 10,
               "what was passed to be closed")


def test_thousands_of_dead_connections(place):
    server = serve(place, "connection_cache_endpoint_session_limit=0", descriptors=8192)

    def action():
        mallory = User(server.path)
        for _ in range(3000):
            mallory.put("m")
            mallory.kept.pop().close()
        looking = [Client(server.path, timeout=30) for _ in range(20)]
        for one in looking:
            one.send(encode(("request", "take"), ("label", ""), ("label", "m")))
        for one in looking:
            one.read_list()
        return mallory, looking
    keeps_what_is_hers(server, action)


def test_floods_of_look_ups(place):
    server = serve(place)
    flood = encode(*[("request", "take"), ("label", "")] +
                   [("label", f"{number}") for number in range(5000)])
    many = encode(("request", "find_dest"), ("label", "d")) * 2000

    def action():
        mallory = User(server.path)
        for number in range(100):
            mallory.client.send(encode(("request", "save_dest"), ("ttl", "90"), ("label", "d"),
                                       ("property", ""), ("label", f"e{number}")))
            mallory.client.read_list()
        for number in range(3):
            if os.fork() == 0:
                held = [Client(server.path) for _ in range(40)]
                for one in held:
                    one.sock.setblocking(False)
                while True:
                    for one in held:
                        with contextlib.suppress(BlockingIOError):
                            one.sock.send(many if number else flood)
                        with contextlib.suppress(BlockingIOError):
                            one.sock.recv(1 << 20)
        return mallory
    keeps_what_is_hers(server, action)


def test_connections_that_linger_when_they_are_closed(place):
    server = serve(place, "connection_cache_endpoint_session_limit=4")

    def lingering():
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            near = socket.create_connection(listener.getsockname())
            far = listener.accept()[0]
        near.setblocking(False)
        near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 3))
        with contextlib.suppress(BlockingIOError):
            while True:
                near.send(bytes(65536))
        return near, far

    def action():
        mallory, pairs = User(server.path), []
        for _ in range(40):
            pair = lingering()
            mallory.put("m", near=pair[0])
            pair[0].close()
            pairs.append(pair[1])
        return mallory, pairs
    keeps_what_is_hers(server, action)


def test_strangers_who_may_not_connect(place):
    server = serve(place, f"connection_cache_authorized_users={ALICE}")

    def action():
        near, far = socket.socketpair()
        held = []
        for _ in range(300):
            one = socket.socket(socket.AF_UNIX)
            one.connect(str(server.path))
            with contextlib.suppress(OSError):
                socket.send_fds(one, [b"request\0put"], [near.fileno()] * 200)
            held.append(one)
        return held, near, far
    keeps_what_is_hers(server, action)
    assert sum("may not connect" in line for line in server.lines()) == 1
