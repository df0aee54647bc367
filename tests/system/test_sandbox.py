"""What a server gives up once it has started, and that it misses nothing.

Whatever is forbidden to it ends it here, as in all other tests of whole programs; which calls
are forbidden, and that they die, is in tests/unit/test_sandbox_forbidden.c.
"""

import os
import signal
import socket
import tempfile

import pytest

from support import alone, launch, needs, paths
from support.client import DUMMY, at_eof, encode, keep, receive, send_with_fds
from support.postfix import Postfix, service
from support.process import children
from support.waiting import wait_until

NOBODY = 65534
CAP_SETPCAP = 8
ALONE = ("scache-closer", "scache-log")
CHROOT = [pytest.param([], id="plain"), pytest.param(["-c"], id="chroot")]

pytestmark = pytest.mark.skipif("no" in paths.sandbox_arguments()[1].split("="),
                                reason="there is no sandbox in this build")


@pytest.fixture(name="place")
def fixture_place():
    """A directory for one test."""
    one = alone.Place()
    yield one
    one.end()


def status_of(pid):
    """The fields of /proc/PID/status."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def check_confined(pid):
    """No privileges now or ever, a filter, no core dump, nobody looks into it."""
    status = status_of(pid)
    # Only who may drop it, root outside of most containers, has dropped the bounding set.
    may_drop = int(status_of("self")["CapEff"], 16) & 1 << CAP_SETPCAP
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb", *(["CapBnd"] if may_drop else [])):
        assert int(status[name], 16) == 0, f"{name} {status[name]}"
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    with open(f"/proc/{pid}/limits", encoding="utf-8") as file:
        assert next(line for line in file if "core" in line).split()[4:6] == ["0", "0"]
    # What can be dumped belongs to the user of the process, and what cannot to root.
    assert os.stat(f"/proc/{pid}/fd").st_uid == 0
    assert not [name for name in os.listdir(f"/proc/{pid}/task") if
                status_of(f"{pid}/task/{name}")["Seccomp"] != "2"]


def check_tree(pid, others=("scache-closer",)):
    """The same for the processes beside it."""
    check_confined(pid)
    beside = {status_of(child)["Name"]: child for child in children(pid)}
    assert sorted(beside) == sorted(others)
    for name, child in beside.items():
        wait_until(lambda one=child: status_of(one)["Seccomp"] == "2", 2, name)
        check_confined(child)


@pytest.mark.parametrize("also", CHROOT)
def test_confined(also):
    """Under master(8), in a jail or not."""
    with launch.MasterServer(args=also) as server:
        server.ready()
        check_tree(server.process.pid)


def test_confined_standalone(place):
    """Alone, with and without a configuration."""
    (place / "scache.conf").write_text("connection_cache_ttl_limit = 9s\n")
    for args in ([], ["--config", place / "scache.conf"]):
        server = place.serve(*args)
        check_tree(server.process.pid, ALONE)
        assert server.lines() == []
        assert server.end() == 0
        assert not server.path.exists() and not server.lock.exists()


def test_confined_standalone_by_default(place):
    """Nobody needs to ask for it."""
    server = place.serve(sandbox=False)
    check_tree(server.process.pid, ALONE)


def test_confined_standalone_from_a_service_manager(place):
    """As a user without privileges, at a socket that somebody else made."""
    needs.root(NOBODY)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(place / "socket"))
        sock.listen(10)
        server = place.serve(
            listen=None, sockets=[sock],
            prefix=["/usr/bin/setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}",
                    "--clear-groups", "--bounding-set=-all", "--no-new-privs"])
        check_tree(server.process.pid, ALONE)
        assert server.lines() == []
        assert server.end() == 0
        assert (place / "socket").exists()


@pytest.mark.parametrize("mode, filters", [("no", "0"), ("log", "2")])
def test_standalone_modes(place, mode, filters):
    """With no nothing is given up; with log there is a filter that lets all through."""
    server = place.serve("-o", f"connection_cache_sandbox={mode}", sandbox=False)
    status = status_of(server.process.pid)
    assert status["Seccomp"] == filters
    assert status["NoNewPrivs"] == ("0" if mode == "no" else "1")
    if mode == "no" and os.geteuid() == 0:
        assert int(status["CapEff"], 16) != 0
    with server.connect() as client, keep(client, "x"):
        assert client.find_endp("x")[0] == 0
    assert server.end() == 0


def put_and_take(client):
    """A connection in one round trip each way."""
    near, far = socket.socketpair()
    with near, far:
        send_with_fds(client.sock, encode(("request", "put"), ("ttl", 9), ("label", "e"),
                                          ("property", "p")), [near.fileno()])
        assert client.read_list()[0] == [("status", "0")]
        client.send(encode(("request", "take"), ("label", ""), ("label", "e")))
        values, fds = client.read_list()
        assert values[0] == ("status", "0") and len(fds) == 1
        os.close(fds[0])


def use(server):
    """Everything that clients do, and closes of all kinds."""
    with server.connect() as client, tempfile.TemporaryFile() as file:
        with keep(client, "e") as far:
            assert client.save_dest("d", "e") == 0
            status, *_, fd = client.find_dest("d")
            assert status == 0
            far.sendall(b"!")
            assert os.read(fd, 1) == b"!"
            os.close(fd)
        put_and_take(client)
        pipe, terminal = os.pipe(), os.openpty()
        for one in (file.fileno(), *pipe, *terminal):
            assert client.save_endp("short", one, ttl=1) == 0
        expiring = keep(client, "short", ttl=1)
        for one in (*pipe, *terminal):
            os.close(one)
        assert at_eof(expiring, 5)
        expiring.close()
        check_confined(server.process.pid)


def leave_half_way(server):
    """A client that leaves in the midst of being handed something."""
    with server.connect() as other:
        with server.connect() as client:
            far = keep(client, "left")
            assert client.ask(("request", "find_endp"), ("label", "left"))[0] == "0"
        status, _, fd = wait_until(lambda: found(other, "left"), 2, "the connection to come back")
        assert status == 0
    os.close(fd)
    far.close()


def found(client, label):
    """What a find has found, or nothing."""
    answer = client.find_endp(label)
    return answer if answer[0] == 0 else None


@pytest.mark.parametrize("also", CHROOT)
def test_nothing_is_missing(also):
    """A day in the life of a server under master(8), statistics at its end included."""
    with launch.MasterServer(args=["-v", "-v", *also]) as server:
        use(server)
        leave_half_way(server)
        server.process.signal(signal.SIGTERM)
        assert server.wait_exit(2) == 0
        assert "statistics: address lookup hits=" in server.logged()
        assert "warning" not in server.logged()


def test_nothing_is_missing_when_master_goes():
    """The end of the status channel, with a client in the midst of an exchange."""
    with launch.MasterServer() as server, server.connect() as client, keep(client, "x") as far:
        assert client.ask(("request", "find_endp"), ("label", "x"))[0] == "0"
        server.hang_up()
        client.send(DUMMY)
        data, fds = receive(client.sock, 1)
        assert (data, len(fds)) == (b"\0", 1)
        os.close(fds[0])
        client.send(DUMMY)
        assert server.wait_exit(3) == 0
        assert at_eof(far, 1)


def test_nothing_is_missing_when_idle():
    """max_idle ends it with status 0."""
    with launch.MasterServer(params={"max_idle": "1s"}) as server:
        server.ready()
        assert server.wait_exit(5) == 0


@pytest.mark.parametrize("also", CHROOT)
def test_nothing_is_missing_when_the_log_goes(also):
    """The log's socket is connected to again, in the jail too."""
    with launch.MasterServer(args=["-v", *also], read_log=False) as server:
        with server.connect() as client:
            assert client.find_endp("x")[0] == 2
            path = server.queue / "public" / "postlog"
            server.log_socket.close()
            path.unlink()
            assert client.find_endp("while away")[0] == 2
            server.log_socket = server.bind_log()
            server.log_socket.settimeout(5)
            assert client.find_endp("back")[0] == 2
            assert server.log_socket.recv(65536)
        assert server.process.alive()


