"""Limits at their edges, full tables, the peer check, and statistics to the last digit."""

import os
import pwd
import re
import resource
import signal
import socket
import struct

import pytest

from support import launch
from support.client import (at_eof, encode, inode, keep, receive, receive_exactly,
                            send_with_fds)

SMALL = ["prlimit", "--nofile=200:200"]


def options(**values):
    """-o arguments; the prefix connection_cache_ is added."""
    return [w for k, v in values.items() for w in ("-o", f"connection_cache_{k}={v}")]


def put(label, ttl=9, binding=""):
    """A put list."""
    text = encode(("request", "put"), ("ttl", ttl), ("label", label), ("property", "p"))
    if binding:
        text = text[:-1] + encode(("ttl", ttl), ("label", binding), ("property", "d"))
    return text


def take(client, *labels):
    """(status, descriptor or -1) of a take."""
    client.send(encode(("request", "take"), *(("label", text) for text in labels)))
    pairs, fds = client.read_list()
    return int(pairs[0][1]), fds[0] if fds else -1


def test_thousand_saves_in_two_hundred_descriptors():
    """All are served, and the newest are there."""
    with launch.MasterServer(prefix=SMALL) as server, server.connect() as client:
        near, far = socket.socketpair()
        assert all(client.save_endp(f"x{n}", near.fileno()) == 0 for n in range(1000))
        found = [client.find_endp(f"x{n}")[0] for n in range(900, 1000)]
        assert found == [0] * 100
        for sock in (near, far):
            sock.close()


def test_queued_puts_never_mix():
    """Puts queued while the table is full: whatever is found under a label is its own."""
    with launch.MasterServer(prefix=SMALL, args=options(ttl_limit="60s")) as server:
        with server.connect() as filler:
            near, far = socket.socketpair()
            for number in range(150):
                filler.save_endp(f"full{number}", near.fileno(), 60)
            fars = {}
            for turn in range(30):
                fars |= queue_puts(server, turn)
            found = 0
            for label, other in fars.items():
                status, fd = take(filler, "", label)
                if status == 0:
                    found += 1
                    os.write(fd, label.encode())
                    os.close(fd)
                    other.settimeout(2)
                    assert other.recv(50) == label.encode()
                other.close()
            assert found > 0
        for sock in (near, far):
            sock.close()


def queue_puts(server, turn):
    """Four puts that a sleeping server finds in one queue; the far ends by label."""
    fars = {}
    with server.connect() as client:
        server.process.signal(signal.SIGSTOP)
        for number in range(4):
            near, far = socket.socketpair()
            fars[f"t{turn}n{number}"] = far
            send_with_fds(client.sock, put(f"t{turn}n{number}"), [near.fileno()])
            near.close()
        server.process.signal(signal.SIGCONT)
        for _ in range(4):
            try:
                if receive(client.sock, 10)[0] == b"":
                    break
            except ConnectionError:
                break
    return fars


def test_endpoint_limit():
    """The one nearest to its expiry makes room, within the endpoint, never the newcomer."""
    args = options(endpoint_session_limit=2)
    with launch.MasterServer(args=args) as server, server.connect() as client:
        fars = [keep(client, "x", ttl, prop=str(ttl)) for ttl in (9, 3, 6)]
        fars.append(keep(client, "y", 1))
        assert [client.find_endp("x")[1] for _ in range(3)] == ["9", "6", ""]
        assert client.find_endp("y")[0] == 0
        for far in fars:
            far.close()


def test_session_limit():
    """In all so many connections; the one with the least time left goes, bindings stay."""
    with launch.MasterServer(args=options(session_limit=3)) as server, server.connect() as client:
        client.save_dest("d", "b")
        fars = [keep(client, name, ttl) for name, ttl in (("a", 9), ("b", 4), ("c", 9), ("d", 8))]
        assert [client.find_endp(name)[0] for name in "abcd"] == [0, 2, 0, 0]
        fars.append(keep(client, "b"))
        assert client.find_dest("d")[0] == 0
        for far in fars:
            far.close()


