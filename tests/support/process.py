"""A child process whose descriptors are chosen one by one."""

import contextlib
import fcntl
import os
import select
import signal
import time

from . import needs, paths

HIGH = 200  # Above every descriptor number that a child is given.


class Process:
    """Starts argv in directory `cwd` with exactly the descriptors of `fds` (number -> descriptor).

    Standard input is /dev/null, standard output and standard error go to `output` (a path)
    unless `fds` says otherwise. The child leads its own session.
    """

    def __init__(self, argv, *, fds=None, env=None, cwd="/", output="/dev/null"):
        self.argv = [str(word) for word in argv]
        self.output = str(output)
        self.status = None
        self.pid = self._spawn(fds or {}, env, cwd)
        self._pidfd = os.pidfd_open(self.pid)

    def _spawn(self, fds, env, cwd):
        out = os.open(self.output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        null = os.open("/dev/null", os.O_RDONLY)
        wanted = {0: null, 1: out, 2: out} | fds
        # First out of the way, so that no number is overwritten before it was copied.
        high = {n: fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, HIGH) for n, fd in wanted.items()}
        actions = [(os.POSIX_SPAWN_DUP2, fd, n) for n, fd in high.items()]
        command = ["/usr/bin/env", "-C", str(cwd), *self.argv]
        try:
            return os.posix_spawn(command[0], command, os.environ if env is None else env,
                                  file_actions=actions, setsid=True)
        finally:
            for fd in (out, null, *high.values()):
                os.close(fd)

    def wait(self, timeout):
        """The exit status (negative: the signal), or None when still running after `timeout`."""
        if self.status is None and self._ended(timeout):
            _, raw = os.waitpid(self.pid, 0)
            self.status = os.waitstatus_to_exitcode(raw)
            os.close(self._pidfd)
        return self.status

    def _ended(self, timeout):
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        return bool(poll.poll(timeout * 1000))

    def alive(self):
        """Whether it is still running."""
        return self.wait(0) is None

    def signal(self, number):
        """Send a signal if it is still running."""
        if self.alive():
            os.kill(self.pid, number)

    def kill(self):
        """End it for certain."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGKILL)
        self.wait(5)

    def end(self):
        """End it and what it leaves behind.

        When coverage is measured by SIGTERM first: it must end by itself.
        """
        if paths.measuring_coverage():
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
            self._ended(8)
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            # While it is not waited for, its number, which is that of its session, is nobody else's.
            if self._ended(5):
                end_session(self.pid)
        self.kill()

    def text(self):
        """All that it wrote to standard output and standard error."""
        with open(self.output, encoding="utf-8", errors="replace") as file:
            return file.read()

    def cpu_seconds(self):
        """Processor time that it has used."""
        return cpu_seconds(self.pid)


def stat_fields(pid):
    """The fields of /proc/PID/stat after the command name (the first is the state)."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return file.read().rpartition(")")[2].split()


def cpu_seconds(pid):
    """Processor time used by one process, in seconds."""
    fields = stat_fields(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_kb(pid):
    """Resident memory of one process; none of one that has gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("VmRSS")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


def open_files(pid):
    """What one process has open: number -> what it is; nothing when it has gone."""
    files = {}
    try:
        for number in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(FileNotFoundError):
                files[int(number)] = os.readlink(f"/proc/{pid}/fd/{number}")
    except (FileNotFoundError, ProcessLookupError):
        return {}
    except PermissionError:
        needs.skip(needs.ROOT)  # A confined server can be looked into by nobody else.
    return files


def descriptors(pid):
    """How many descriptors one process has open; none when it has gone."""
    return len(open_files(pid))


def children(pid):
    """The ids of a process's own children."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
            return [int(word) for word in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def parent(pid):
    """The id of a process's parent, or 0 when it has gone."""
    try:
        return int(stat_fields(pid)[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def tree(pid):
    """A process and all that descend from it."""
    return [pid] + [one for child in children(pid) for one in tree(child)]


def session_members(sid):
    """The ids of all processes of a session that are not zombies."""
    members = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = stat_fields(name)
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[3]) == sid and fields[0] != "Z":
                members.append(int(name))
    return members


def end_session(sid, timeout=5):
    """Kill every process of a session; return those that would not go."""
    end = time.monotonic() + timeout
    while True:
        members = session_members(sid)
        if not members or time.monotonic() > end:
            return members
        for pid in members:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.02)
