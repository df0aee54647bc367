"""Clients that misbehave, as a program of their own: what a server has to bear.

    python3 -m support.rude SOCKET KIND=SIZE…

A crowd is many clients that misbehave in one way. Each step of a crowd is a small act that never
waits, so one process leads all crowds. Says "ready" once every crowd is as big as it can get, and
at SIGTERM how often each has acted, as JSON. All labels that are sent begin with "rude".
"""

import array
import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from .client import DUMMY, encode

LABEL = "rude"
FIND = encode(("request", "find_endp"), ("label", LABEL))
FIND_DEST = encode(("request", "find_dest"), ("label", LABEL))
SAVE = encode(("request", "save_endp"), ("ttl", 5), ("label", LABEL), ("property", "p"))
BIND = encode(("request", "save_dest"), ("ttl", 5), ("label", LABEL), ("property", "p"),
              ("label", LABEL))
REQUESTS = (FIND, SAVE, FIND_DEST, BIND)
MOST_IN_A_MESSAGE = 253
FILL_TIME = 3
# The same in bytes and descriptors; what a descriptor comes with is the last byte before it.
EXCHANGES = ((SAVE, b"\0"), (FIND + DUMMY + DUMMY, b""), (FIND_DEST + DUMMY + DUMMY, b""),
             (BIND, b""))


