"""Standard error of any kind, read by anybody or nobody: the server never waits for it."""

import fcntl
import mmap
import os
import re
import signal
import socket
import subprocess
import termios
import tty
from pathlib import Path

import pytest

from support import alone, fuse, needs, paths
from support.process import children, end_session
from support.waiting import wait_until

VERBOSE = ["-v", "-v"]
MANY = 3000  # Requests with long labels: more in the log than any buffer of the kernel's takes.
PADDING = 400 * "x"
LOST = re.compile(r"warning: \d+ log records before this one were lost")


@pytest.fixture(name="place")
def fixture_place():
    """A directory for one test."""
    one = alone.Place()
    yield one
    one.end()


class Reader:
    """Standard error of a server, and what is written there when it is read at last."""

    def __init__(self, fd, source, let_go=lambda: None):
        self.fd, self.let_go = fd, let_go
        self._source = source
        self._said = b""

    def read(self):
        """What can be read now, with all that was read before."""
        os.set_blocking(self._source, False)
        try:
            while more := os.read(self._source, 65536):
                self._said += more
        except (BlockingIOError, OSError):
            pass
        return self._said.decode()

    def close(self):
        """Of both ends."""
        for fd in {self.fd, self._source}:
            os.close(fd)


def full_pipe(_):
    """A pipe that nobody reads."""
    source, fd = os.pipe()
    return Reader(fd, source)


def stopped_terminal(_):
    """A terminal that shows nothing any more, as after control-S."""
    source, fd = os.openpty()
    tty.setraw(fd)
    termios.tcflow(fd, termios.TCOOFF)
    return Reader(fd, source, lambda: termios.tcflow(fd, termios.TCOON))


def full_terminal(_):
    """A terminal whose window hangs."""
    source, fd = os.openpty()
    tty.setraw(fd)
    return Reader(fd, source)


def full_stream(_):
    """A socket that nobody reads, as of a service manager's log."""
    source, fd = socket.socketpair()
    return Reader(fd.detach(), source.detach())


def full_datagrams(_):
    """The same, a record a message."""
    source, fd = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    return Reader(fd.detach(), source.detach())


