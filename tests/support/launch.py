"""Servers to test: started as master(8) does it, or standing alone.

A server is something with a connect() and a stop(). Unless it is given a directory it has one of
its own under /tmp, which stop() removes; nothing of the machine's own Postfix is read or touched.
"""

import os
import select
import shutil
import signal
import socket
import struct
import tempfile
import threading
from pathlib import Path

from . import needs, paths
from .client import Client
from .process import Process
from .waiting import wait_until

GENERATION = 0o17
STATUS_FD = 5
LISTEN_FD = 6
FIRST_GIVEN = 3
TTL_LIMIT = "10s"
SOON = 5


def base_environment(**extra):
    """What a service manager's child sees: little."""
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC"}
    env |= {name: value for name, value in os.environ.items() if "SAN_OPTIONS" in name}
    return env | {name: str(value) for name, value in extra.items()}


class Server:
    """What all servers have in common: a directory, a process, sockets, a log."""

    def __init__(self, program, directory=None):
        self.program = Path(program)
        self.directory = directory or Path(tempfile.mkdtemp(prefix="scache-test-"))
        self._is_guest = directory is not None
        if not self._is_guest:
            self.directory.chmod(0o755)
        self.sockets = []
        self.process = None

    def _sandbox(self):
        """What our own server is told about its sandbox."""
        return paths.sandbox_arguments() if self.program == paths.program() else []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def path(self):
        """Where clients connect."""
        return self.sockets[0]

    def connect(self, timeout=5, greeting=True):
        """A new client of the server."""
        return Client(self.path, timeout, greeting)

    def ready(self, timeout=10):
        """Wait for the first greeting; returns the server."""
        with self.connect(timeout):
            return self

    def text(self):
        """All that was written to standard output and standard error."""
        return self.process.text()

    def stop(self):
        """End the process and remove everything; harmless when repeated."""
        if self.process:
            self.process.end()
        if not self._is_guest:
            shutil.rmtree(self.directory, ignore_errors=True)


class Pump(threading.Thread):
    """Reads the log socket and the status channel while the server runs, as master would."""

    def __init__(self, log, status):
        super().__init__(daemon=True)
        self.records, self.raw_status = [], b""
        self._log, self._status = log, status
        self._wake, self._waker = os.pipe()

    def run(self):
        while True:
            watched = [self._wake] + [s for s in (self._log, self._status) if s]
            ready = select.select(watched, [], [])[0]
            if self._log in ready:
                self.records.append(self._log.recv(65536).decode("utf-8", "replace"))
            elif self._status in ready:
                self._read_status()
            elif ready:
                return

    def _read_status(self):
        more = self._status.recv(65536)
        self.raw_status += more
        if not more:
            self._status = None

    def stop(self):
        """End the thread once it has read all that is there."""
        os.close(self._waker)
        self.join()
        os.close(self._wake)


