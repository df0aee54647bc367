"""scachectl as scripts run it, servers for it to talk to, and far ends for it to connect to."""

import contextlib
import json
import os
import pty
import select
import signal
import socket
import subprocess
import termios
import threading

from . import paths
from .launch import MasterServer, StandaloneServer
from .waiting import wait_until

# SCACHECTL names another program than that of the build directory.
PROGRAM = os.environ.get("SCACHECTL") or str(paths.build() / "scachectl")
# What `run` is given to say a word to an Echo.
SAY = 'echo "$0" >&7; read -r answer <&6; echo "$SCACHE_REUSED $answer"'


class Tool:
    """Runs scachectl against one server, which may be slow: the machine may have much to do."""

    def __init__(self, path, **env):
        self.env = os.environ | {"SCACHE_SOCKET": str(path), "SCACHE_DEADLINE": "10000"} | env

    def __call__(self, *words, text="", **more):
        """The finished process; its output is text, whatever bytes it has."""
        if "stdin" not in more:
            more["input"] = text
        return subprocess.run([PROGRAM, *map(str, words)], env=self.env, timeout=30, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                              errors="surrogateescape", **more)

    def out(self, *words, code=0, **more):
        """What it printed, having exited as expected."""
        done = self(*words, **more)
        assert done.returncode == code, done
        return done.stdout

    def json(self, *words, code=0, **more):
        """The objects that it printed, one a line."""
        return [json.loads(line) for line in
                self.out("--json", *words, code=code, **more).splitlines()]


class Echo:
    """A TCP or UNIX-domain server that answers each line with the connection's number and it."""

    def __init__(self, path=None):
        self.listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.listener.bind(str(path) if path else ("127.0.0.1", 0))
        self.listener.listen()
        self.where = f"unix:{path}" if path else f"tcp:127.0.0.1:{self.port}"
        self.accepted, self.ended, self._markers = [], [], set()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self):
        """The port it listens on."""
        return self.listener.getsockname()[1]

    def opened(self):
        """How many connections were opened so far, those included that wait to be accepted.

        What was opened is accepted in that order, so one more connection, which does not count,
        says when all before it are.
        """
        with socket.socket(self.listener.family) as marker:
            marker.settimeout(10)
            marker.bind("" if self.listener.family == socket.AF_UNIX else ("127.0.0.1", 0))
            self._markers.add(marker.getsockname())
            marker.connect(self.listener.getsockname())
            assert marker.recv(1) == b""
        return len(self.accepted)

    def opened_before(self):
        """The same, where nobody can connect any more to be sure."""
        return len(self.accepted)

    def _accept(self):
        while True:
            try:
                sock, peer = self.listener.accept()
            except OSError:
                return
            if peer in self._markers:
                sock.close()
                continue
            self.accepted.append(sock)
            threading.Thread(target=self._serve, args=(sock, len(self.accepted)),
                             daemon=True).start()

    def _serve(self, sock, number):
        try:
            with sock.makefile("rb") as lines:
                for line in lines:
                    sock.sendall(b"%d " % number + line)
        except OSError:
            pass
        self.ended.append(number)

    def hang_up(self):
        """Close every connection from this end."""
        self.opened()
        self._hang_up()

    def _hang_up(self):
        for sock in self.accepted:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self._hang_up()


def start(kind):
    """A server: this project's own standing alone, the same without put and take, or Postfix's."""
    if kind == "postfix":
        return MasterServer(paths.POSTFIX_SCACHE).ready()
    return StandaloneServer()


def finished(sock):
    """Whether the far end of a connection has been closed everywhere."""
    sock.settimeout(5)
    return sock.recv(1) == b""


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, *argv):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm"
            os.execv(argv[0], list(map(str, argv)))

    def expect(self, *texts):
        """Wait until it has shown these, one after the other."""
        for text in texts:
            while text not in self.seen:
                assert select.select([self.fd], [], [], 10)[0], (text, self.seen)
                self.seen += os.read(self.fd, 4096)
            self.seen = self.seen.partition(text)[2]

    def type(self, text):
        """Type once lines are edited: libedit shows its prompt first, and changes the mode then."""
        wait_until(lambda: not termios.tcgetattr(self.fd)[3] & termios.ICANON, 10, "line editing")
        os.write(self.fd, text)

    def wait(self):
        """The exit status, for which nobody waits for ever."""
        pidfd = os.pidfd_open(self.pid)
        if not select.select([pidfd], [], [], 10)[0]:
            os.kill(self.pid, signal.SIGKILL)
        os.close(pidfd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)
