"""An operator's mistakes with files: full disks, owners, configurations; what is said of them."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from support import alone, needs
from support.client import Client, keep
from support.postfix import Postfix
from support.waiting import wait_until

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="takes root")
ALICE, EVE = 40001, 40003
# The room that is left is counted in files; the file system is nobody else's.
SMALL_DISK = 'mount -t tmpfs -o "nr_inodes=$1" none "$2" || exit 99; shift 2; exec "$@"'


@pytest.fixture(name="place")
def fixture_place():
    """A directory for one test."""
    one = alone.Place()
    yield one
    one.end()


def used(server):
    """A connection can be saved and found."""
    with server.connect() as client, keep(client, "x"):
        assert client.find_endp("x")[0] == 0
    return True


def as_alice(*more):
    """A prefix that makes a program hers."""
    return ["/usr/bin/setpriv", f"--reuid={ALICE}", f"--regid={ALICE}", "--clear-groups", *more]


# Full disks.

def test_standalone_log_on_a_full_disk(place):
    """What cannot be written is lost, and that is all: it serves, and ends well."""
    server = place.serve("-v", "-v", prefix=["/bin/sh", "-c", 'exec "$@" 2>/dev/full', "sh"])
    assert all(used(server) for _ in range(20))
    server.process.signal(signal.SIGHUP)
    assert used(server)
    assert server.end() == 0


def test_standalone_log_at_the_size_limit(place):
    """The same for a file that may not grow further; statistics at the end included."""
    server = place.serve("-v", "-v", prefix=["prlimit", "--fsize=2000"])
    assert all(used(server) for _ in range(50))
    assert len(server.text()) == 2000
    assert server.end() == 0


def small_disk(place, files):
    """A prefix that mounts a file system with room for so many files, for one program alone."""
    disk = place / "disk"
    disk.mkdir()
    return ["unshare", "-m", "--", "/bin/sh", "-c", SMALL_DISK, "sh", str(files), disk]


@AS_ROOT
@pytest.mark.parametrize("files", [1, 2], ids=["lock", "socket"])
def test_standalone_socket_on_a_full_disk(place, files):
    """No room for the lock or the socket: it says so and leaves nothing behind."""
    prefix = small_disk(place, files)
    one = place.start(listen="disk/socket", prefix=prefix)
    status = one.process.wait(5)
    if status == 99:
        needs.skip("takes leave to mount")
    assert status == 1
    assert one.lines() == [f"scache: fatal: {one.path}: cannot listen there: No space left on "
                           "device"]


@AS_ROOT
def test_standalone_socket_on_a_disk_with_room(place):
    """The test above is right: a file more is enough."""
    one = place.start(listen="disk/socket", prefix=small_disk(place, 3))
    if one.process.wait(0.5) == 99:
        needs.skip("takes leave to mount")
    inside = f"/proc/{one.process.pid}/root{one.path}"
    wait_until(lambda: os.path.exists(inside), 5, "the socket")
    assert one.end() == 0


@pytest.fixture(name="disk")
def fixture_disk():
    """A small file system."""
    path = Path(tempfile.mkdtemp(prefix="scache-disk-"))
    try:
        mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=755", "none", path]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            needs.skip("takes leave to mount")
        yield path
        subprocess.run(["umount", path], check=True)
    finally:
        path.rmdir()


def fill(path):
    """Write a file until there is no room."""
    with open(path, "wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        while file.write(bytes(4096)) == 4096:
            pass


@AS_ROOT
def test_full_disk_under_postfix(disk):
    """With everything of Postfix's on it, no mail comes in, but the cache serves; then all goes on."""
    params = {"service_throttle_time": "1s", "message_size_limit": "1000000"}
    with Postfix(place=disk, params=params) as postfix:
        postfix.deliver(50)
        pid = postfix.scache_pid()
        fill(disk / "ballast")
        refused = postfix.start_sending(10)
        assert refused.wait(30) != 0
        with Client(postfix.socket_path()) as client:
            for number in range(50):
                with keep(client, f"full {number}"):
                    assert client.find_endp(f"full {number}")[0] == 0
        (disk / "ballast").unlink()
        # postlogd(8) writes no more once a write has failed, so the receiver has to count.
        postfix.send(50)
        wait_until(lambda: postfix.sink.counters()[1] >= 100, 30, "the mail")
        assert postfix.scache_pid() == pid
        assert [line for line in postfix.problems() if "scache[" in line] == []


# Owners.

@AS_ROOT
def test_standalone_lock_of_another_user(place):
    """Whose file is in the way is said, and its name."""
    place.path.chmod(0o777)
    lock = place / "socket.lock"
    lock.touch(mode=0o600)
    os.chown(lock, EVE, EVE)
    said = place.refuse(prefix=as_alice())
    assert said == (f"scache: fatal: {place / 'socket'}: cannot listen there: {lock} belongs to "
                    f"user {EVE}: Permission denied\n")
    assert lock.exists() and not (place / "socket").exists()


@AS_ROOT
def test_standalone_live_lock_of_another_user(place):
    """A live server of another user is left alone, whatever the directory lets one do."""
    place.path.chmod(0o777)
    first = place.serve()
    assert f"{first.lock} belongs to user 0: " in place.refuse(prefix=as_alice())
    assert used(first)
    assert first.end() == 0


