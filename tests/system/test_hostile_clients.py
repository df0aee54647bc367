"""Hostile clients: too many, too slow, gone at every step; nobody else may notice."""

import os
import resource
import signal
import socket
import threading
import time

import pytest

from support import launch
from support.client import (DUMMY, GREETING, encode, inode, keep, receive_exactly,
                            send_with_fds)
from support.process import descriptors
from support.waiting import wait_until

FIND = encode(("request", "find_endp"), ("label", "x"))
SAVE = encode(("request", "save_endp"), ("ttl", 9), ("label", "y"), ("property", "p"))


def limit(count):
    """Arguments that set the client limit."""
    return ["-o", f"connection_cache_client_limit={count}"]


def left(client):
    """Whether the server has closed this client, without waiting."""
    client.sock.setblocking(False)
    try:
        return client.sock.recv(1) == b""
    except BlockingIOError:
        return False
    finally:
        client.sock.settimeout(5)


def test_at_the_limit_without_a_newcomer():
    """As many clients as the limit allows: none is closed as long as no other comes."""
    with launch.MasterServer(args=limit(4)) as server:
        clients = [server.connect() for _ in range(4)]
        for client in clients:
            assert client.find_endp("x")[0] == 2
        fifth = server.connect()
        assert fifth.find_endp("x")[0] == 2
        wait_until(lambda: left(clients[0]), 3, "the one that was idle longest to be closed")
        assert not any(left(client) for client in clients[1:])
        for client in (*clients, fifth):
            client.close()


def test_newcomer_when_all_are_at_half_a_request():
    """None is idle, so the one that has been longest at its request makes room for a newcomer."""
    with launch.MasterServer(args=limit(4)) as server:
        clients = []
        for _ in range(4):
            clients.append(server.connect())
            clients[-1].send(FIND[:-1])
            time.sleep(0.05)  # Until it counts as busy.
        newcomer = launch.Client(server.path, 3, greeting=False)
        newcomer.sock.settimeout(2)
        assert receive_exactly(newcomer.sock, len(GREETING))[0] == GREETING
        wait_until(lambda: left(clients[0]), 3, "the oldest half request to be given up")
        assert not any(left(client) for client in clients[1:])
        clients[1].send(FIND[-1:])
        assert clients[1].read_list()[0][0] == ("status", "2")
        for client in (*clients, newcomer):
            client.close()


