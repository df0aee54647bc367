"""A configuration that cannot be read at once when it is to be read again."""

import os
import signal

import pytest

from support import alone, fuse, paths
from support.client import at_eof, keep

MODULE = paths.build() / "tests/system/libslow_names.so"


@pytest.fixture(name="place")
def fixture_place():
    """A directory for one test."""
    one = alone.Place()
    yield one
    one.end()


def config(path, ttl):
    """Write a configuration with this limit."""
    path.write_text(f"connection_cache_ttl_limit = {ttl}\n")
    return path


def works(server):
    """It serves: a connection is saved and found."""
    with server.connect() as client, keep(client, "x"):
        status, *_, fd = client.find_endp("x")
        assert status == 0
        os.close(fd)


def limit(server, seconds):
    """Whether a connection ends that soon."""
    with server.connect() as client, keep(client, "x", 30) as far:
        return at_eof(far, seconds)


def test_standalone_reload_of_a_file_that_hangs(place):
    """Everybody is served meanwhile; who asks again is told; then the new values hold."""
    path = config(place / "scache.conf", "20s")
    server = place.serve("--config", path)
    with fuse.HangingFile(hangs=(fuse.READ,)) as file:
        path.unlink()
        path.symlink_to(file.path)
        server.process.signal(signal.SIGHUP)
        assert file.hanging.wait(5)
        for _ in range(100):
            works(server)
        server.process.signal(signal.SIGHUP)
        works(server)
        path.unlink()
        config(path, "1s")
        file.let_go()
        server.says("configuration")
        server.says("configuration read again", 10)
    assert limit(server, 5)
    assert server.end() == 0


def test_standalone_end_while_a_file_hangs(place):
    """It ends all the same, in good order."""
    path = config(place / "scache.conf", "20s")
    server = place.serve("--config", path)
    with fuse.HangingFile(hangs=(fuse.READ,)) as file:
        path.unlink()
        path.symlink_to(file.path)
        server.process.signal(signal.SIGHUP)
        assert file.hanging.wait(5)
        works(server)
        server.process.signal(signal.SIGTERM)
        server.says("statistics: max simultaneous")
        file.let_go()
        assert server.process.wait(5) == 0
    assert not server.path.exists()


@pytest.mark.skipif(paths.is_sanitized(), reason="a sanitizer wants to be loaded first")
def test_standalone_reload_that_asks_a_name_service(place):
    """One that does not answer holds nobody up; what it says in the end counts."""
    answer, asked = os.pipe()
    path = config(place / "scache.conf", "20s")
    server = place.serve("--config", path, fds={9: answer},
                         env={"LD_PRELOAD": MODULE, "SLOW_NAMES": "9"})
    path.write_text("connection_cache_authorized_users = daemon slow\n")
    server.process.signal(signal.SIGHUP)
    for _ in range(100):
        works(server)
    assert server.lines() == []
    os.write(asked, b"!")
    server.says("the configuration stays as it was")
    assert "no such user: slow" in server.text()
    assert server.end() == 0
    for fd in (answer, asked):
        os.close(fd)


def test_standalone_reload_of_a_fifo(place):
    """A pipe that nobody writes to."""
    path = config(place / "scache.conf", "20s")
    server = place.serve("--config", path)
    path.unlink()
    os.mkfifo(path)
    server.process.signal(signal.SIGHUP)
    for _ in range(100):
        works(server)
    assert server.process.alive()
    path.unlink()
    config(path, "1s")
    server.reload()
    assert limit(server, 5)
    assert server.end() == 0


@pytest.mark.skipif(paths.is_sanitized(), reason="a sanitizer makes a process at the end")
def test_standalone_reload_without_threads(place):
    """That is said, and the old configuration stays."""
    path = config(place / "scache.conf", "20s")
    server = place.serve("--config", path,
                         prefix=[paths.build() / "tests/refuse", "EPERM", "clone,clone3"])
    config(path, "1s")
    server.reload("the configuration stays as it was")
    assert "error: Operation not permitted" in server.text()
    works(server)
    assert server.end() == 0