@AS_ROOT
def test_standalone_old_socket_of_another_user(place):
    """In a directory like /tmp nobody can take away what another has left."""
    place.path.chmod(0o1777)
    first = place.serve()
    first.end(signal.SIGKILL)
    os.unlink(first.lock)
    said = place.refuse(prefix=as_alice())
    assert f"{first.path} belongs to user 0: Operation not permitted" in said
    assert first.path.is_socket() and not first.lock.exists()


@AS_ROOT
def test_standalone_directory_of_another_user(place):
    """It is not a matter of a file then, so none is named."""
    assert place.refuse(prefix=as_alice()) == (
        f"scache: fatal: {place / 'socket'}: cannot listen there: Permission denied\n")


@AS_ROOT
@pytest.mark.parametrize("other", ["socket", "lock"])
def test_standalone_owner_changed_while_it_runs(place, other):
    """It goes on, and root's end removes its files all the same."""
    server = place.serve()
    os.chown(server.path if other == "socket" else server.lock, EVE, EVE)
    assert used(server)
    server.reload()
    assert server.end() == 0
    assert not server.path.exists() and not server.lock.exists()


def test_standalone_directory_removed_while_it_runs(place):
    """Who is connected stays so; it ends well."""
    server = place.serve(listen="socket")
    with server.connect() as client, keep(client, "x"):
        server.path.unlink()
        server.lock.unlink()
        assert client.find_endp("x")[0] == 0
        second = place.serve()
        assert client.find_endp("x")[0] == 2
        assert server.end() == 0
        assert used(second), "its end left the successor's socket alone"
        assert second.lock.exists()


# Configurations. What HUP says of mistakes standing alone is in test_standalone_life.py.

def fatal_after_a_visit(postfix):
    """What a server that was started for a visitor said of its end."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(postfix.socket_path()))
        return postfix.lines(r"scache\[\d+\]: fatal: ")


def answers(postfix):
    """Whether there is a server again; master waits a little before it starts one that failed."""
    try:
        Client(postfix.socket_path(), timeout=0.5).close()
    except (OSError, AssertionError):
        return False
    return True


def test_nonsense_and_reload_under_postfix():
    """Mail flows without a cache while main.cf is wrong; put right, the cache is back."""
    with Postfix(params={"service_throttle_time": "1s",
                         "connection_cache_protocol_timeout": "1s"}) as postfix:
        postfix.deliver(50)
        path = postfix.config / "main.cf"
        good = path.read_text(encoding="utf-8")
        path.write_text(good + "connection_cache_reuse_order = whatever\n", encoding="utf-8")
        postfix.reload()
        fatal = wait_until(lambda: fatal_after_a_visit(postfix), 10, "a word on it")[0]
        line = len(good.splitlines()) + 1
        for part in (f"{path}", f"line {line}", "connection_cache_reuse_order", "whatever"):
            assert part in fatal
        postfix.deliver(3)
        path.write_text(good, encoding="utf-8")
        postfix.reload()
        wait_until(lambda: answers(postfix), 10, "the cache")
        before = postfix.reused()
        postfix.deliver(50)
        assert postfix.reused() - before >= 20


def test_standalone_nonsense_named_at_start_and_by_hup(place):
    """The same words at the start and by HUP: file, line, parameter and value."""
    path = place / "scache.conf"
    path.write_text("# fine\n")
    server = place.serve("--config", str(path))
    path.write_text("# not so fine\n\nconnection_cache_ttl_limit\n = in a while\n")
    server.reload("the configuration stays as it was")
    said = place.refuse("--config", str(path), listen="other")
    words = server.lines()[0].removeprefix("scache: error: ")
    assert said == f"scache: fatal: {words}\n"
    for part in (str(path), "line 3", "connection_cache_ttl_limit", "in a while"):
        assert part in words
    assert used(server)


def test_standalone_configuration_that_cannot_be_read(place):
    """A directory in its place is told from a mistake in it."""
    path = place / "scache.conf"
    path.write_text("")
    server = place.serve("--config", str(path))
    path.unlink()
    path.mkdir()
    server.reload("the configuration stays as it was")
    assert f"{path}: " in server.lines()[0] and "directory" in server.lines()[0]
    shutil.rmtree(path)
    assert used(server)


def test_standalone_configuration_that_is_a_pipe(place):
    """Nobody writes to it, and nobody waits: not at the start, and not at HUP."""
    path = place / "scache.conf"
    path.write_text("")
    server = place.serve("--config", str(path))
    path.unlink()
    os.mkfifo(path)
    server.reload("the configuration stays as it was")
    assert f"{path}: it is no regular file" in server.lines()[0]
    assert used(server)
    assert f"{path}: it is no regular file" in place.refuse("--config", str(path), listen="other")


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root")
def test_standalone_configuration_by_a_link_of_somebody_else(place):
    """Root shows nobody a line of a file by a message about it."""
    (place / "secret").write_text("a line that only root may read\n")
    theirs = place / "theirs"
    theirs.mkdir()
    os.chown(theirs, 65534, 65534)
    (theirs / "scache.conf").symlink_to("../secret")
    os.chown(theirs / "scache.conf", 65534, 65534, follow_symlinks=False)
    said = place.refuse("--config", str(theirs / "scache.conf"))
    assert "root follows no link of somebody else's" in said and "only root may" not in said


def test_standalone_reader_of_its_log_gone(place):
    """Standard error is a pipe that nobody reads any more: it goes on."""
    server = place.serve("-v", "-v", prefix=["/bin/bash", "-c", 'exec "$@" 2> >(:)', "bash"])
    wait_until(lambda: used(server), 5, "service")
    assert all(used(server) for _ in range(20))