def test_more_clients_than_the_limit_get_on():
    """32 clients come and go where 8 may be: nearly all are served, most at the first try."""
    counts = {"served": 0, "lost": 0}
    lock = threading.Lock()

    def come_and_go(server):
        for _ in range(20):
            try:
                with server.connect(10) as client:
                    served = all(client.find_endp("x")[0] == 2 for _ in range(3))
            except (OSError, EOFError, AssertionError):
                served = False
            with lock:
                counts["served" if served else "lost"] += 1

    with launch.MasterServer(args=limit(8)) as server:
        threads = [threading.Thread(target=come_and_go, args=(server,)) for _ in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert counts["served"] > 9 * counts["lost"], counts


def test_request_in_the_queue_when_master_leaves():
    """Master goes in the moment in which a request has arrived: it is answered first."""
    for _ in range(6):
        with launch.MasterServer() as server, server.connect() as client:
            server.process.signal(signal.SIGSTOP)
            client.send(FIND)
            server.hang_up()
            server.process.signal(signal.SIGCONT)
            assert client.read_list()[0][0] == ("status", "2")
            assert server.wait_exit(3) == 0


def test_idle_clients_beside_a_full_cache():
    """As many idle clients as may be leave a full cache as it is."""
    prefix = ["prlimit", "--nofile=200:200"]
    near, far = socket.socketpair()
    with launch.MasterServer(prefix=prefix) as server, server.connect() as first:
        for number in range(300):
            assert first.save_endp(f"x{number}", near.fileno()) == 0
        clients = [server.connect() for _ in range(120)]
        found = [clients[-1].find_endp(f"x{n}")[0] for n in range(300)]
        assert found.count(0) >= 100
        assert found == sorted(found, reverse=True)
        for sock in (*clients, near, far):
            sock.close()


def test_stuck_at_every_byte():
    """A client stuck at every byte of every exchange: others are as prompt as before."""
    whole = (SAVE, FIND + DUMMY, encode(("request", "take"), ("label", ""), ("label", "x")))
    with launch.MasterServer() as server, server.connect() as client:
        far = keep(client, "x")
        stuck = []
        for text in whole:
            for cut in range(1, len(text)):
                if FIND in text[:cut]:
                    continue  # It would be promised what the others look for.
                stuck.append(server.connect())
                stuck[-1].send(text[:cut])
        worst = 0
        for _ in range(200):
            start = time.monotonic()
            assert client.find_endp("none")[0] == 2
            worst = max(worst, time.monotonic() - start)
        assert worst < 0.25
        assert client.find_endp("x")[0] == 0
        for sock in (*stuck, far):
            sock.close()


def test_gone_after_the_promise():
    """Gone after status 0, at every byte of the word that follows: it goes back to the front."""
    with launch.MasterServer() as server, server.connect() as client:
        fars = [keep(client, "x", prop=f"p{n}") for n in range(3)]
        for cut in range(len(DUMMY)):
            with server.connect() as leaver:
                leaver.send(FIND)
                assert leaver.read_list()[0][0] == ("status", "0")
                leaver.send(DUMMY[:cut])
        wait_until(lambda: count_of(client), 3, "all three in order")
        for far in fars:
            far.close()


def count_of(client):
    """Whether the next one found is the first that was saved."""
    status, prop, fd = client.find_endp("x")
    if status == 0:
        os.close(fd)
    return status == 0 and prop == "p0"


def test_promise_outlives_its_time():
    """A promised connection does not expire while its client thinks; put back, it is closed."""
    with launch.MasterServer() as server, server.connect() as client, server.connect() as other:
        far, gone = keep(client, "x", 1), keep(client, "z", 1)
        client.send(FIND)
        assert client.read_list()[0][0] == ("status", "0")
        other.send(FIND.replace(b"x", b"z"))
        assert other.read_list()[0][0] == ("status", "0")
        time.sleep(1.3)  # The time to live, which only passes.
        client.send(DUMMY)
        data, fds = receive_exactly(client.sock, 1)
        assert data == b"\0" and len(fds) == 1
        os.close(fds[0])
        other.close()
        gone.settimeout(3)
        assert gone.recv(1) == b"", "its time was up when it came back"
        client.send(DUMMY)
        assert client.find_endp("z")[0] == 2
        far.close()
        gone.close()


def test_pipeline_that_nobody_reads():
    """Thousands of requests, half of them with something to give: that client alone pays."""
    with launch.MasterServer() as server, server.connect() as client, server.connect() as rude:
        far = keep(client, "x")
        take = encode(("request", "take"), ("label", "none"), ("label", "x"))
        rude.sock.settimeout(0.5)
        with pytest.raises(TimeoutError):
            while True:
                rude.send(take * 500)
        start = time.monotonic()
        assert client.save_dest("d", "e") == 0
        assert time.monotonic() - start < 0.25
        rude.close()
        far.close()


@pytest.mark.parametrize("size", [262143, 262144, 262145, 3000000])
def test_oversized(size):
    """A list of the limit is taken, a longer one is status 1, and the client goes on."""
    head, tail = b"request\0find_endp\0label\0", b"\0\0"
    with launch.MasterServer() as server, server.connect() as client:
        client.send(head + b"x" * (size - len(head) - len(tail)) + tail)
        assert client.read_list()[0][0] == ("status", "2" if size <= 262144 else "1")
        assert client.find_endp("x")[0] == 2


def test_come_and_go():
    """Thousands of connects and disconnects: every descriptor is given back."""
    with launch.MasterServer() as server, server.connect() as client:
        client.find_endp("x")
        before = descriptors(server.process.pid)
        for number in range(3000):
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(str(server.path))
            if number % 3 == 0:
                sock.send(SAVE)
            sock.close()
        wait_until(lambda: descriptors(server.process.pid) == before, 3, f"{before} descriptors")
        assert client.find_endp("x")[0] == 2


def test_descriptor_where_none_is_due():
    """With any list but put, and with a dummy: that client is closed, the rest goes on."""
    near, far = socket.socketpair()
    with launch.MasterServer() as server, server.connect() as client:
        kept = keep(client, "x")
        before = descriptors(server.process.pid)
        for text in (FIND, SAVE, DUMMY, b"\0", b"strange\0value\0\0"):
            with server.connect() as rude:
                send_with_fds(rude.sock, text, [near.fileno()])
                assert rude.sock.recv(100) == b""
        with server.connect() as rude:
            rude.send(FIND)
            rude.read_list()
            send_with_fds(rude.sock, DUMMY, [near.fileno()])
            assert rude.sock.recv(100) == b""
        wait_until(lambda: descriptors(server.process.pid) == before, 3, f"{before} descriptors")
        assert client.find_endp("x")[0] == 0
        for sock in (near, far, kept):
            sock.close()


def test_stopped_and_continued():
    """SIGSTOP, a crowd of requests, SIGCONT: all are answered, in order."""
    with launch.MasterServer(params={"daemon_timeout": "3s"}) as server:
        clients = [server.connect() for _ in range(20)]
        server.process.signal(signal.SIGSTOP)
        for client in clients:
            client.send(FIND * 3)
        time.sleep(4)  # Longer than the watchdog would wait.
        server.process.signal(signal.SIGCONT)
        for client in clients:
            for _ in range(3):
                assert client.read_list()[0][0] == ("status", "2")
            client.close()
        assert server.process.alive()


def test_two_clients_never_get_the_same():
    """Two clients race for what a third saves: nothing is found twice, nothing is lost."""
    got, lock = [], threading.Lock()

    def race(server, done):
        with server.connect() as client:
            while True:
                last = done.is_set()
                status, prop, fd = client.find_endp("x")
                if status == 0:
                    with lock:
                        got.append((int(prop), inode(fd)[1]))
                    os.close(fd)
                elif last:
                    return

    saved, done = [], threading.Event()
    with launch.MasterServer() as server, server.connect() as client:
        threads = [threading.Thread(target=race, args=(server, done)) for _ in range(2)]
        for thread in threads:
            thread.start()
        fars = []
        for number in range(500):
            near, far = socket.socketpair()
            saved.append((number, inode(near.fileno())[1]))
            assert client.save_endp("x", near.fileno(), prop=str(number)) == 0
            near.close()
            fars.append(far)
        done.set()
        for thread in threads:
            thread.join()
    assert sorted(got) == saved
    for far in fars:
        far.close()


def test_table_of_the_tests_suffices():
    """These tests keep about a thousand descriptors open at once."""
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= 1024
