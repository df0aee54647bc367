"""A server that stands alone, started in any way a test likes; and clients of other users."""

import json
import os
import shutil
import signal
import socket
import tempfile
import traceback
from pathlib import Path

from . import paths
from .client import Client
from .process import Process
from .waiting import wait_until

FIRST_GIVEN = 3
SOON = 5


def base_environment(**extra):
    """What a service manager's child sees: little."""
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC"}
    env |= {name: value for name, value in os.environ.items() if "SAN_OPTIONS" in name}
    return env | {name: str(value) for name, value in extra.items()}


class Place:
    """A directory that every user can look into, and what was started in it."""

    def __init__(self):
        self.path = Path(tempfile.mkdtemp(prefix="scache-alone-"))
        self.path.chmod(0o755)
        self.started = []

    def __truediv__(self, name):
        return self.path / name

    def start(self, *args, **more):
        """Start a server that need not come up."""
        self.started.append(Alone(self.path, len(self.started), args, **more))
        return self.started[-1]

    def serve(self, *args, **more):
        """Start a server and wait until it answers."""
        return self.start(*args, **more).ready()

    def refuse(self, *args, **more):
        """Start a server that must end with status 1 at once; returns what it said."""
        one = self.start(*args, **more)
        status = one.process.wait(SOON)
        assert status == 1, f"exit status {status}; it said: {one.text()}"
        return one.text()

    def end(self):
        """Kill what runs and remove everything."""
        for one in self.started:
            one.process.end()
        shutil.rmtree(self.path, ignore_errors=True)


class Alone:
    """`listen` is the socket's name in the directory, a whole path, or None for no --listen.

    `sockets` are passed as a service manager does it, for the process `listen_pid` if that is
    given, and under `names` (set apart by colons). `prefix` is a command that runs the server. Without `sandbox` only the configuration
    says what the server gives up.
    """

    def __init__(self, directory, number, args, *, listen="socket", env=None, sockets=(),
                 listen_pid=None, names=None, prefix=(), cwd="/", sandbox=True):
        self.path = directory / (listen or "socket")
        self.lock = Path(f"{self.path}.lock")
        words = [paths.program()] + (["--listen", listen if cwd != "/" else self.path]
                                     if listen else [])
        command = [*prefix, *words, *(paths.sandbox_arguments() if sandbox else ()), *args]
        env = base_environment(**(env or {}))
        if sockets:
            env["LISTEN_FDS"] = str(len(sockets))
            env |= {"LISTEN_FDNAMES": names} if names is not None else {}
            pid = "$$" if listen_pid is None else str(listen_pid)
            command = ["/bin/sh", "-c", f'LISTEN_PID={pid} exec "$@"', "sh", *command]
        fds = {FIRST_GIVEN + n: sock.fileno() for n, sock in enumerate(sockets)}
        self.process = Process(command, fds=fds, env=env, cwd=cwd,
                               output=directory / f"output{number}")

    def ready(self):
        """Wait for a greeting; returns the server."""
        wait_until(lambda: self._answers() or not self.process.alive(), 10, "the socket")
        assert self.process.alive(), self.text()
        return self

    def _answers(self):
        try:
            self.connect().close()
        except (OSError, AssertionError):
            return False
        return True

    def connect(self, timeout=SOON, greeting=True):
        """A new client."""
        return Client(self.path, timeout, greeting)

    def text(self):
        """All that it wrote."""
        return self.process.text()

    def lines(self):
        """The same without the statistics of its end."""
        return [line for line in self.text().splitlines() if "statistics:" not in line]

    def says(self, text, timeout=SOON):
        """Wait until it has written that."""
        wait_until(lambda: text in self.text(), timeout, f"{text!r} in {self.text()!r}")

    def reload(self, wanted="configuration read again"):
        """Send HUP and wait for another line that has the wanted text."""
        before = self.text().count(wanted)
        self.process.signal(signal.SIGHUP)
        wait_until(lambda: self.text().count(wanted) > before, SOON,
                   f"{wanted!r} in {self.text()!r}")

    def end(self, number=signal.SIGTERM, timeout=SOON):
        """Send a signal; returns the exit status."""
        self.process.signal(number)
        return self.process.wait(timeout)


def as_user(uid, action):
    """What action() returns (any JSON) when another user runs it in a process of their own."""
    near, far = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            answer = {"result": action()}
        except BaseException:  # pylint: disable=broad-except
            answer = {"error": traceback.format_exc()}
        far.sendall(json.dumps(answer).encode())
        os._exit(0)
    far.close()
    with near, near.makefile() as file:
        text = file.read()
    os.waitpid(pid, 0)
    answer = json.loads(text)
    assert "error" not in answer, answer.get("error")
    return answer["result"]
