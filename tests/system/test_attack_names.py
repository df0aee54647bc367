"""A stranger exchanges the files of a server that root starts in his directory."""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import stat

import pytest

from support import alone
from support.client import keep
from support.process import tree
from support.waiting import wait_until

MALLORY = 40003
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="takes root")
needs_strace = pytest.mark.skipif(not shutil.which("strace"), reason="takes strace")


@pytest.fixture(name="place")
def fixture_place():
    """A directory for one test."""
    one = alone.Place()
    yield one
    one.end()


@pytest.fixture(name="theirs")
def fixture_theirs(place):
    """Mallory's directory in it."""
    path = place / "theirs"
    path.mkdir()
    os.chown(path, MALLORY, MALLORY)
    return path


def precious(place):
    """A file and a directory of root's, of which nobody may change anything."""
    file = place / "precious"
    file.write_text("precious")
    file.chmod(0o600)
    directory = place / "precious.d"
    directory.mkdir()
    (directory / "socket").write_text("precious")
    (directory / "socket").chmod(0o600)
    return file, directory


def look(*paths):
    """All that could be changed about them."""
    found = []
    for path in paths:
        status = path.lstat()
        found.append((status.st_mode, status.st_uid, status.st_gid, status.st_ino,
                      status.st_size))
    return found


def link_over(theirs, file, _):
    """A link to the file takes the socket's place."""
    (theirs / "link").symlink_to(file)
    (theirs / "link").rename(theirs / "socket")


def hard_link_over(theirs, file, _):
    """The file itself does, where the kernel lets him link it."""
    os.link(file, theirs / "link")
    (theirs / "link").rename(theirs / "socket")


def file_over(theirs, _, __):
    """A file of his own does."""
    (theirs / "mine").write_text("mine")
    os.chown(theirs / "mine", MALLORY, MALLORY)
    (theirs / "mine").rename(theirs / "socket")


def directory_away(theirs, _, directory):
    """The whole directory goes, and a link to the other one takes its place."""
    theirs.rename(theirs.with_name("gone"))
    theirs.symlink_to(directory)


SWAPS = [link_over, hard_link_over, file_over, directory_away]


@contextlib.contextmanager
def slow_to_bind(place, *args):
    """A server that takes its time when it has bound its socket, so that a swap comes in."""
    prefix = ["strace", "-qq", "-f", "-o", "/dev/null", "-e", "trace=bind", "-e",
              "inject=bind:delay_exit=400000:when=1"]
    one = place.start(*args, listen="theirs/socket", prefix=prefix)
    try:
        yield one
    finally:
        for pid in tree(one.process.pid)[1:]:  # not the one who traces it, who then ends too
            with contextlib.suppress(ProcessLookupError):  # It may have ended by itself.
                os.kill(pid, signal.SIGTERM)
        assert one.process.wait(5) is not None, one.text()


@needs_strace
@pytest.mark.parametrize("owner", [(), ("--owner", "40001", "--group", "40001")],
                         ids=["", "given away"])
@pytest.mark.parametrize("swap", SWAPS)
def test_attack_swapped_after_bind(place, theirs, swap, owner):
    """What takes the socket's place as soon as it is there keeps its mode and owner."""
    file, directory = precious(place)
    before = look(file, directory, directory / "socket")
    with slow_to_bind(place, "--mode", "0666", *owner) as one:
        wait_until(lambda: (theirs / "socket").is_socket(), 10, "the socket")
        swap(theirs, file, directory)
        one.process.wait(2)
        assert look(file, directory, directory / "socket") == before
        if swap is file_over:
            status = (theirs / "socket").lstat()
            assert (status.st_uid, stat.S_IMODE(status.st_mode)) == (MALLORY, 0o644)
    assert look(file, directory, directory / "socket") == before


