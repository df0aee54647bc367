"""On its own: signals, reading the configuration again, and users."""

import os
import signal
import socket
import stat
import time

import pytest

from support import alone, paths
from support.client import Client, at_eof, encode, keep, send_with_fds
from support.waiting import wait_until

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="takes root")
NOBODY, ALICE, BOB, EVE = 65534, 40001, 40002, 40003
STOPS = [signal.SIGTERM, signal.SIGINT]


@pytest.fixture(name="place")
def fixture_place():
    """A directory for one test."""
    one = alone.Place()
    yield one
    one.end()


def half_way(server):
    """A client in the midst of saving."""
    client = server.connect()
    client.send(encode(("request", "save_endp"), ("ttl", 5), ("label", "x"), ("property", "p")))
    assert client.read_list()[0] == [("dummy", "")]
    return client


@pytest.mark.parametrize("number", STOPS)
def test_standalone_stop_finishes_what_is_half_way(place, number):
    """Idle clients are closed, nobody is accepted, a request under way is finished."""
    server = place.serve()
    with server.connect() as idle, half_way(server) as client:
        far = keep(idle, "cached")
        server.process.signal(number)
        assert at_eof(idle.sock, 2)
        with pytest.raises((OSError, EOFError, AssertionError)):
            server.connect(0.3).find_endp("x")
        near, other = socket.socketpair()
        with near, other:
            send_with_fds(client.sock, b"\0", [near.fileno()])
            assert client.read_list()[0] == [("status", "0")]
        assert server.process.wait(2) == 0
        assert at_eof(far, 1)
        far.close()
    assert not server.path.exists() and not server.lock.exists()
    assert "statistics: start interval" in server.text()


def test_standalone_stop_finishes_a_find(place):
    """A connection that was promised is still handed over."""
    server = place.serve()
    with server.connect() as client, keep(client, "x") as far:
        assert client.ask(("request", "find_endp"), ("label", "x"))[0] == "0"
        server.process.signal(signal.SIGTERM)
        fd = client._hand_over()  # pylint: disable=protected-access
        far.sendall(b"!")
        assert os.read(fd, 1) == b"!"
        os.close(fd)
    assert server.process.wait(2) == 0


def test_standalone_stop_does_not_wait_for_ever(place):
    """A client that never finishes is left after a while; a second signal changes nothing."""
    server = place.serve()
    with half_way(server) as client:
        server.process.signal(signal.SIGTERM)
        server.process.signal(signal.SIGINT)
        server.process.signal(signal.SIGHUP)
        assert server.process.wait(8) == 0
        assert at_eof(client.sock, 1)
    assert not server.path.exists()


def test_standalone_stop_sends_newcomers_away_at_once(place):
    """Who connects while it ends is not kept waiting: there is nobody, or end of file."""
    server = place.serve()
    with half_way(server):
        server.process.signal(signal.SIGTERM)
        wait_until(lambda: not accepts(server.path), 1, "refusal")


def accepts(path):
    """Whether there seems to be a server: no refusal and no end of file within 0.2 s."""
    with socket.socket(socket.AF_UNIX) as sock:
        try:
            sock.connect(str(path))
        except OSError:
            return False
        return not at_eof(sock, 0.2)


@pytest.mark.parametrize("number", [signal.SIGPIPE, signal.SIGXFSZ])
def test_standalone_ignores_signals(place, number):
    """Some signals mean nothing."""
    server = place.serve()
    server.process.signal(number)
    with server.connect() as client:
        assert client.find_endp("x")[0] == 2


def test_standalone_stays_when_idle(place):
    """max_idle is for master(8) only; daemon_timeout does not hit a server that waits."""
    server = place.serve("-o", "max_idle=1s", "-o", "daemon_timeout=1s")
    assert server.process.wait(4) is None
    assert server.end() == 0


def config(place, **params):
    """Write a configuration; returns the options that name it."""
    text = "".join(f"{name} = {value}\n" for name, value in params.items())
    (place / "scache.conf").write_text("# A comment.\n" + text)
    return ["--config", str(place / "scache.conf")]