class Crowd:
    """Clients of one kind; `size` is how many there are at once, or how many come at a step."""

    every = 0.02  # Seconds from one step to the next.

    def __init__(self, path, size):
        self.path, self.size = str(path), size
        self.clients, self.acts, self.turn = [], 0, 0
        self.near, self.far = socket.socketpair()

    def connect(self):
        """A new client, or None when the server's line is full."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            sock.connect(self.path)
        except OSError:
            sock.close()
            return None
        self.acts += 1
        return sock

    def say(self, sock, data, fds=()):
        """Send what goes out now; how much that was, or -1 when the server has left."""
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        try:
            return sock.sendmsg([data], rights) if data else 0
        except BlockingIOError:
            return 0
        except OSError:
            return -1

    def next(self, count):
        """0, 1, … count - 1 and round again."""
        self.turn += 1
        return self.turn % count

    def visit(self, *messages):
        """Come, send some (bytes, descriptors), and be gone."""
        sock = self.connect()
        if sock:
            with sock:
                for data, fds in messages:
                    self.say(sock, data, fds)

    def stay(self, sock):
        """One more stays; who has stayed longest leaves when there are too many."""
        if sock:
            self.clients.append(sock)
        if len(self.clients) > self.size:
            self.clients.pop(0).close()

    def fill(self, end):
        """Come in full strength, as far as the server lets that happen in time."""
        while len(self.clients) < self.size and time.monotonic() < end:
            before = len(self.clients)
            self.step()
            if len(self.clients) == before:
                time.sleep(0.01)

    def step(self):
        """One act."""
        raise NotImplementedError


class Passing(Crowd):
    """Nobody of such a crowd stays."""

    def fill(self, end):
        pass


class Stuck(Crowd):
    """Sends a part of a request and never goes on; each stops at another byte."""

    def step(self):
        sock = self.connect()
        if sock:
            text = REQUESTS[self.turn % len(REQUESTS)]
            self.say(sock, text[:1 + self.next(len(text) - 1)])
        self.stay(sock)


class Deaf(Crowd):
    """Sends requests as long as it can and reads no reply."""

    every = 0.1

    def step(self):
        sock = self.connect()
        while sock and self.say(sock, FIND * 200) > 0:
            pass
        self.stay(sock)


class Trickle(Crowd):
    """Sends a byte a second."""

    every = 1

    def __init__(self, path, size):
        super().__init__(path, size)
        self.sent = {}

    def step(self):
        if len(self.clients) < self.size:
            self.stay(self.connect())
        else:
            for sock in list(self.clients):
                self.one_more(sock)

    def one_more(self, sock):
        """The next byte; whoever is through with all requests leaves."""
        whole = b"".join(REQUESTS)
        at = self.sent.get(sock, 0)
        if at == len(whole) or self.say(sock, whole[at:at + 1]) < 0:
            self.clients.remove(sock)
            self.sent.pop(sock, None)
            sock.close()
        else:
            self.sent[sock] = at + 1


class HalfClosed(Crowd):
    """Sends a request or half of one, shuts its sending side, and stays."""

    def step(self):
        sock = self.connect()
        if sock:
            text = REQUESTS[self.next(len(REQUESTS))]
            self.say(sock, text[:len(text) // (1 + self.turn % 2)])
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_WR)
        self.stay(sock)


class Vanish(Passing):
    """Leaves after so many bytes of an exchange, each a byte later than the one before."""

    def step(self):
        for _ in range(self.size):
            text, last = EXCHANGES[self.turn % len(EXCHANGES)]
            cut = self.next(len(text) + 2)
            whole = cut > len(text) and last
            self.visit((text[:cut], ()), *([(last, [self.near.fileno()])] if whole else []))


class Miscount(Passing):
    """Sends none, two, or as many descriptors as a message can carry where one is due."""

    def step(self):
        for _ in range(self.size):
            count = (0, 2, MOST_IN_A_MESSAGE)[self.next(3)]
            self.visit((SAVE, ()), (b"\0", [self.near.fileno()] * count))


class Undue(Passing):
    """Sends a descriptor, or very many, where none is due."""

    def step(self):
        for _ in range(self.size):
            text = (*REQUESTS, DUMMY, b"strange")[self.next(len(REQUESTS) + 2)]
            count = (1, MOST_IN_A_MESSAGE)[self.turn % 2]
            self.visit((text, [self.near.fileno()] * count))


class Oversized(Crowd):
    """Sends requests longer than any limit; one in two never comes to an end."""

    every = 0.05
    CHUNK = b"x" * 65536

    def step(self):
        self.clients = [sock for sock in self.clients if self.more(sock)]
        self.turn += 1
        sock = self.connect() if len(self.clients) < self.size else None
        if sock:
            self.say(sock, b"request\0find_endp\0label\0")
            self.clients.append(sock)

    def more(self, sock):
        """Goes on; returns whether it has not left."""
        for _ in range(8):
            sent = self.say(sock, self.CHUNK)
            if sent < 0 or (self.turn % 20 == 0 and hash(sock) % 2):
                sock.close()
                return False
            if sent == 0:
                break
        return True


class Storm(Passing):
    """Connects and disconnects, so many times at each step."""

    every = 0.01

    def step(self):
        for _ in range(self.size):
            self.visit()


class Dead(Passing):
    """Saves connections whose far end is shut at once; somebody looks for them."""

    def step(self):
        for _ in range(self.size):
            near, far = socket.socketpair()
            far.close()
            with near:
                self.visit((SAVE, ()), (b"\0", [near.fileno()]), (BIND, ()))
            self.visit((FIND_DEST, ()))


KINDS = {"stuck": Stuck, "deaf": Deaf, "trickle": Trickle, "half-closed": HalfClosed,
         "vanish": Vanish, "miscount": Miscount, "undue": Undue, "oversized": Oversized,
         "storm": Storm, "dead": Dead}


class Rabble:
    """Crowds, by kind and size, that plague the server at `path` until they are stopped."""

    def __init__(self, path, crowds):
        words = [f"{kind}={size}" for kind, size in crowds.items()]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "support.rude", str(path), *words], text=True,
            cwd=Path(__file__).resolve().parents[1], stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})
        self.acts = {}

    def __enter__(self):
        assert self.process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """End them; returns how often each kind has acted."""
        if self.process.poll() is None:
            self.process.terminate()
            self.acts = json.loads(self.process.stdout.read() or "{}")
            self.process.wait()
        return self.acts


def lead(crowds, leave):
    """Have each crowd act when it is time, until leave() says so."""
    due = {name: time.monotonic() for name in crowds}
    while not leave():
        name = min(due, key=due.get)
        time.sleep(max(due[name] - time.monotonic(), 0))
        crowds[name].step()
        # A crowd that is late catches up a little, so that it keeps its rate.
        due[name] = max(due[name], time.monotonic() - crowds[name].every) + crowds[name].every


def main():
    """The command line."""
    leaving = []
    signal.signal(signal.SIGTERM, lambda *_: leaving.append(True))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    sizes = dict(word.split("=") for word in sys.argv[2:])
    crowds = {kind: KINDS[kind](sys.argv[1], int(size)) for kind, size in sizes.items()}
    for crowd in crowds.values():
        crowd.fill(time.monotonic() + FILL_TIME)
    print("ready", flush=True)
    lead(crowds, lambda: leaving)
    print(json.dumps({kind: crowd.acts for kind, crowd in crowds.items()}), flush=True)


if __name__ == "__main__":
    main()