@pytest.mark.parametrize("swap", SWAPS)
def test_attack_swapped_before_the_end(place, theirs, swap):
    """What is in the socket's place at the end of the server is not removed."""
    file, directory = precious(place)
    one = place.serve("--mode", "0666", listen="theirs/socket")
    before = look(file, directory, directory / "socket")
    swap(theirs, file, directory)
    assert one.end() == 0
    assert look(file, directory, directory / "socket") == before
    assert os.path.lexists(theirs / "socket")


@pytest.mark.parametrize("kind", ["fifo", "hard link", "link", "directory"])
def test_attack_lock_that_is_something_else(place, theirs, kind):
    """What he has put in the lock's place is neither opened for long nor locked."""
    file, _ = precious(place)
    lock = theirs / "socket.lock"
    {"fifo": lambda: os.mkfifo(lock), "hard link": lambda: os.link(file, lock),
     "link": lambda: lock.symlink_to(file), "directory": lock.mkdir}[kind]()
    assert "cannot listen there" in place.refuse(listen="theirs/socket")
    assert os.path.lexists(lock)
    with open(file, "rb") as there:
        fcntl.flock(there, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_attack_lock_held_by_a_stranger(place, theirs):
    """Who holds the lock is told: the process and the user."""
    ready, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setresuid(MALLORY, MALLORY, MALLORY)
        fcntl.flock(os.open(theirs / "socket.lock", os.O_CREAT | os.O_RDWR, 0o666), fcntl.LOCK_EX)
        os.write(told, b"x")
        signal.pause()
    os.read(ready, 1)
    said = place.refuse(listen="theirs/socket")
    assert f"another server is using this socket: process {pid} of user {MALLORY}; " in said
    assert (theirs / "socket.lock").stat().st_size == 0
    os.kill(pid, signal.SIGSTOP)
    assert f"process {pid} of user {MALLORY}" in place.refuse(listen="theirs/socket")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    place.serve(listen="theirs/socket")


def test_attack_lock_of_a_dead_server(place):
    """A killed server whose descriptors live on in another process stops nobody."""
    first = place.serve()
    pidfd = os.pidfd_open(first.process.pid)
    lock = [int(name) for name in os.listdir(f"/proc/{first.process.pid}/fd")
            if os.readlink(f"/proc/{first.process.pid}/fd/{name}") == str(first.lock)]
    assert len(lock) == 1
    copy = pidfd_getfd(pidfd, lock[0])
    if copy is None:
        pytest.skip("no pidfd_getfd(2) here")
    assert "another server is using this socket: process" in place.refuse()
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    second = place.serve()
    with second.connect() as client, keep(client, "x"):
        assert client.find_endp("x")[0] == 0
    assert "another server is using this socket" in place.refuse()
    os.close(copy)
    os.close(pidfd)
    assert second.end() == 0
    assert not second.lock.exists() and not second.path.exists()


def pidfd_getfd(pidfd, number):
    """A copy of another process's descriptor, or None where the kernel gives none."""
    import ctypes  # pylint: disable=import-outside-toplevel
    copy = ctypes.CDLL(None, use_errno=True).syscall(438, pidfd, number, 0)
    return copy if copy >= 0 else None


def test_attack_cleaner_takes_the_lock(place):
    """A second server leaves the name of a living one alone, lock file or not."""
    first = place.serve()
    first.lock.unlink()
    said = place.refuse()
    assert "another server is using this socket, though its lock file has been removed" in said
    with first.connect() as client, keep(client, "x"):
        assert client.find_endp("x")[0] == 0
    assert not first.lock.exists()
    assert first.end() == 0 and not first.path.exists()


def test_attack_cleaner_takes_both(place):
    """Two servers in one place, one after the other: neither removes what is the other's."""
    first = place.serve()
    first.lock.unlink()
    first.path.unlink()
    second = place.serve()
    assert first.end() == 0
    assert second.path.is_socket() and second.lock.exists()
    with second.connect() as client, keep(client, "x"):
        assert client.find_endp("x")[0] == 0
    with pytest.raises(FileNotFoundError), socket.socket(socket.AF_UNIX) as sock:
        second.end()
        sock.connect(str(second.path))
