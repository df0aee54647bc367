"""Programs that are started without some of descriptors 0 to 2, in all seven ways.

What is opened next must not get such a number: a message for the user would go into it.
"""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from support import paths
from support.launch import StandaloneServer
from support.process import open_files
from support.waiting import wait_until

WAYS = [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)]
SCACHECTL = paths.build() / "scachectl"
EXAMPLES = {
    "smtp-submit": ["{host}", "{port}", "me@example.org", "you@example.org"],
    "http-curl": ["http://{host}:{port}/"],
    "redis-hiredis": ["{host}", "{port}", "PING"],
}


def without(closed, *command):
    """A command that is executed with some descriptors closed."""
    words = " ".join(f"{fd}{'<' if fd == 0 else '>'}&-" for fd in closed)
    return ["sh", "-c", f'exec "$@" {words}', "sh", *map(str, command)]


def spelt(closed):
    """The name of a case."""
    return "".join(map(str, closed))


def standard(pid):
    """What a process has as 0, 1 and 2; None: nothing."""
    files = open_files(pid)
    return [files.get(fd) for fd in range(3)]


@pytest.fixture(name="far")
def fixture_far():
    """A listener of TCP."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        yield listener


@pytest.fixture(name="server", scope="module")
def fixture_server():
    """One cache for all of them."""
    with StandaloneServer() as server:
        yield server


def accept(far):
    """The next connection, with a time limit on its reads too."""
    sock = far.accept()[0]
    sock.settimeout(10)
    return sock


def check(process, closed):
    """What was closed is the null device in a running process, and all else is as it was."""
    given = standard(os.getpid())
    assert standard(process.pid) == [
        "/dev/null" if fd in closed else given[fd] for fd in range(3)]


def greets(path):
    """Whether a server is there; it has a name before it listens."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
        return client.recv(8) == b"protocol"


@pytest.mark.parametrize("closed", WAYS, ids=spelt)
def test_server_standalone(tmp_path, closed):
    path = tmp_path / "socket"
    command = without(closed, paths.build() / "scache", "--listen", path,
                      *paths.sandbox_arguments())
    with subprocess.Popen(command) as process:
        try:
            wait_until(lambda: greets(path), 10, "the greeting")
            check(process, closed)
        finally:
            process.terminate()
            assert process.wait(10) == 0


@pytest.mark.parametrize("closed", WAYS, ids=spelt)
def test_run_standalone(server, far, closed, tmp_path):
    """The program has the connection as 6 and 7 only, and neither input nor output of it."""
    links = tmp_path / "links"
    script = f"for n in 0 1 2; do readlink /proc/$$/fd/$n; done >{links}; exit 9"
    where = f"tcp:127.0.0.1:{far.getsockname()[1]}"
    command = without(closed, SCACHECTL, "-s", server.path, "run", "--to", where, "--", "bash",
                      "-c", script)
    assert subprocess.run(command, timeout=30, check=False).returncode == 9
    seen = links.read_text(encoding="utf-8").splitlines()
    # Number 1 is what the script itself writes to.
    assert [link == "/dev/null" for link in seen[::2]] == [
        fd in closed or standard(os.getpid())[fd] == "/dev/null" for fd in (0, 2)]
    with accept(far) as sock:
        assert sock.recv(100) == b""


@pytest.mark.parametrize("closed", WAYS, ids=spelt)
def test_complaint_of_run_standalone(server, far, closed):
    """A program that is not there: the complaint is not for the far end, and nothing is kept."""
    where = f"tcp:127.0.0.1:{far.getsockname()[1]}"
    command = without(closed, SCACHECTL, "-s", server.path, "run", "-v", "--to", where, "--",
                      "/nonexistent")
    done = subprocess.run(command, timeout=30, check=False)
    assert done.returncode == 127
    with accept(far) as sock:
        assert sock.recv(100) == b""


@pytest.mark.parametrize("closed", WAYS, ids=spelt)
def test_take_standalone(server, closed):
    """Nothing at all is written into what is taken out and closed."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        label = f"take {spelt(closed)}"
        subprocess.run([SCACHECTL, "-s", server.path, "put", "--fd", str(theirs.fileno()), label],
                       pass_fds=[theirs.fileno()], check=True, timeout=30,
                       stdout=subprocess.DEVNULL)
        theirs.close()
        subprocess.run(without(closed, SCACHECTL, "-s", server.path, "take", label), check=True,
                       timeout=30, stdout=subprocess.DEVNULL)
        ours.settimeout(10)
        assert ours.recv(100) == b""


@pytest.mark.parametrize("closed", WAYS, ids=spelt)
@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_standalone(server, far, name, closed):
    program = paths.build() / "examples" / name
    if not program.exists():
        pytest.skip(f"{name} is not built: its library is missing")
    fields = {"host": "127.0.0.1", "port": far.getsockname()[1]}
    words = [word.format(**fields) for word in EXAMPLES[name]]
    with subprocess.Popen(without(closed, program, *words),
                          env=os.environ | {"SCACHE_SOCKET": str(server.path)}) as process:
        with accept(far):
            # It has connected, so it has opened what it opens first.
            check(process, closed)
        assert process.wait(30) != 0


def test_bench_standalone():
    """The benchmark is a program of this tree like any other: it starts, and says how it is used."""
    program = paths.build() / "scache-bench"
    if not program.exists():
        pytest.skip("scache-bench is not built")
    done = subprocess.run(without((0, 1), program), timeout=30, check=False,
                          stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2 and "scache-bench" in done.stderr
    assert Path("/dev/null").is_char_device()