def full_internet(_):
    """A connection over the network that nobody reads."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        fd = socket.socket()
        fd.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        fd.connect(listener.getsockname())
        source = listener.accept()[0]
    return Reader(fd.detach(), source.detach())


KINDS = [full_pipe, stopped_terminal, full_terminal, full_stream, full_datagrams, full_internet]


def ask(client, first, count):
    """Requests that can be told apart in the log."""
    for number in range(first, first + count):
        assert client.find_endp(f"label-{number}-{PADDING}")[0] == 2


@pytest.mark.parametrize("make", KINDS)
def test_standalone_nobody_reads(place, make):
    """All are answered; later the log goes on where it was, says what was lost, and ends."""
    reader = make(place)
    flags = fcntl.fcntl(reader.fd, fcntl.F_GETFL)
    server = place.start(*VERBOSE, fds={2: reader.fd}).ready()
    with server.connect() as client:
        ask(client, 0, MANY)
        reader.let_go()
        wait_until(lambda: LOST.search(reader.read()), 10, "the number of lost records")
        ask(client, 99990, 1)
        wait_until(lambda: "label-99990" in reader.read(), 10, "a new line")
    said = reader.read()
    numbers = [int(number) for number in re.findall(r"label-(\d+)", said)]
    assert numbers == sorted(numbers) and numbers[0] == 0
    assert all(line.startswith("scache: ") for line in said.splitlines())
    assert fcntl.fcntl(reader.fd, fcntl.F_GETFL) == flags
    assert server.end() == 0
    wait_until(lambda: "statistics: address lookup" in reader.read(), 5, "the end")
    reader.close()


@pytest.mark.parametrize("make", KINDS)
def test_standalone_ends_though_nobody_reads(place, make):
    """A server that is told to end does, and one that is killed leaves nothing in the way."""
    reader = make(place)
    server = place.start(*VERBOSE, fds={2: reader.fd}).ready()
    with server.connect() as client:
        ask(client, 0, MANY)
    assert server.end(timeout=10) == 0
    assert not server.path.exists() and not server.lock.exists()
    server = place.start(*VERBOSE, fds={2: reader.fd}).ready()
    with server.connect() as client:
        ask(client, 0, MANY)
    server.end(signal.SIGKILL)
    assert place.start(fds={2: reader.fd}).ready().end() == 0
    reader.let_go()
    os.close(os.dup(reader.fd))
    reader.read()
    reader.close()


def write_under_lock(fd, path):
    """Another writer of a pipe, who holds its lock until his page comes."""
    with open(path, "rb") as file:
        page = mmap.mmap(file.fileno(), fuse.SIZE, prot=mmap.PROT_READ)
        os.write(fd, page)


def test_standalone_lock_of_the_pipe_is_held(place):
    """Whoever else writes to the pipe can hold its lock, and a write that cannot wait would."""
    source, fd = os.pipe()
    server = place.start(*VERBOSE, fds={2: fd}).ready()
    with fuse.HangingFile(hangs=(fuse.READ,)) as page:
        other = os.fork()
        if other == 0:
            write_under_lock(fd, page.path)
            os._exit(0)
        assert page.hanging.wait(5)
        with server.connect() as client:
            ask(client, 0, MANY)
        page.let_go()
        os.waitpid(other, 0)
    reader = Reader(fd, source)
    wait_until(lambda: "label-" in reader.read(), 10, "a line")
    assert server.end() == 0
    reader.close()


def test_standalone_file_that_hangs(place):
    """A file on a disk that does not answer."""
    with fuse.HangingFile(hangs=(fuse.WRITE,)) as file:
        fd = os.open(file.path, os.O_WRONLY | os.O_APPEND)
        server = place.start(*VERBOSE, fds={2: fd}).ready()
        os.close(fd)
        with server.connect() as client:
            ask(client, 0, MANY)
        assert file.hanging.wait(5)
        assert server.end() == 0
        assert not server.path.exists() and not server.lock.exists()
        server = place.start(*VERBOSE, listen="socket")
        assert server.ready().end() == 0


def test_standalone_file_has_every_line(place):
    """In order, with the last words, and none twice."""
    server = place.serve(*VERBOSE)
    with server.connect() as client:
        ask(client, 0, MANY)
    assert server.end() == 0
    numbers = [int(number) for number in re.findall(r"label-(\d+)", server.text())]
    lost = sum(int(number) for number in re.findall(r"warning: (\d+) log records", server.text()))
    assert numbers == sorted(set(numbers)) and len(numbers) >= MANY - lost
    assert "statistics: address lookup" in server.text()


def test_standalone_killed_server_leaves_its_last_lines_and_no_process(place):
    """What was logged before a kill -9 is written, and then there is nobody."""
    server = place.serve(*VERBOSE)
    with server.connect() as client:
        ask(client, 0, 1)
        beside = children(server.process.pid)
        server.process.signal(signal.SIGKILL)
    server.says("label-0")
    wait_until(lambda: not [pid for pid in beside if is_alive(pid)], 5, "no process")


def is_alive(pid):
    """Whether a process is there and no zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def writer_of(server):
    """The process that writes the log."""
    return next((pid for pid in children(server.process.pid)
                 if Path(f"/proc/{pid}/comm").read_text() == "scache-log\n"), None)


@pytest.mark.parametrize("make", [full_pipe, full_terminal, full_internet])
def test_standalone_killed_writer(place, make):
    """Without the process that writes, lines go on, and still nobody waits for them."""
    reader = make(place)
    server = place.start(*VERBOSE, fds={2: reader.fd}).ready()
    writer = writer_of(server)
    os.kill(writer, signal.SIGKILL)
    wait_until(lambda: not is_alive(writer), 5, "its end")
    with server.connect() as client:
        ask(client, 0, 1)
        wait_until(lambda: "label-0" in reader.read(), 5, "a line")
        ask(client, 1, MANY)
        # What there was no room for is lost, so it is said until there is.
        wait_until(lambda: ask(client, 99990, 1) or "label-99990" in reader.read(), 5, "a line")
    assert server.end() == 0
    reader.close()