def test_full_cache_and_endpoint_limit():
    """Both limits are hit at once: one connection makes room, not two."""
    args = options(endpoint_session_limit=1, session_limit=3)
    with launch.MasterServer(args=args) as server, server.connect() as client:
        fars = [keep(client, name, ttl) for name, ttl in (("a", 4), ("b", 5), ("c", 9))]
        fars.append(keep(client, "c", 9))
        assert [client.find_endp(name)[0] for name in "abc"] == [0, 0, 0]
        for far in fars:
            far.close()


def survivors(again):
    """Fills a small table, saves one endpoint `again` so often, and counts what can be found."""
    args = options(endpoint_session_limit=1, ttl_limit="60s")
    near, far = socket.socketpair()
    with launch.MasterServer(prefix=SMALL, args=args) as server, server.connect() as client:
        for number in range(300):
            assert client.save_endp(f"x{number}", near.fileno(), 30 + number // 100) == 0
        for _ in range(again):
            assert client.save_endp("x299", near.fileno(), 60) == 0
        count = sum(client.find_endp(f"x{n}")[0] == 0 for n in range(300))
    near.close()
    far.close()
    return count


def test_full_table_and_endpoint_limit():
    """The same when descriptors are the limit: who is at his own limit costs no other."""
    assert survivors(5) == survivors(0)


def test_destination_binding_limit():
    """At the limit the binding with the least time left makes room, the newcomer never."""
    args = options(destination_binding_limit=2)
    with launch.MasterServer(args=args) as server, server.connect() as client:
        for name, ttl in (("a", 3), ("b", 9), ("c", 2)):
            assert client.save_dest("d", name, ttl, prop=name) == 0
        fars = [keep(client, name) for name in "abc"]
        assert [client.find_dest("d")[1] for _ in range(3)] == ["b", "c", ""]
        for far in fars:
            far.close()


def test_binding_limit():
    """The same for all bindings together."""
    with launch.MasterServer(args=options(binding_limit=2)) as server, server.connect() as client:
        for name, ttl in (("a", 3), ("b", 9), ("c", 2)):
            assert client.save_dest(f"d{name}", name, ttl) == 0
        fars = [keep(client, name) for name in "abc"]
        assert [client.find_dest(f"d{name}")[0] for name in "abc"] == [2, 0, 0]
        for far in fars:
            far.close()


def test_newest_first():
    """connection_cache_reuse_order = newest; what goes back undelivered is found next."""
    args = options(reuse_order="newest")
    with launch.MasterServer(args=args) as server, server.connect() as client:
        fars = [keep(client, "x", prop=str(n)) for n in range(3)]
        with server.connect() as leaver:
            assert leaver.ask(("request", "find_endp"), ("label", "x")) == ["0", "2"]
            leaver.sock.shutdown(socket.SHUT_WR)
            assert leaver.sock.recv(1) == b""
        assert [client.find_endp("x")[1] for _ in range(3)] == ["2", "1", "0"]
        for far in fars:
            far.close()


def tcp_pair():
    """Two ends of a TCP connection on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        return near, listener.accept()[0]


@pytest.mark.parametrize("pair", [tcp_pair, socket.socketpair])
@pytest.mark.parametrize("fate", ["closed", "reset", "half-shut", "spoke", "alive"])
def test_peer_check(pair, fate):
    """A dead or talkative one is passed over, counted as a miss; its far end sees it close."""
    with launch.MasterServer() as server, server.connect() as client:
        near, far = pair()
        assert client.save_endp("x", near.fileno()) == 0
        near.close()
        if fate == "reset":
            far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if fate == "half-shut":
            far.shutdown(socket.SHUT_WR)
        if fate == "spoke":
            far.send(b"421")
        if fate in ("closed", "reset"):
            far.close()
        assert client.find_endp("x")[0] == (0 if fate == "alive" else 2)
        if fate in ("half-shut", "spoke"):
            assert at_eof(far, 3)
        far.close()


def test_datagrams_and_pipes_are_not_judged():
    """They may hold data, or be at their end: handed out all the same."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    reader, writer = os.pipe()
    far.send(b"word")
    os.close(writer)
    with launch.MasterServer() as server, server.connect() as client:
        for fd in (near.fileno(), reader):
            assert client.save_endp("x", fd) == 0
            status, _, found = client.find_endp("x")
            assert status == 0 and inode(found) == inode(fd)
            os.close(found)
    near.close()
    far.close()
    os.close(reader)


def test_statistics_to_the_digit():
    """Every kind of look-up once or more: exactly these numbers."""
    with launch.MasterServer() as server, server.connect() as client:
        fars = [keep(client, "a"), keep(client, "a"), keep(client, "b"), keep(client, "dead")]
        near, far = socket.socketpair()
        send_with_fds(client.sock, put("c", binding="dc"), [near.fileno()])
        assert client.read_list()[0] == [("status", "0")]
        client.save_dest("da", "a")
        client.save_dest("ghost", "nothing")
        fars.pop().close()
        assert client.find_dest("da")[0] == 0  # domain hit
        assert client.find_dest("dx")[0] == 2  # domain miss
        assert client.find_dest("ghost")[0] == 2  # domain miss
        assert client.find_endp("a")[0] == 0  # address hit
        assert client.find_endp("a")[0] == 2  # address miss
        assert client.find_endp("dead")[0] == 2  # address miss
        assert take(client, "dc")[0] == 0  # domain hit
        assert take(client, "no", "b")[0] == 0  # domain hit
        assert take(client, "", "b", "c")[0] == 2  # address miss
        fars.append(keep(client, "b"))
        with server.connect() as leaver:  # undelivered: neither
            leaver.ask(("request", "find_endp"), ("label", "b"))
        client.ask(("request", "find_endp"), ("label", ""))  # malformed: neither
        client.ask(("request", "find_dest"))
        server.process.signal(signal.SIGTERM)
        assert server.wait_exit(3) == 0
        lines = [re.sub(r".*\]: ", "", r) for r in server.records if "statistics: " in r]
        assert lines[1:] == [
            "statistics: domain lookup hits=3 miss=2 success=60%",
            "statistics: address lookup hits=1 miss=3 success=25%",
            "statistics: max simultaneous domains=3 addresses=4 connection=5",
        ]
        for sock in (*fars, near, far):
            sock.close()


def test_too_many_descriptors_on_their_way():
    """ETOOMANYREFS, the kernel's limit of descriptors in flight, only delays."""
    nobody = pwd.getpwnam("postfix").pw_uid
    near, far = socket.socketpair()
    prefix = ["prlimit", "--nofile=300:300"]
    with launch.MasterServer(prefix=prefix) as server, server.connect() as client:
        assert client.save_endp("x", near.fileno()) == 0
        parents, pid = os.pipe(), os.fork()
        if pid == 0:
            fill_the_kernel(nobody, parents)
        os.close(parents[1])
        assert os.read(parents[0], 1) == b"r"
        client.send(encode(("request", "find_endp"), ("label", "x")))
        assert client.read_list()[0][0] == ("status", "0")
        client.send(b"dummy\0\0\0")
        client.sock.settimeout(0.3)
        waited = False
        try:
            data, fds = receive_exactly(client.sock, 1)
        except TimeoutError:
            waited = True
        with server.connect() as other:
            assert other.find_endp("y")[0] == 2, "nobody else waits"
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        client.sock.settimeout(3)
        if waited:
            data, fds = receive_exactly(client.sock, 1)
        assert waited and data == b"\0" and inode(fds[0]) == inode(near.fileno())
    for sock in (near, far):
        sock.close()


def fill_the_kernel(user, pipe):
    """As this user: sends descriptors that nobody receives, then says so and waits."""
    os.setgid(user)
    os.setuid(user)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1000, 1000))
    kept = []
    try:
        while True:
            one, two = socket.socketpair()
            send_with_fds(one, b"x", [0] * 100)
            kept += [one, two]
    except OSError:
        pass
    os.write(pipe[1], b"r")
    signal.pause()
    os._exit(0)


def test_big_bindings_leave_memory_level():
    """Many distinct bindings of 100 kB: what they take is bounded, well below all of memory."""
    with launch.MasterServer() as server, server.connect() as client:
        reply = len(encode(("status", "0")))
        for number in range(6000):
            client.send(encode(("request", "save_dest"), ("ttl", 10), ("label", f"d{number}"),
                               ("property", b"v" * 100000), ("label", "e")))
            receive_exactly(client.sock, reply)
        with open(f"/proc/{server.process.pid}/status", encoding="utf-8") as file:
            size = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
        assert size < 300000, "kB resident"
