"""On its own: the socket and its lock, options, and sockets from a service manager."""

import fcntl
import os
import shutil
import signal
import socket
import stat
import time

import pytest

from support import alone
from support.client import Client, at_eof, inode, keep
from support.waiting import wait_until

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="takes root")
NOBODY = 65534
LONGEST_PATH = 107


@pytest.fixture(name="place")
def fixture_place():
    """A directory for one test."""
    one = alone.Place()
    yield one
    one.end()


def listener(path, kind=socket.SOCK_STREAM, listening=True):
    """A socket as a service manager makes it."""
    sock = socket.socket(socket.AF_UNIX, kind)
    sock.bind(str(path))
    if listening:
        sock.listen(10)
    return sock


def identity(path):
    """What tells one file from another at the same path."""
    info = os.lstat(path)
    return info.st_dev, info.st_ino


def found_again(server):
    """Whether a connection can be saved and found."""
    with server.connect() as client, keep(client, "probe") as far:
        fd = client.find_endp("probe")[-1]
        far.sendall(b"token")
        try:
            return fd >= 0 and os.read(fd, 5) == b"token"
        finally:
            os.close(fd)


def test_standalone_listen_serves_in_the_foreground(place):
    """It serves, says nothing, logs its statistics to standard error, and exits 0."""
    server = place.serve()
    assert found_again(server)
    assert server.text() == ""
    assert server.end() == 0
    assert [line.split(": ")[:2] for line in server.text().splitlines()] == 3 * [
        ["scache", "statistics"]]
    assert not server.path.exists() and not server.lock.exists()


def test_standalone_defaults_are_kind_to_far_ends(place):
    """An endpoint keeps 16 connections, and the newest is handed out first."""
    with place.serve().connect() as client:
        fars = [keep(client, "x", prop=str(number)) for number in range(17)]
        assert at_eof(fars[0], 3)
        assert not at_eof(fars[1], 0.1)
        assert [client.find_endp("x")[1] for _ in range(3)] == ["16", "15", "14"]
        for far in fars:
            far.close()


def test_standalone_listen_equals_sign_and_relative_path(place):
    """--listen=PATH is the same; a path may be relative."""
    server = place.start(f"--listen={place / 'socket'}", listen=None).ready()
    assert found_again(server)
    other = place.start(listen="near", cwd=place.path)
    other.ready()
    assert found_again(other)
    assert (other.end(), other.path.exists(), server.end()) == (0, False, 0)


def test_standalone_stale_socket_is_replaced(place):
    """kill -9 leaves a socket file, which the next server replaces."""
    first = place.serve()
    first.end(signal.SIGKILL)
    assert first.path.is_socket() and first.lock.exists()
    second = place.serve()
    assert found_again(second)
    assert second.end() == 0 and not second.path.exists()


def test_standalone_live_socket_is_refused(place):
    """A second server says so and leaves the first one alone."""
    first = place.serve()
    with first.connect() as client, keep(client, "x"):
        before = identity(first.path)
        said = place.refuse()
        assert f"fatal: {first.path}: another server is using this socket" in said
        assert len(said.splitlines()) == 1
        assert identity(first.path) == before
        assert client.find_endp("x")[0] == 0
    assert found_again(first)
    assert first.end() == 0 and not first.path.exists() and not first.lock.exists()


@pytest.mark.parametrize("kind", ["file", "directory", "fifo", "link to a socket", "dead link"])
def test_standalone_something_else_at_the_path(place, kind):
    """What is no socket is never removed."""
    path = place / "socket"
    other = listener(place / "other")
    {"file": lambda: path.write_text("precious"),
     "directory": path.mkdir,
     "fifo": lambda: os.mkfifo(path),
     "link to a socket": lambda: path.symlink_to(place / "other"),
     "dead link": lambda: path.symlink_to(place / "nothing")}[kind]()
    before = identity(path)
    assert f"{path}: there is something else than a socket" in place.refuse()
    assert identity(path) == before and (place / "other").is_socket()
    assert not (place / "socket.lock").exists()
    other.close()