@pytest.mark.parametrize("error", ["ENOSYS", "EPERM"])
def test_standalone_no_process_can_be_made(place, error):
    """That is said, and lines are written without one."""
    server = place.serve(*VERBOSE, prefix=[paths.build() / "tests/refuse", error, "socketpair"])
    with server.connect() as client:
        ask(client, 0, 1)
    assert server.end() == 0
    assert "warning: cannot start a process that writes the log: " in server.text()
    assert "label-0" in server.text()


def test_standalone_null_takes_no_process(place):
    """/dev/null makes nobody wait; a socket is sent to without waiting."""
    with open("/dev/null", "wb") as null:
        server = place.start(fds={2: null.fileno()}).ready()
        assert writer_of(server) is None
        assert server.end() == 0
    source, fd = socket.socketpair()
    with source, fd:
        server = place.start(fds={2: fd.fileno()}).ready()
        assert writer_of(server) is None
        assert server.end() == 0


def test_standalone_processes_have_names(place):
    """ps(1) tells them apart."""
    server = place.serve()
    shown = subprocess.run(["ps", "-o", "args=", "--ppid", str(server.process.pid)], check=True,
                           capture_output=True, text=True).stdout.split()
    assert sorted(shown) == ["scache-closer", "scache-log"]


@pytest.mark.parametrize("right", [True, False])
def test_standalone_journal(place, right):
    """The journal gets priorities; whatever else standard error is does not."""
    source, fd = socket.socketpair()
    info = os.fstat(fd.fileno())
    stream = f"{info.st_dev}:{info.st_ino + (not right)}"
    (place / "conf").write_text(" stray\n")
    server = place.start("-v", "--config", place / "conf", fds={2: fd.fileno()},
                         env={"JOURNAL_STREAM": stream})
    reader = Reader(fd.detach(), source.detach())
    server.ready()
    with server.connect() as client:
        client.find_endp("x")
    assert server.end() == 0
    lines = reader.read().splitlines()
    wanted = {"info": "<6>scache: ", "warning": "<4>scache: warning: "} if right else \
        {"info": "scache: ", "warning": "scache: warning: "}
    assert [line for line in lines if "statistics" in line]
    assert all(line.startswith(wanted["info"]) for line in lines if "statistics" in line)
    assert all(line.startswith(wanted["warning"]) for line in lines if "warning" in line)
    reader.close()


def test_standalone_stopped_by_its_terminal_it_is_not(place):
    """A terminal that stops background jobs that write (stty tostop) stops no server."""
    needs.program("setsid")
    source, fd = os.openpty()
    script = 'stty tostop; set -m; "$@" & wait $!'
    session = subprocess.Popen(
        ["setsid", "-c", "sh", "-c", script, "sh", paths.program(), "--listen", place / "socket",
         *paths.sandbox_arguments(), *VERBOSE], stdin=fd, stdout=fd, stderr=fd)
    wait_until((place / "socket").exists, 5, "the socket")
    from support.client import Client  # pylint: disable=import-outside-toplevel
    wait_until(lambda: can_connect(place / "socket"), 5, "the server")
    with Client(place / "socket") as client:
        ask(client, 0, 20)
    reader = Reader(fd, source)
    wait_until(lambda: "label-19" in reader.read(), 5, "its lines")
    assert end_session(session.pid) == []
    session.wait()
    reader.close()


def can_connect(path):
    """Whether somebody listens there."""
    with socket.socket(socket.AF_UNIX) as sock:
        return sock.connect_ex(str(path)) == 0