def test_standalone_reload_keeps_connections(place):
    """Nothing cached is lost, nobody is disturbed, and only one line is said."""
    server = place.serve(*config(place))
    with server.connect() as client, keep(client, "x") as far, half_way(server) as busy:
        assert client.save_dest("d", "x") == 0
        server.reload()
        assert server.lines() == ["scache: configuration read again"]
        status, *_, fd = client.find_dest("d")
        assert status == 0
        far.sendall(b"!")
        assert os.read(fd, 1) == b"!"
        os.close(fd)
        with socket.socket() as sock:
            send_with_fds(busy.sock, b"\0", [sock.fileno()])
            assert busy.read_list()[0] == [("status", "0")]


def test_standalone_reload_ttl_limit(place):
    """A shorter limit holds for what is saved from now on; an option wins over the file."""
    server = place.serve(*config(place, connection_cache_ttl_limit="60s"))
    with server.connect() as client, keep(client, "before", 30) as before:
        config(place, connection_cache_ttl_limit="1s")
        server.reload()
        with keep(client, "after", 30) as after:
            assert at_eof(after, 3)
            assert not at_eof(before, 0.1)
    other = place.serve("-o", "connection_cache_ttl_limit=60s", *config(place), listen="other")
    with other.connect() as client:
        config(place, connection_cache_ttl_limit="1s")
        other.reload()
        with keep(client, "x", 30) as far:
            assert not at_eof(far, 1.5)


def test_standalone_reload_limits_and_order(place):
    """Limits, order and greeting change while it runs."""
    server = place.serve(*config(place))
    with server.connect() as client:
        fars = [keep(client, "x", prop=str(n)) for n in range(4)]
        config(place, connection_cache_reuse_order="oldest")
        server.reload()
        assert client.find_endp("x")[1] == "0"
        config(place, connection_cache_session_limit="1", connection_cache_greeting="no")
        server.reload()
        far = keep(client, "y")
        wait_until(lambda: sum(at_eof(one, 0.01) for one in fars[1:]) == 3, 2, "room")
        assert not at_eof(far, 0.1)
        with server.connect(greeting=False) as plain:
            assert plain.find_endp("nothing")[0] == 2
        for one in (*fars, far):
            one.close()


def test_standalone_reload_client_timeout(place):
    """The time for a request changes for those who are connected too."""
    server = place.serve(*config(place))
    with half_way(server) as client:
        config(place, connection_cache_request_time_limit="1s")
        server.reload()
        assert at_eof(client.sock, 3)


FIXED = {
    "connection_cache_authorized_users": "daemon",
    "connection_cache_shared_users": "daemon, root",
    "connection_cache_sandbox": "log",
    "daemon_timeout": "100s",
}


@pytest.mark.skipif(paths.is_sanitized(), reason="the sandbox is as strict as by default here")
@pytest.mark.parametrize("name", FIXED)
def test_standalone_reload_fixed(place, name):
    """What cannot change says so, once each time, and the rest does change."""
    server = place.serve(*config(place), sandbox=False)
    config(place, **{name: FIXED[name], "connection_cache_ttl_limit": "1s"})
    for times in (1, 2):
        server.reload()
        warnings = [line for line in server.lines() if "warning" in line]
        assert warnings == times * [f"scache: warning: {name} has changed: that needs a restart"]
    with server.connect() as client, keep(client, "x", 30) as far:
        assert at_eof(far, 3)
    config(place)
    server.reload()
    assert sum("warning" in line for line in server.lines()) == 2


NONSENSE = {
    "bad value": ("connection_cache_ttl_limit = soon\n", ["line 1", "ttl_limit", "soon"]),
    "no equals sign": ("connection_cache_ttl_limit = 2s\nwhatever\n", ["line 2"]),
    "unclosed brace": ("connection_cache_ttl_limit = ${x\n", ["line 1", "ttl_limit"]),
    "refers to itself": ("x = $x\nconnection_cache_ttl_limit = $x\n", ["x"]),
    "unknown user": ("\nconnection_cache_authorized_users = no-such-user\n",
                     ["line 2", "connection_cache_authorized_users", "no-such-user"]),
    "unknown sharer": ("connection_cache_shared_users = root, no-such-user\n",
                       ["line 1", "connection_cache_shared_users", "no-such-user"]),
    "missing": (None, ["No such file"]),
}