class MasterServer(Server):
    """A server with the descriptors, arguments and environment that master(8) gives.

    params are lines of its main.cf; main_cf is all of its text instead, in which {dir} stands for
    the server's directory; args come after master's own arguments. With read_log or read_status
    off nobody reads what the server says there.
    """

    def __init__(self, program=None, *, args=(), params=None, main_cf=None, sockets=1, env=None,
                 read_log=True, read_status=True, arguments=None, prefix=(), stdin=None,
                 stdout=None):
        needs.postfix()
        super().__init__(program or paths.program())
        self._make_directories()
        self._write_main_cf(params or {}, main_cf)
        self._listeners = [self._listen(n) for n in range(sockets)]
        self.log_socket = self.bind_log()
        self._reads = (read_log, read_status)
        self._std = {n: fd for n, fd in ((0, stdin), (1, stdout)) if fd is not None}
        words = [*(arguments if arguments is not None else self.default_arguments()),
                 *self._sandbox(), *args]
        self._command = [*prefix, self.program, *words]
        self._environment = self._env(env or {})
        self.spawn()

    def spawn(self):
        """Start a process on the sockets that are there, with a status channel of its own."""
        self.status, child_status = socket.socketpair()
        self.pump = Pump(self.log_socket if self._reads[0] else None,
                         self.status if self._reads[1] else None)
        flow = os.pipe()
        fds = {3: flow[0], 4: flow[1], STATUS_FD: child_status.fileno()} | self._std
        fds |= {LISTEN_FD + n: s.fileno() for n, s in enumerate(self._listeners)}
        self.process = Process(self._command, fds=fds, env=self._environment, cwd=self.queue,
                               output=self.directory / "output")
        child_status.close()
        for fd in flow:
            os.close(fd)
        self.pump.start()

    def respawn(self):
        """What master does when a process has died: another one on the same sockets."""
        self.process.kill()
        self._stop_pump()
        self.status.close()
        self.spawn()

    @staticmethod
    def default_arguments():
        """The arguments of an unprivileged service that is not chrooted."""
        return ["-l", "-n", "scache", "-t", "unix", "-u"]

    def _make_directories(self):
        self.queue, self.config = self.directory / "queue", self.directory / "config"
        self.data = self.directory / "data"
        for path in (self.queue, self.config, self.data):
            path.mkdir()
        for name in ("pid", "private", "public"):
            (self.queue / name).mkdir()
        shutil.chown(self.data, "postfix")

    def _write_main_cf(self, params, main_cf):
        settings = {
            "compatibility_level": "3.6",
            "queue_directory": self.queue,
            "data_directory": self.data,
            "mail_owner": "postfix",
            "myhostname": "host.test.invalid",
            "maillog_file": self.directory / "mail.log",
            "maillog_file_prefixes": self.directory,
            "connection_cache_ttl_limit": TTL_LIMIT,
        } | params
        text = "".join(f"{name} = {value}\n" for name, value in settings.items())
        if main_cf is not None:
            text = main_cf.replace("{dir}", str(self.directory))
        (self.config / "main.cf").write_text(text, newline="")
        (self.config / "master.cf").write_text("")

    def _listen(self, number):
        path = self.queue / "private" / f"scache{number or ''}"
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.bind(str(path))
        sock.listen(100)
        sock.setblocking(False)
        path.chmod(0o666)
        self.sockets.append(path)
        return sock

    def bind_log(self):
        """Make the socket that postlogd(8) would listen on."""
        path = self.queue / "public" / "postlog"
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sock.bind(str(path))
        path.chmod(0o666)
        return sock

    def _env(self, extra):
        env = {
            "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
            "MAIL_CONFIG": str(self.config),
            "MAIL_LOGTAG": "postfix",
            "GENERATION": f"{GENERATION:o}",
            "POSTLOG_SERVICE": str(self.queue / "public" / "postlog"),
            "POSTLOG_HOSTNAME": "host",
        }
        env |= {name: os.environ[name] for name in os.environ if "SAN_OPTIONS" in name}
        return {name: value for name, value in (env | extra).items() if value is not None}

    @property
    def records(self):
        """The log records so far, each a datagram."""
        return list(self.pump.records)

    def logged(self):
        """The log so far, one record a line."""
        return "\n".join(self.records)

    def status_records(self):
        """The status records so far, as (process id, generation, flag)."""
        raw = self.pump.raw_status
        return list(struct.iter_unpack("3i", raw[:len(raw) - len(raw) % 12]))

    def hang_up(self):
        """Close master's end of the status channel: master is gone, or reloading."""
        self.status.shutdown(socket.SHUT_RDWR)

    def wait_exit(self, timeout):
        """The exit status, after which all of the log has been read; None: still running."""
        status = self.process.wait(timeout)
        if status is not None:
            self._stop_pump()
        return status

    def _stop_pump(self):
        if self.pump.is_alive():
            self.pump.stop()

    def stop(self):
        super().stop()
        self._stop_pump()
        for sock in (*self._listeners, self.log_socket, self.status):
            sock.close()


class Alone(Server):
    """A server that stands alone, started in any way a test likes; the only starter of them.

    `listen` is the socket's name in the directory, a whole path, or None for no --listen.
    `sockets` are passed as a service manager does it, for the process `listen_pid` if that is
    given, and under `names` (set apart by colons). `fds` are other descriptors. `prefix` is a
    command that runs the server. Without `sandbox` only the configuration says what the server
    gives up. `output` is the name of the file for what it says.
    """

    def __init__(self, *args, program=None, directory=None, output="output", listen="socket",
                 env=None, sockets=(), listen_pid=None, names=None, prefix=(), cwd="/",
                 sandbox=True, fds=None):
        super().__init__(program or paths.program(), directory)
        self.sockets = [self.directory / (listen or "socket")]
        self.lock = Path(f"{self.path}.lock")
        words = [self.program, *(["--listen", listen if cwd != "/" else self.path]
                                 if listen else [])]
        command = [*prefix, *words, *(paths.sandbox_arguments() if sandbox else ()), *args]
        env = base_environment(**(env or {}))
        if sockets:
            env["LISTEN_FDS"] = str(len(sockets))
            env |= {"LISTEN_FDNAMES": names} if names is not None else {}
            pid = "$$" if listen_pid is None else str(listen_pid)
            command = ["/bin/sh", "-c", f'LISTEN_PID={pid} exec "$@"', "sh", *command]
        fds = (fds or {}) | {FIRST_GIVEN + n: sock.fileno() for n, sock in enumerate(sockets)}
        self.process = Process(command, fds=fds, env=env, cwd=cwd, output=self.directory / output)

    def ready(self, timeout=10):
        """Wait for a greeting; returns the server."""
        wait_until(lambda: self._answers() or not self.process.alive(), timeout, "the socket")
        assert self.process.alive(), self.text()
        return self

    def _answers(self):
        try:
            self.connect().close()
        except (OSError, AssertionError):
            return False
        return True

    def lines(self):
        """All that it wrote, without the statistics of its end."""
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

    def stop(self):
        self.end(timeout=3)
        super().stop()


class StandaloneServer(Alone):
    """One that answers once it is made, with the time to live that a conversation expects."""

    def __init__(self, program=None, *, args=(), env=None):
        super().__init__("-o", f"connection_cache_ttl_limit={TTL_LIMIT}", *args,
                         program=program, env=env)
        self.ready()
