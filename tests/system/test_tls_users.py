# SPDX-License-Identifier: BSD-2-Clause
"""Several users of one scache-tls: what one does, another does not feel, and does not see."""

import contextlib
import mmap
import os
import signal
import time
from pathlib import Path

import pytest

from support import needs
from support.alone import as_user
from support.forked import Forked
from support.fuse import READ, HangingFile
from support.process import children, resident_kb, tree
from support.tls_client import TlsClient
from support.tls_server import FarEnd, TlsServer, dial, echo, listen, read_all, read_exactly
from support.waiting import wait_until

ALICE, BOB = 40001, 40002
EVERYBODY = f"{ALICE}, {BOB}"


@contextlib.contextmanager
def serve(**params):
    """A server that lets both of them in."""
    needs.root(ALICE)
    with TlsServer("--mode", "0666", authorized_users=EVERYBODY, **params) as server:
        yield server.ready()


@pytest.fixture(name="far")
def fixture_far():
    """A far end that gives back what it is given."""
    with FarEnd(echo) as far:
        yield far


def visit(server, port):
    """Somebody asks for a session and uses it; returns who, by the server, owned it."""
    with TlsClient(server.path) as client:
        answer = client.open(dial(port), name="localhost")
        assert answer.why == (0, ""), answer
        answer.sock.sendall(b"hello")
        assert read_exactly(answer.sock, 5) == b"hello"
        return [one["user"] for one in client.sessions()]


def visit_or_not(server, port):
    """The same; nothing when there was nobody to visit."""
    with contextlib.suppress(ConnectionError):
        return visit(server, port)
    return None


def answers(server):
    """Whether somebody of our own user's is answered soon."""
    try:
        server.connect(timeout=1).close()
    except TimeoutError:
        return False
    return True


def test_users_see_their_own_sessions_and_root_sees_all(far):
    """And asks for the end of nobody else's."""
    with serve() as server, server.connect() as root:
        mine = root.open(dial(far.port), name="localhost")

        def alice():
            with TlsClient(server.path) as client:
                answer = client.open(dial(far.port), name="localhost")
                other = client.end(mine["session"])
                seen = [one["session"] for one in client.sessions()]
                return answer["session"], seen, other, [client.sessions(mine["session"])]

        # Hers ends with her process, so that root has to look while she is there.
        theirs, seen, other, record = as_user(ALICE, alice)
        assert seen == [theirs]
        assert other == [2, "unknown"] and record == [[]]

        def keeps_one(channel):
            with TlsClient(server.path) as client:
                kept = client.open(dial(far.port), name="localhost")
                channel.sendall(kept["session"].encode())
                channel.recv(1)

        child = Forked(keeps_one, ALICE)
        hers = child.channel.recv(100).decode()
        everything = {one["session"]: one["user"] for one in root.sessions()}
        assert everything[mine["session"]] == "0"
        assert everything[hers] == str(ALICE)
        assert root.end(hers) == (2, "unknown")
        child.channel.sendall(b"x")
        assert child.wait() == 0


def test_who_is_not_named_is_not_let_in(far):
    """Whatever the mode of the socket."""
    needs.root(ALICE)
    with TlsServer("--mode", "0666", authorized_users=str(ALICE)) as server:
        server.ready()
        assert as_user(ALICE, lambda: visit(server, far.port)) == [str(ALICE)]

        def refused():
            try:
                TlsClient(server.path).close()
            except OSError:
                return True
            return False

        assert as_user(BOB, refused)
        server.says(str(BOB))


def test_the_lock_of_a_connection_holds_up_its_user_only(far):
    """Who sends from memory that a page fault waits for holds the socket's lock meanwhile.

    The worker of that user waits for the lock too, and with it all that the user has there.
    """
    with HangingFile(hangs=(READ,)) as hanging, serve() as server:
        assert as_user(ALICE, lambda: visit(server, far.port)) == [str(ALICE)]
        connection = dial(far.port)
        with server.connect() as client:
            client.start(connection, name="localhost")
            answer = client.finish()

            def holds_the_lock(_):
                file = os.open(hanging.path, os.O_RDWR)
                memory = mmap.mmap(file, 4096)
                # Its bytes are none when the file system has gone, and then it does not matter.
                with contextlib.suppress(OSError):
                    connection.send(memoryview(memory))

            child = Forked(holds_the_lock)
            assert hanging.hanging.wait(10)
            answer.sock.sendall(b"this needs the lock")
            wait_until(lambda: not answers(server), 10, "the worker to wait for the lock")
            before = time.monotonic()
            assert as_user(ALICE, lambda: visit(server, far.port)) == [str(ALICE)]
            assert as_user(BOB, lambda: visit(server, far.port)) == [str(BOB)]
            assert time.monotonic() - before < 5
            hanging.let_go()
            assert child.wait() == 0
            with server.connect() as other:
                assert other.ask("tls_ping").status == 0
        connection.close()