@pytest.mark.parametrize("kind", NONSENSE)
def test_standalone_reload_nonsense(place, kind):
    """A configuration with a mistake is refused whole, says why and where; the old one stays."""
    server = place.serve(*config(place, connection_cache_reuse_order="newest"))
    text, wanted = NONSENSE[kind]
    path = place / "scache.conf"
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    with server.connect() as client, keep(client, "x", prop="1"), keep(client, "x", prop="2"):
        server.reload("the configuration stays as it was")
        first, second = server.lines()
        assert first.startswith("scache: error: ") and second.startswith("scache: error: ")
        for word in [str(path), *wanted]:
            assert word in first
        assert client.find_endp("x")[1] == "2"
        config(place)
        server.reload()
        assert client.find_endp("x")[1] == "1"


def test_standalone_reload_again_and_again(place):
    """A storm of reloads while a client works loses nothing."""
    server = place.serve(*config(place))
    with server.connect() as client, keep(client, "kept"):
        for number in range(100):
            server.process.signal(signal.SIGHUP)
            with keep(client, str(number)):
                status, _, fd = client.find_endp(str(number))
                assert status == 0
                os.close(fd)
        assert client.find_endp("kept")[0] == 0
    assert server.end() == 0


def ask(path, action, greeting=True):
    """What an action with a client gives; "refused" when nobody speaks to it."""
    try:
        with Client(path, 2, greeting) as client:
            return action(client)
    except (OSError, EOFError, AssertionError):
        return "refused"


def save(path, label, text="p"):
    """Save a pipe that has the text in it, and bind the destination of the same name to it."""
    def action(client):
        near, far = os.pipe()
        os.write(far, text.encode())
        os.close(far)
        done = [client.save_endp(label, near, prop=text), client.save_dest(label, label)]
        os.close(near)
        return done
    return lambda: ask(path, action)


def find(path, label, by="find_endp"):
    """The text in the pipe that was found, or None."""
    def action(client):
        fd = getattr(client, by)(label)[-1]
        return None if fd < 0 else os.read(fd, 100).decode()
    return lambda: ask(path, action)


def look(path):
    """Any request."""
    return lambda: ask(path, lambda client: client.find_endp("x")[0])


@AS_ROOT
def test_standalone_users_who_may_connect(place):
    """Root and those who are named, by name or number; the mode of the socket does not matter."""
    users = f"-oconnection_cache_authorized_users={ALICE}, nobody {BOB}"
    server = place.serve("--mode", "0666", users)
    for user in (0, ALICE, BOB, NOBODY):
        assert alone.as_user(user, look(server.path)) == 2
    assert server.lines() == []
    for _ in range(5):
        assert alone.as_user(EVE, look(server.path)) == "refused"
    assert server.lines() == [f"scache: warning: user {EVE} may not connect: not in "
                              "connection_cache_authorized_users"]


@AS_ROOT
def test_standalone_users_nobody_else_by_default(place):
    """By default it is for its own user, and root."""
    server = place.serve("--mode", "0666")
    assert alone.as_user(NOBODY, look(server.path)) == "refused"
    private = place.serve(listen="private", *["-oconnection_cache_authorized_users=nobody"])
    assert stat.S_IMODE(os.stat(private.path).st_mode) == 0o600
    assert alone.as_user(NOBODY, look(private.path)) == "refused"


@AS_ROOT
def test_standalone_users_own_user(place):
    """The user that the server runs as may connect, and root may."""
    place.path.chmod(0o777)
    server = place.serve("--mode", "0666", prefix=["/usr/bin/setpriv", f"--reuid={BOB}",
                                                   f"--regid={BOB}", "--clear-groups"])
    assert os.stat(server.path).st_uid == BOB
    assert [alone.as_user(user, look(server.path)) for user in (BOB, 0, ALICE)] == [
        2, 2, "refused"]
    alone.as_user(BOB, save(server.path, "x", "bob's"))
    assert find(server.path, "x")() is None
    assert alone.as_user(BOB, find(server.path, "x")) == "bob's"