def test_nothing_is_missing_when_stopped():
    """Calls that SIGSTOP interrupts are gone on with by a call of their own."""
    with launch.MasterServer() as server, server.connect() as client:
        for _ in range(5):
            server.process.signal(signal.SIGSTOP)
            server.process.signal(signal.SIGCONT)
            assert client.find_endp("x")[0] == 2


def test_nothing_is_missing_when_full():
    """More connections than descriptors, for which others are closed."""
    with launch.MasterServer(prefix=["/usr/bin/prlimit", "--nofile=200:200"]) as server, \
            server.connect() as client:
        near, far = socket.socketpair()
        with near, far:
            for number in range(500):
                assert client.save_endp(f"{number}", near.fileno()) == 0
            os.close(found(client, "499")[2])
        check_confined(server.process.pid)


def test_nothing_is_missing_standalone(place):
    """The same for one that stands alone: reload, with users who are looked up, and its end."""
    path = place / "scache.conf"
    path.write_text("connection_cache_ttl_limit = 9s\n")
    server = place.serve("--config", path)
    use(server)
    leave_half_way(server)
    path.write_text("connection_cache_ttl_limit = 8s\nconnection_cache_shared_users = daemon\n")
    server.reload()
    path.write_text("connection_cache_authorized_users = daemon, no-such-user\n")
    server.reload("the configuration stays as it was")
    assert "no such user: no-such-user" in server.text()
    use(server)
    check_confined(server.process.pid)
    assert server.end() == 0
    assert not server.path.exists() and not server.lock.exists()
    assert "statistics: address lookup hits=" in server.text()


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root")
def test_standalone_root_without_privileges(place):
    """Root is told what it will not be able to do any more, and nothing worse happens."""
    path, directory = place / "scache.conf", place / "theirs"
    path.write_text("connection_cache_ttl_limit = 9s\n")
    path.chmod(0o600)
    directory.mkdir(mode=0o700)
    for one in (path, directory):
        os.chown(one, NOBODY, NOBODY)
    server = place.serve("--config", path, listen="theirs/socket")
    config, sock = server.lines()
    assert f"{path}: without privileges it cannot be read again: Permission denied" in config
    assert f"{server.path}: without privileges it cannot be removed" in sock
    server.reload("the configuration stays as it was")
    use(server)
    assert server.end() == 0
    assert server.path.exists()
    assert place.serve(listen="theirs/socket").end() == 0


@pytest.mark.parametrize("chroot", [False, True])
def test_under_postfix(chroot):
    """A real master(8) and real mail, with nothing in the log that should not be there."""
    with Postfix(service(paths.program(), chroot=chroot)) as postfix:
        postfix.deliver(60)
        check_tree(postfix.scache_pid())
        postfix.reload()
        postfix.deliver(60)
        check_confined(postfix.scache_pid())
        assert postfix.reused() > 0
        assert postfix.problems() == []
