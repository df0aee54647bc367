"""A whole private Postfix on loopback: smtp-source -> smtpd -> qmgr -> smtp -> smtp-sink.

Everything of it lives in one temporary directory (configuration, queue, data, log) and in two
sessions (master's and the sink's), which stop() ends to the last process. Ports are free ones.
Nothing of the machine's own Postfix is touched; only its programs are run.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from . import needs, paths
from .process import Process, end_session, parent, session_members
from .waiting import wait_until

QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
          "private", "saved", "trace")
# Kernels from 6.13 on give files finer time than time(2) tells, so at the turn of a second Postfix
# takes its own files for ones of the future.
PROBLEM = re.compile(r"\]: (warning|error|fatal|panic): (?!file system clock is|resetting file time)")
SENT = re.compile(r" status=sent ")
REUSED = re.compile(r" conn_use=\d+,.* status=sent ")

# The queue manager wakes up every second, or mail that was under way at a reload waits for long.
MASTER_CF = """\
127.0.0.1:{smtpd} inet n - n - - smtpd
pickup    unix  n - n 60    1 pickup
cleanup   unix  n - n -     0 cleanup
qmgr      unix  n - n 1     1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
tlsproxy  unix  - - n -     0 tlsproxy
rewrite   unix  - - n -     - trivial-rewrite
bounce    unix  - - n -     0 bounce
defer     unix  - - n -     0 bounce
trace     unix  - - n -     0 bounce
verify    unix  - - n -     1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n -     - proxymap
smtp      unix  - - n -     - smtp
relay     unix  - - n -     - smtp
showq     unix  n - n -     - showq
error     unix  - - n -     - error
retry     unix  - - n -     - error
discard   unix  - - n -     - discard
local     unix  - n n -     - local
virtual   unix  - n n -     - virtual
lmtp      unix  - - n -     - lmtp
anvil     unix  - - n -     1 anvil
postlog   unix-dgram n - n - 1 postlogd
"""


def free_port():
    """A TCP port on loopback that is free now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def service(program, *, name="scache", chroot=False, arguments=""):
    """A master.cf line for a cache server; the program is given relative to daemon_directory."""
    path = os.path.relpath(program, paths.POSTFIX_DAEMONS)
    if program == paths.program():
        arguments = " ".join([*paths.sandbox_arguments(), arguments])
    return f"{name} unix - - {'y' if chroot else 'n'} - 1 {path} {arguments}\n"


class Sink:
    """Something that receives mail and throws it away: smtp-sink, with its counters."""

    COUNTERS = re.compile(r"sess=\s*(\d+)\s+quit=\s*(\d+)\s+mesg=\s*(\d+)")

    def __init__(self, directory, address="127.0.0.1"):
        self.address, self.port = address, free_port()
        self.process = Process(["smtp-sink", "-c", "-u", "postfix", f"{address}:{self.port}",
                                "1000"], output=directory / f"sink-{address}.out")
        wait_until(self._answers, 5, "smtp-sink")

    def _answers(self):
        try:
            socket.create_connection((self.address, self.port), 1).close()
        except ConnectionRefusedError:
            return False
        return True

    def counters(self):
        """(connections, messages) so far; the one made to see whether it is up is left out."""
        found = self.COUNTERS.findall(self.process.text())
        sessions, _, messages = map(int, found[-1]) if found else (1, 0, 0)
        return sessions - 1, messages

    def pause(self):
        """Accept nothing and answer nothing until go_on()."""
        self.process.signal(signal.SIGSTOP)

    def go_on(self):
        """Undo pause()."""
        self.process.signal(signal.SIGCONT)

    def stop(self):
        """End it."""
        self.process.kill()