@AS_ROOT
def test_standalone_users_have_private_labels(place):
    """Nobody is handed what another has saved, by endpoint or by destination, root included."""
    server = place.serve("--mode", "0666", f"-oconnection_cache_authorized_users={ALICE},{BOB}")
    assert alone.as_user(ALICE, save(server.path, "x", "alice's")) == [0, 0]
    assert alone.as_user(BOB, save(server.path, "x", "bob's")) == [0, 0]
    for by in ("find_dest", "find_endp"):
        assert find(server.path, "x", by)() is None
    save(server.path, "x", "root's")()
    for user, text in ((BOB, "bob's"), (ALICE, "alice's"), (0, "root's")):
        assert alone.as_user(user, find(server.path, "x", "find_dest")) == text
        assert alone.as_user(user, find(server.path, "x")) is None
    # A binding alone is private too: the endpoint is there, but bob's way to it is bob's.
    alone.as_user(ALICE, save(server.path, "x", "alice's"))
    assert alone.as_user(BOB, find(server.path, "x", "find_dest")) is None


@AS_ROOT
def test_standalone_users_who_share(place):
    """Those who share one space find what others of them saved; nobody else does."""
    server = place.serve("--mode", "0666",
                         f"-oconnection_cache_authorized_users={ALICE} {BOB} {EVE}",
                         f"-oconnection_cache_shared_users={ALICE} {BOB}")
    alone.as_user(ALICE, save(server.path, "x", "ours"))
    assert [alone.as_user(user, find(server.path, "x")) for user in (EVE, 0, BOB)] == [
        None, None, "ours"]
    alone.as_user(BOB, save(server.path, "y", "ours too"))
    assert alone.as_user(ALICE, find(server.path, "y", "find_dest")) == "ours too"
    alone.as_user(EVE, save(server.path, "z", "eve's"))
    assert alone.as_user(ALICE, find(server.path, "z")) is None


@AS_ROOT
def test_standalone_users_sharing_is_no_permission(place):
    """Being named as sharing does not let anybody in."""
    server = place.serve("--mode", "0666", f"-oconnection_cache_shared_users={ALICE}")
    assert alone.as_user(ALICE, look(server.path)) == "refused"


@AS_ROOT
def test_standalone_users_session_limit(place):
    """A user at the limit makes room among their own connections; others keep theirs."""
    server = place.serve("--mode", "0666", f"-oconnection_cache_authorized_users={ALICE},{BOB}",
                         "-oconnection_cache_user_session_limit=2")
    alone.as_user(BOB, save(server.path, "x", "bob's"))
    for number in range(4):
        alone.as_user(ALICE, save(server.path, f"x{number}", str(number)))
    left = [alone.as_user(ALICE, find(server.path, f"x{number}")) for number in range(4)]
    assert left == [None, None, "2", "3"]
    assert alone.as_user(BOB, find(server.path, "x")) == "bob's"


@AS_ROOT
def test_standalone_users_fixed_while_running(place):
    """Who may connect, and who shares, needs a restart: a reload changes neither."""
    server = place.serve("--mode", "0666",
                         *config(place, connection_cache_authorized_users=f"{ALICE}"))
    alone.as_user(ALICE, save(server.path, "x"))
    config(place, connection_cache_authorized_users=f"{BOB}",
           connection_cache_shared_users=f"{ALICE}")
    server.reload()
    assert alone.as_user(BOB, look(server.path)) == "refused"
    assert alone.as_user(ALICE, find(server.path, "x")) == "p"


@AS_ROOT
def test_standalone_users_at_an_activated_socket(place):
    """The same rules hold for a socket from a service manager."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(place / "socket"))
        sock.listen(10)
        (place / "socket").chmod(0o666)
        server = place.serve(f"-oconnection_cache_authorized_users={ALICE}", listen=None,
                             sockets=[sock])
        assert alone.as_user(EVE, look(server.path)) == "refused"
        alone.as_user(ALICE, save(server.path, "x"))
        assert find(server.path, "x")() is None
        assert alone.as_user(ALICE, find(server.path, "x")) == "p"


def test_standalone_statistics_interval(place):
    """Statistics come at their interval too, which a reload changes."""
    server = place.serve(*config(place))
    with server.connect() as client:
        assert client.find_endp("x")[0] == 2
        config(place, connection_cache_status_update_time="1s")
        start = time.monotonic()
        server.reload()
        server.says("address lookup hits=0 miss=1 success=0%", 3)
        assert time.monotonic() - start < 2.5