def test_a_worker_that_is_killed_ends_its_users_sessions_only(far):
    """The next one that comes gets another."""
    with serve() as server:
        mine = server.open(far.port)

        def loses_one(channel):
            with TlsClient(server.path) as client:
                kept = client.open(dial(far.port), name="localhost")
                channel.sendall(b"x")
                assert read_all(kept.sock) == b""
            # Who comes before its end was noticed is lost with it.
            assert wait_until(lambda: visit_or_not(server, far.port), 10) == [str(ALICE)]

        child = Forked(loses_one, ALICE)
        child.channel.recv(1)
        nursery = next(one for one in children(server.process.pid)
                       if Path(f"/proc/{one}/comm").read_text() == "scache-tls-crad\n")
        assert len(children(nursery)) == 2
        os.kill(children(nursery)[1], signal.SIGKILL)
        assert child.wait() == 0
        server.says(f"user {ALICE}: its process")
        mine.sock.sendall(b"still")
        assert read_exactly(mine.sock, 5) == b"still"


def test_nobody_takes_all_sessions(far):
    """At the limit the user who has most gives up the one that has been quiet longest."""
    with serve(session_limit=8) as server, server.connect() as root:
        held = [root.open(dial(far.port), name="localhost") for _ in range(8)]
        time.sleep(1.1)

        def alice():
            with TlsClient(server.path) as client:
                answers = [client.open(dial(far.port), name="localhost") for _ in range(3)]
                for answer in answers:
                    assert answer.why == (0, ""), answer
                    answer.sock.sendall(b"mine")
                    assert read_exactly(answer.sock, 4) == b"mine"
                time.sleep(0.5)
                return True

        assert as_user(ALICE, alice)
        for answer in held[:3]:
            assert read_all(answer.sock) == b""
        for answer in held[3:]:
            answer.sock.sendall(b"kept")
            assert read_exactly(answer.sock, 4) == b"kept"


def test_a_user_at_its_own_limit_gives_up_its_own(far):
    """What has been quiet longest; what is in use is kept, and the newcomer is refused."""
    with serve(user_session_limit=3) as server, server.connect() as client:
        held = [client.open(dial(far.port), name="localhost") for _ in range(3)]
        assert client.open(dial(far.port), name="localhost").why == (2, "limit")
        time.sleep(1.1)
        held[0].sock.sendall(b"busy")
        assert read_exactly(held[0].sock, 4) == b"busy"
        new = client.open(dial(far.port), name="localhost")
        assert new.why == (0, "")
        assert read_all(held[1].sock) == b""
        assert client.end(held[1]["session"]) == ("error", "it made room for another")
        held[0].sock.sendall(b"kept")
        assert read_exactly(held[0].sock, 4) == b"kept"


def test_nobody_takes_all_clients_places(far):
    """Who has most idle clients gives one up for whoever comes."""
    with serve(client_limit=10) as server:
        held = [server.connect() for _ in range(10)]
        assert as_user(ALICE, lambda: visit(server, far.port)) == [str(ALICE)]
        time.sleep(0.2)
        assert as_user(BOB, lambda: visit(server, far.port)) == [str(BOB)]
        alive = 0
        for client in held:
            with contextlib.suppress(OSError):
                alive += client.ask("tls_ping").status == 0
        assert 7 <= alive <= 9
        for client in held:
            client.close()


def test_handshakes_wait_for_each_other_and_users_have_their_share(far):
    """One user's far ends that never answer hold up that user alone."""
    with FarEnd(listen, tls=False) as deaf, serve(handshake_limit=4) as server:
        waiting = []
        for _ in range(6):
            client = server.connect()
            client.start(dial(deaf.port), name="localhost", handshake_ms="3000")
            waiting.append(client)
        time.sleep(0.3)
        assert as_user(ALICE, lambda: visit(server, far.port)) == [str(ALICE)]
        for client in waiting[:4]:
            assert client.finish().why == (3, "time")
        for client in waiting[4:]:
            client.close()


def test_workers_that_have_nothing_to_do_end(far):
    """A minute after the last session, which is remembered for that long; here the clock runs."""
    with serve() as server:
        server.connect().close()
        processes = tree(server.process.pid)
        assert any(resident_kb(pid) for pid in processes)
        wait_until(lambda: len(tree(server.process.pid)) < len(processes), 10,
                   "the end of the worker that had nobody")
        assert visit(server, far.port) == ["0"]
