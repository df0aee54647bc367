"""The programs of examples/ against far ends that do what real servers do once in a while."""

import fcntl
import os
import socket
import subprocess
import threading

import pytest

from support import paths
from support.client import Client
from support.launch import StandaloneServer
from support.real import redis, run

SO_NETNS_COOKIE = 71
LONG = "x" * 700


class Far:
    """A server of lines: answer(number, line) says what a line on that connection is answered by.

    An answer of None closes the connection.
    """

    def __init__(self, answer, greeting=b""):
        self.answer, self.greeting = answer, greeting
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lines = []  # Of each connection, the lines that it has said.
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock = self.listener.accept()[0]
            except OSError:
                return
            self.lines.append([])
            threading.Thread(target=self._serve, args=(sock, len(self.lines)), daemon=True).start()

    def _serve(self, sock, number):
        with sock, sock.makefile("rb") as lines:
            sock.sendall(self.greeting)
            for line in lines:
                self.lines[number - 1].append(line)
                said = self.answer(number, line)
                if said is None:
                    return
                sock.sendall(said)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Smtp(Far):
    """An SMTP server that answers well, unless `special` has another answer for a verb."""

    def __init__(self, special=None, greeting=b"220 far\r\n", features=b"250 8BITMIME\r\n"):
        super().__init__(self._reply, greeting)
        self.special = {} if special is None else special
        self.features, self.in_data = features, {}

    def _reply(self, number, line):
        if self.in_data.get(number):
            self.in_data[number] = line != b".\r\n"
            return b"" if self.in_data[number] else b"250 taken\r\n"
        verb = line[:4].strip().upper().decode()
        known = {"EHLO": self.features, "DATA": b"354 go on\r\n"}
        said = self.special.get((number, verb), known.get(verb, b"250 ok\r\n"))
        self.in_data[number] = verb == "DATA" and (said or b"").startswith(b"354")
        return said


def network():
    """What labels call the network that we are in."""
    with socket.socket() as sock:
        try:
            cookie = sock.getsockopt(socket.SOL_SOCKET, SO_NETNS_COOKIE, 8)
        except OSError:
            file = os.stat("/proc/self/ns/net")
            return f"{file.st_dev}:{file.st_ino}"
        return int.from_bytes(cookie, "little")


@pytest.fixture(name="cache")
def make_cache():
    """A scache of its own."""
    with StandaloneServer() as server:
        yield server


def submit(cache, far, *, text="Subject: x\n\nbody\n", check=0):
    """Run smtp-submit with one message."""
    return run(cache, "smtp-submit", "127.0.0.1", far.port, "me@example.org", "you@example.org",
               text=text, check=check)


def verbs(lines):
    """The first word of each line."""
    return [line.split()[0].decode() for line in lines if line.split()]


# SMTP.

def test_standalone_smtp_goodbye_behind_the_reply_to_rset(cache):
    """What was read ahead is not in the socket's queue any more: only the program can know."""
    with Smtp({(1, "RSET"): b"250 ok\r\n421 timeout\r\n"}) as far:
        submit(cache, far)
        submit(cache, far)
        assert len(far.lines) == 2


@pytest.mark.parametrize("goodbye", [None, b"421 timeout\r\n"])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_standalone_smtp_session_that_ends_before_a_message_is_on_its_way(cache, verb, goodbye):
    """A used session is lost in the midst of the envelope: another one begins anew."""
    special = {}
    with Smtp(special) as far:
        submit(cache, far)
        special[1, verb] = goodbye
        submit(cache, far)
        assert len(far.lines) == 2
        assert verbs(far.lines[1])[:4] == ["EHLO", "MAIL", "RCPT", "DATA"]


def test_standalone_smtp_new_session_that_ends(cache):
    with Smtp({(1, "MAIL"): b"421 no\r\n"}) as far:
        submit(cache, far, check=75)
        assert len(far.lines) == 1


@pytest.mark.parametrize("pipelining", [b"", b"250-PIPELINING\r\n"])
def test_standalone_smtp_long_lines(cache, pipelining):
    """A line of any length is one line."""
    greeting = f"220-{LONG}\r\n220 {LONG}\r\n".encode()
    features = f"250-{LONG}\r\n".encode() + pipelining + f"250 {LONG * 10}\r\n".encode()
    with Smtp(greeting=greeting, features=features) as far:
        for _ in range(2):
            submit(cache, far)
        assert len(far.lines) == 1
        assert verbs(far.lines[0]).count("MAIL") == 2


def test_standalone_smtp_refused(cache):
    """The reason is the last line that the far end said, and it is no reason to try again."""
    with Smtp({(1, "RCPT"): f"550-{LONG}\r\n550 unknown\r\n".encode()}) as far:
        submit(cache, far, check=69)
        assert len(far.lines) == 1