def test_standalone_lock_decides_not_a_probe(place):
    """A lock that is held is a live server, socket or not; a socket without a lock is stale."""
    lock = os.open(place / "socket.lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    assert "another server is using this socket" in place.refuse()
    assert (place / "socket.lock").exists()
    os.close(lock)
    with listener(place / "socket"):
        assert found_again(place.serve())


def test_standalone_lock_of_somebody_who_leaves_is_waited_for_by_none(place):
    """A lock file that nobody holds, of any content, does not matter."""
    (place / "socket.lock").write_text("99999\n")
    server = place.serve()
    assert found_again(server) and server.end() == 0


@pytest.mark.parametrize("kind", ["link", "directory"])
def test_standalone_lock_that_is_no_file(place, kind):
    """A lock is not followed out of its directory."""
    if kind == "link":
        (place / "socket.lock").symlink_to(place / "elsewhere")
    else:
        (place / "socket.lock").mkdir()
    assert f"fatal: {place / 'socket'}: cannot listen there: " in place.refuse()
    assert not (place / "elsewhere").exists() and not (place / "socket").exists()


def test_standalone_mode(place):
    """The socket is its owner's unless --mode says otherwise."""
    for number, (args, mode) in enumerate([((), 0o600), (("--mode", "0666"), 0o666),
                                           (("--mode", "770"), 0o770), (("--mode=0",), 0)]):
        server = place.start(*args, listen=f"socket{number}")
        if mode or os.geteuid() == 0:
            server.ready()
            assert stat.S_IMODE(os.stat(server.path).st_mode) == mode


@AS_ROOT
@pytest.mark.parametrize("user, group", [("nobody", "nogroup"), (str(NOBODY), "12345")])
def test_standalone_owner_and_group(place, user, group):
    """By name or by number."""
    server = place.serve("--owner", user, "--group", group, "--mode", "0660")
    info = os.stat(server.path)
    assert (info.st_uid, info.st_gid) == (NOBODY, int(group) if group.isdigit() else NOBODY)
    assert server.end() == 0 and not server.path.exists()


def test_standalone_path_too_long(place):
    """The longest path works; one byte more is refused with the number."""
    room = LONGEST_PATH - len(str(place.path)) - 1
    server = place.serve(listen="x" * room)
    assert found_again(server) and server.end() == 0
    assert not server.path.exists() and not server.lock.exists()
    assert f"a socket's path has at most {LONGEST_PATH} bytes" in place.refuse(
        listen="x" * (room + 1))


def test_standalone_directory_missing(place):
    """It is named, and why."""
    said = place.refuse(listen="nowhere/socket")
    assert f"{place / 'nowhere/socket'}: cannot listen there: No such file or directory" in said


@AS_ROOT
def test_standalone_directory_of_somebody_else(place):
    """Permission is what it says."""
    said = place.refuse(prefix=["/usr/bin/setpriv", f"--reuid={NOBODY}", "--clear-groups"])
    assert "cannot listen there: Permission denied" in said


@pytest.mark.parametrize("kind", ["file", "socket", "nothing"])
def test_standalone_removes_only_its_own_socket(place, kind):
    """At exit it removes its socket only if it is still there."""
    server = place.serve()
    server.path.unlink()
    if kind == "file":
        server.path.write_text("precious")
    elif kind == "socket":
        listener(server.path).close()
    assert server.end() == 0
    assert server.path.exists() == (kind != "nothing")


@pytest.mark.parametrize("gone, wanted", [
    ("lock", "its lock file was removed: another server could take the name"),
    ("path", "the socket was removed: nobody can connect any more"),
])
def test_standalone_files_that_were_removed(place, gone, wanted):
    """A cleaner of /tmp is noticed, and warned about once."""
    server = place.serve()
    server.process.signal(signal.SIGUSR1)
    server.says("state: descriptors")
    assert [line for line in server.lines() if "warning" in line] == []
    getattr(server, gone).unlink()
    for times in (2, 3):
        server.process.signal(signal.SIGUSR1)
        wait_until(lambda n=times: server.text().count("state: descriptors") == n, alone.SOON, "it")
    server.says("warning")
    assert server.end() == 0
    assert [line for line in server.lines() if "warning" in line] == [
        f"scache: warning: {server.path}: {wanted}; a restart mends that"]


def test_standalone_two_instances(place):
    """Two servers with a socket each know nothing of each other."""
    one, two = place.serve(listen="one"), place.serve(listen="two")
    with one.connect() as client, two.connect() as other, keep(client, "x"):
        assert other.find_endp("x")[0] == 2
        assert one.end() == 0
    assert found_again(two) and two.end() == 0


@pytest.mark.parametrize("call", ["flock", "bind", "fchmod",
                                  "listen", "epoll_create1", "clone3,?clone",
                                  "?epoll_wait,epoll_pwait"])
def test_standalone_killed_while_starting(place, call):
    """kill -9 in any phase of the start leaves nothing that stops the next one."""
    if not shutil.which("strace"):
        pytest.skip("takes strace")
    one = place.start(prefix=["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                              f"inject={call}:signal=KILL"])
    assert one.process.wait(10) == -signal.SIGKILL, f"never calls {call}"
    assert found_again(place.serve())


def test_standalone_killed_again_and_again(place):
    """The same at arbitrary moments."""
    for number in range(30):
        one = place.start()
        one.process.wait(number / 4000)
        one.end(signal.SIGKILL)
    server = place.serve()
    assert found_again(server) and server.end() == 0
    assert not server.path.exists() and not server.lock.exists()


WRONG = [
    (["--mode", "999"], "--mode 999: not an octal mode"),
    (["--mode", "01777"], "--mode 01777: not an octal mode"),
    (["--mode", ""], "--mode : not an octal mode"),
    (["--mode", "-1"], "--mode -1: not an octal mode"),
    (["--owner", "no-such-user"], "--owner no-such-user: no such user"),
    (["--group", "no-such-group"], "--group no-such-group: no such group"),
    (["--group", "-1"], "--group -1: no such group"),
    (["--nonsense"], "invalid option: --nonsense"),
    (["-x"], "invalid option: -x"),
    (["surplus"], "unexpected argument: surplus"),
    (["--mode"], "option --mode requires an argument"),
    (["-o"], "option -o requires an argument"),
    (["-o", "connection_cache_ttl_limit"], "connection_cache_ttl_limit"),
    (["-o", "connection_cache_ttl_limit=soon"], "soon"),
    (["-o", "connection_cache_ttl_limit=0"], "connection_cache_ttl_limit"),
    (["-o", "connection_cache_reuse_order=random"], "random"),
    (["-o", "connection_cache_authorized_users=no-such-user"],
     "connection_cache_authorized_users = no-such-user: no such user: no-such-user"),
    (["-o", "connection_cache_shared_users=root, no-such-user"],
     "connection_cache_shared_users = root, no-such-user: no such user: no-such-user"),
    (["--config", "/nonexistent/file"], "/nonexistent/file"),
]


@pytest.mark.parametrize("args, wanted", WRONG, ids=[" ".join(args) for args, _ in WRONG])
def test_standalone_wrong_options(place, args, wanted):
    """One line that says what is wrong, at once, and no socket."""
    start = time.monotonic()
    said = place.refuse(*args)
    assert time.monotonic() - start < 0.9
    assert said.startswith("scache: fatal: ") and wanted in said
    assert len(said.splitlines()) == 1
    assert os.listdir(place.path) == ["output0"]


def test_standalone_empty_listen(place):
    """An empty path is no path."""
    assert "--listen: the path of the socket is empty" in place.refuse("--listen", "", listen=None)


@pytest.mark.parametrize("word, wanted", [("--help", "Parameters:"), ("--version", "scache ")])
def test_standalone_help_anywhere(place, word, wanted):
    """--help and --version win over other options."""
    for args in ([word], ["--mode", "0666", word]):
        one = place.start(*args, listen=None if len(args) == 1 else "socket")
        assert one.process.wait(alone.SOON) == 0
        assert wanted in one.text()


def test_standalone_activated_socket(place):
    """A socket from a service manager is served, and its file stays; no lock is made."""
    with listener(place / "socket") as sock:
        waiting = Client(place / "socket", greeting=False)
        server = place.serve(listen=None, sockets=[sock])
        assert waiting.read_list()[0] == [("protocol", "connection_cache_protocol")]
        waiting.close()
        assert found_again(server)
        assert not server.lock.exists()
        assert server.end() == 0
        assert server.path.is_socket()
        assert found_again(place.serve(listen=None, sockets=[sock]))


def test_standalone_activated_sockets(place):
    """There may be several, which are one cache."""
    with listener(place / "socket") as one, listener(place / "other") as two:
        place.serve(listen=None, sockets=[one, two])
        with Client(place / "socket") as client, Client(place / "other") as other:
            with keep(client, "x") as far:
                fd = other.find_endp("x")[-1]
                far.sendall(b"!")
                assert os.read(fd, 1) == b"!" and inode(fd)
                os.close(fd)


@pytest.mark.parametrize("kind", ["connected", "datagram", "not listening", "internet", "file"])
def test_standalone_activated_by_something_else(place, kind):
    """What is no listening stream socket of the UNIX domain is refused."""
    pair = socket.socketpair()
    with listener(place / "good") as good:
        bad = {
            "connected": lambda: pair[0],
            "datagram": lambda: listener(place / "bad", socket.SOCK_DGRAM, False),
            "not listening": lambda: listener(place / "bad", listening=False),
            "internet": lambda: socket.create_server(("127.0.0.1", 0)),
            "file": lambda: open("/dev/null", "rb"),
        }[kind]()
        with bad:
            said = place.refuse(listen=None, sockets=[good, bad])
        assert "descriptor 4 is no listening UNIX stream socket" in said
    for sock in pair:
        sock.close()


def test_standalone_activation_ignores_names_that_it_does_not_know(place):
    """What a later version has stored or listens on is left alone, and named in the log."""
    pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with listener(place / "socket") as sock, listener(place / "metrics") as other:
        server = place.serve(listen=None, sockets=[pair[0], sock, other],
                             names="scache-parcel:scache.socket:metrics")
        assert found_again(server)
        with pytest.raises(TimeoutError):
            Client(place / "metrics", timeout=0.3)
        assert [line for line in server.lines() if "ignored" in line] == [
            f"scache: warning: descriptor {fd} of the service manager is ignored: "
            f"nothing here is called {name}" for fd, name in ((3, "scache-parcel"), (5, "metrics"))]
        assert server.end() == 0
    for sock in pair:
        sock.close()


def test_standalone_activation_by_unknown_names_alone(place):
    """Without a socket to listen on it does not start."""
    with listener(place / "given") as sock:
        said = place.refuse(listen=None, sockets=[sock], names="something")
        assert "ignored: nothing here is called something" in said
        assert "fatal: nowhere to listen" in said


def test_standalone_activation_of_somebody_else(place):
    """LISTEN_PID that is not ours: not for us."""
    with listener(place / "given") as sock:
        server = place.serve(sockets=[sock], listen_pid=1)
        assert found_again(server)
        with pytest.raises(TimeoutError):
            Client(place / "given", timeout=0.3)
        one = place.start(listen=None, sockets=[sock], listen_pid=1)
        assert one.process.wait(alone.SOON) == 1


def test_standalone_listen_wins_over_activation(place):
    """With --listen nothing that was passed is touched."""
    with listener(place / "given") as sock:
        server = place.serve(sockets=[sock])
        assert found_again(server)
        with pytest.raises(TimeoutError):
            Client(place / "given", timeout=0.3)
        assert server.end() == 0 and not server.path.exists()
        assert (place / "given").is_socket()


def notified(sock):
    """The next word to a service manager."""
    sock.settimeout(alone.SOON)
    return sock.recv(4096).decode()


@pytest.mark.parametrize("abstract", [False, True])
def test_standalone_notifies(place, abstract):
    """READY=1 when it serves, STOPPING=1 when it does not any more."""
    name = f"@scache-test-{os.getpid()}" if abstract else str(place / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name.replace("@", "\0"))
        server = place.start(env={"NOTIFY_SOCKET": name})
        assert "READY=1" in notified(manager).splitlines()
        assert found_again(server)
        server.process.signal(signal.SIGTERM)
        assert "STOPPING=1" in notified(manager).splitlines()
        assert server.process.wait(alone.SOON) == 0


def test_standalone_notifies_not_before_it_serves(place):
    """A server that cannot start is never ready."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(place / "notify"))
        place.refuse("--nonsense", env={"NOTIFY_SOCKET": place / "notify"})
        with pytest.raises(BlockingIOError):
            manager.recv(100, socket.MSG_DONTWAIT)


@pytest.mark.parametrize("kind", ["missing", "full", "empty", "too long"])
def test_standalone_notifies_nobody(place, kind):
    """A manager that is not there, or does not read, holds nothing up."""
    path = place / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        if kind == "full":
            manager.bind(str(path))
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
                with pytest.raises(BlockingIOError):
                    while True:
                        other.sendto(b"x", socket.MSG_DONTWAIT, str(path))
        value = {"empty": "", "too long": "/" + 200 * "x"}.get(kind, path)
        server = place.serve(env={"NOTIFY_SOCKET": value})
        assert found_again(server) and server.end() == 0