class Postfix:
    """One private instance. scache is the text of the cache service's master.cf line or lines.

    Its directory is made in `place`, which must be short, because there are sockets in it.
    """

    def __init__(self, scache=None, *, params=None, master_cf="", env=None, relay_port=None,
                 place="/tmp"):
        needs.postfix()
        self.directory = Path(tempfile.mkdtemp(prefix="scache-postfix-", dir=place))
        self.directory.chmod(0o755)
        self.sink, self.master, self._removed = None, None, False
        self.smtpd_port = free_port()
        self.env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C"} | (env or {})
        try:
            self.sink = Sink(self.directory)
            self._make_directories()
            self._write_main_cf(params or {}, relay_port or self.sink.port)
            self.write_master_cf(service(paths.program()) if scache is None else scache,
                                 master_cf)
            self._start()
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _make_directories(self):
        self.config, self.queue = self.directory / "config", self.directory / "queue"
        self.data = self.directory / "data"
        for path in (self.config, self.queue, self.data, self.queue / "pid"):
            path.mkdir()
        for name in QUEUES:
            (self.queue / name).mkdir(mode=0o700)
            shutil.chown(self.queue / name, "postfix")
        for name, mode in (("public", 0o710), ("maildrop", 0o730)):
            (self.queue / name).mkdir()
            (self.queue / name).chmod(mode)
            shutil.chown(self.queue / name, "postfix", "postdrop")
        shutil.chown(self.data, "postfix")

    def _write_main_cf(self, params, port):
        settings = {
            "compatibility_level": "3.6",
            "queue_directory": self.queue,
            "data_directory": self.data,
            "daemon_directory": paths.POSTFIX_DAEMONS,
            "command_directory": "/usr/sbin",
            "mail_owner": "postfix",
            "setgid_group": "postdrop",
            "myhostname": "host.test.invalid",
            "mydestination": "",
            "inet_interfaces": "loopback-only",
            "inet_protocols": "ipv4",
            "mynetworks": "127.0.0.0/8",
            "alias_maps": "",
            "alias_database": "",
            "local_recipient_maps": "",
            "relayhost": f"[127.0.0.1]:{port}",
            "disable_dns_lookups": "yes",
            "smtp_tls_security_level": "none",
            "smtp_connection_cache_destinations": "static:all",
            "smtp_connection_cache_time_limit": "10s",
            "connection_cache_ttl_limit": "10s",
            "in_flow_delay": "0",
            "maillog_file": self.directory / "mail.log",
            "maillog_file_prefixes": self.directory,
        } | params
        text = "".join(f"{name} = {value}\n" for name, value in settings.items())
        (self.config / "main.cf").write_text(text)

    def write_master_cf(self, scache, more=""):
        """Write master.cf anew; takes effect at start or reload."""
        text = MASTER_CF.format(smtpd=self.smtpd_port) + scache + more
        (self.config / "master.cf").write_text(text)

    def _start(self):
        self.master = Process([paths.POSTFIX_DAEMONS / "master", "-c", self.config, "-d"],
                              env=self.env, output=self.directory / "master.out")
        self.wait_log(r"daemon started", timeout=15)

    # What it says.

    def log(self):
        """All of the log so far."""
        try:
            return (self.directory / "mail.log").read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def lines(self, pattern):
        """The lines of the log in which a regular expression is found."""
        return [line for line in self.log().splitlines() if re.search(pattern, line)]

    def problems(self):
        """Warnings and worse, from all programs."""
        return self.lines(PROBLEM)

    def wait_log(self, pattern, count=1, timeout=10):
        """Wait until so many lines of the log match; returns them."""
        try:
            return wait_until(lambda: self._enough(pattern, count), timeout,
                              f"{count} lines of {pattern!r}", pause=0.03)
        except AssertionError as error:
            tail = "\n".join(self.log().splitlines()[-20:])
            raise AssertionError(f"{error}; the log ends with\n{tail}") from None

    def _enough(self, pattern, count):
        lines = self.lines(pattern)
        return lines if len(lines) >= count else None

    # Mail.

    def start_sending(self, count, sessions=10):
        """Begin to send messages; returns the sender."""
        return Process(["smtp-source", "-s", sessions, "-m", count, "-l", 500,
                        "-f", "from@example.invalid", "-t", "to@example.invalid",
                        f"127.0.0.1:{self.smtpd_port}"],
                       output=self.directory / "source.out")

    def send(self, count, sessions=10, timeout=60):
        """Send messages and wait until they are with Postfix."""
        sender = self.start_sending(count, sessions)
        if sender.wait(timeout) != 0:
            sender.kill()
            raise AssertionError(f"smtp-source: {sender.text()}")

    def deliver(self, count, sessions=10, timeout=60):
        """Send messages and wait until they are with the receiver."""
        before = self.delivered()
        self.send(count, sessions, timeout)
        self.wait_delivered(before + count, timeout)

    def wait_delivered(self, total, timeout=60):
        """Wait until so many messages have been delivered since the start."""
        self.wait_log(SENT, total, timeout)

    def delivered(self):
        """Messages delivered since the start."""
        return len(self.lines(SENT))

    def reused(self):
        """Of these, those delivered over a connection that had been used before."""
        return len(self.lines(REUSED))

    # Processes.

    def pids(self, program="scache"):
        """The processes with that program's name that master has started."""
        return [pid for pid in session_members(self.master.pid)
                if command(pid) == program and parent(pid) == self.master.pid]

    def scache_pid(self, timeout=5):
        """The one cache server process."""
        return wait_until(self.pids, timeout, "a cache server")[0]

    def socket_path(self, name="scache"):
        """Where a service's clients connect."""
        return self.queue / "private" / name

    def reload(self):
        """Like postfix reload."""
        before = len(self.lines(r"postfix/master\[\d+\]: reload"))
        self.master.signal(signal.SIGHUP)
        self.wait_log(r"postfix/master\[\d+\]: reload", before + 1)

    def shut_down(self, timeout=10):
        """Like postfix stop; returns when the master is gone."""
        done = subprocess.run(["postfix", "-c", self.config, "stop"], env=self.env,
                              capture_output=True, timeout=timeout, check=False)
        assert self.master.wait(timeout) is not None, done

    def stop(self):
        """End and remove everything; harmless when repeated."""
        leftover = []
        if self.master:
            self.master.signal(signal.SIGTERM)
            self.master.wait(3)
            leftover = end_session(self.master.pid)
            self.master.kill()
        if self.sink:
            self.sink.stop()
        shutil.rmtree(self.directory, ignore_errors=True)
        assert not leftover, f"still running: {leftover}"


def command(pid):
    """A process's program name, or an empty text when it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