def test_standalone_smtp_message_that_cannot_be_read(cache):
    """Half a message is not sent as a whole one."""
    with Smtp() as far:
        directory = os.open("/", os.O_RDONLY)
        done = subprocess.run([paths.build() / "examples" / "smtp-submit", "127.0.0.1",
                               str(far.port), "me@example.org", "you@example.org"],
                              stdin=directory, env=os.environ | {"SCACHE_SOCKET": str(cache.path)},
                              stderr=subprocess.PIPE, check=False, timeout=30)
        os.close(directory)
        assert done.returncode == 75 and b"could not be read" in done.stderr
        assert b".\r\n" not in far.lines[0]


@pytest.mark.parametrize("text", ["a\r.\r\nb", "a\r\n.\r\nb\r", ".\n", "", "\n", "\0\nb"])
def test_standalone_smtp_message_ends_where_it_ends(cache, text):
    """Nothing in a message can be taken for its end."""
    with Smtp() as far:
        submit(cache, far, text=text)
        said = far.lines[0]
        body = said[said.index(b"DATA\r\n") + 1:said.index(b".\r\n")]
        assert verbs(said[said.index(b".\r\n") + 1:]) == ["RSET"]
    sent = text.replace("\r", "")
    lines = sent[:-1] if sent.endswith("\n") else sent
    expected = [("." if line.startswith(".") else "") + line + "\r\n"
                for line in lines.split("\n")] if sent else []
    assert [line.decode() for line in body] == expected


# HTTP.

def page(text, status="200 OK", more=""):
    """A page, as an answer to the empty line that ends a request."""
    return f"HTTP/1.1 {status}\r\n{more}Content-Length: {len(text)}\r\n\r\n{text}".encode()


LATE = page("too late\n", "408 Request Timeout", "Connection: close\r\n")


def fetch(cache, far, check=0):
    """Run http-curl."""
    return run(cache, "http-curl", f"http://127.0.0.1:{far.port}/", check=check)


@pytest.mark.parametrize("late", [LATE, LATE.replace(b"Connection: close\r\n", b""), None])
def test_standalone_http_too_late_on_a_used_connection(cache, late):
    """The request was not served; it is made once more, and nothing of the first answer shown."""
    asked = {1: 0, 2: 0}

    def answer(number, line):
        if line != b"\r\n":
            return b""
        asked[number] += 1
        return page(f"page {number}\n") if (number, asked[number]) != (1, 2) else late
    with Far(answer) as far:
        assert fetch(cache, far) == "page 1\n"
        assert fetch(cache, far) == "page 2\n"
        # The new connection is as good as the first was.
        assert fetch(cache, far) == "page 2\n"
        assert asked == {1: 2, 2: 2}


def test_standalone_http_408_on_a_new_connection(cache):
    with Far(lambda number, line: LATE if line == b"\r\n" else b"") as far:
        assert fetch(cache, far, check=1) == "too late\n"
        assert len(far.lines) == 1


def test_standalone_http_leaves_a_socket_as_new(cache):
    """curl's sockets do not block; the next program's may have to."""
    with Far(lambda number, line: page("x\n") if line == b"\r\n" else b"") as far:
        fetch(cache, far)
        with Client(cache.path) as client:
            status, _, fd = client.find_endp(
                f"protocol=http/1.1\nnetwork={network()}\naddress=127.0.0.1\nport={far.port}\n")
        assert status == 0
        assert not fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK
        os.close(fd)


# Redis.

@pytest.mark.parametrize("words", [("CLIENT", "NO-EVICT", "on"), ("client", "setname", "me")])
def test_standalone_redis_closes_what_reset_does_not_undo(cache, words):
    with redis() as server:
        where = ("127.0.0.1", server.port)
        run(cache, "redis-hiredis", *where, *words)
        info = run(cache, "redis-hiredis", *where, "INFO", "stats")
        assert "total_connections_received:2\n" in info


def test_standalone_redis_leaves_no_time_limits(cache):
    """A program that sets none would wait for an answer as long as ours was patient."""
    script = ("import socket\ns = socket.socket(fileno=6)\n"
              "print(s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16).strip(b'\\0'),"
              "s.getsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, 16).strip(b'\\0'))\n")
    mounts = os.stat("/proc/self/ns/mnt")
    label = (f"service=redis\nnetwork={network()}\nmounts={mounts.st_dev}:{mounts.st_ino}\n"
             "host=127.0.0.1\nport={}\nuser=\ndatabase=0\nprotocol=RESP2\n")
    with redis() as server:
        run(cache, "redis-hiredis", "127.0.0.1", server.port, "PING")
        done = subprocess.run([paths.build() / "scachectl", "take", label.format(server.port),
                               "--", "/usr/bin/python3", "-c", script], check=True, timeout=30,
                              stdout=subprocess.PIPE, text=True,
                              env=os.environ | {"SCACHE_SOCKET": str(cache.path)})
        assert done.stdout == "b'' b''\n"
