"""Where short processes look for a server, whom they trust there, and what they tell each other.

The built-in places are tried in a namespace of mounts, on a /run that nobody else sees.
"""

import os
import signal
import subprocess
import textwrap

import pytest

from support import needs, paths
from support.launch import StandaloneServer
from support.waiting import wait_until

PROBE = paths.build() / "tests/system/probe"
DONE, MISS = "0", "1"
SERVICE, STRANGER = 4242, 4243

pytestmark = pytest.mark.skipif(not os.access(PROBE, os.X_OK), reason="probe: not built")


def probe(*arguments, **env):
    """What one process says: outcome, reason, path, text."""
    done = subprocess.run([PROBE, *map(str, arguments)], capture_output=True, text=True, timeout=60,
                          check=True, env={"PATH": "/usr/bin:/bin"} | env)
    return done.stdout.rstrip("\n").split("\t")


@pytest.fixture(name="runtime")
def fixture_runtime(tmp_path):
    """A runtime directory of this user's."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    return runtime


def hints(runtime):
    """The hints that were left there."""
    return list(runtime.glob("scache-hint.*"))


def test_one_process_tells_the_next_that_a_server_hangs(runtime):
    """The first waits for it, those that come next do not, and its first answer ends that."""
    with StandaloneServer() as server:
        where = {"XDG_RUNTIME_DIR": str(runtime)}
        assert probe(server.path, **where)[:2] == [DONE, "none"]
        assert hints(runtime) == []
        os.kill(server.process.pid, signal.SIGSTOP)
        # Long enough for a busy machine to come to the end of a deadline, and no longer.
        assert probe(server.path, SCACHE_DEADLINE="50", **where)[:2] == [MISS, "slow"]
        assert len(hints(runtime)) == 1
        first = probe(server.path, SCACHE_DEADLINE="60000", **where)
        os.kill(server.process.pid, signal.SIGCONT)
        assert first[:2] == [MISS, "backing off"]
        assert first[2] == str(server.path) and first[2] in first[3]
        wait_until(lambda: probe(server.path, **where)[0] == DONE, 20)
        assert hints(runtime) == []


def test_a_server_that_is_away_is_worth_no_hint(runtime, tmp_path):
    """Finding that out takes no time."""
    answer = probe(tmp_path / "nobody", XDG_RUNTIME_DIR=str(runtime))
    assert answer[:2] == [MISS, "away"]
    assert hints(runtime) == []


def test_what_is_named_by_the_environment(tmp_path):
    """SCACHE_SOCKET names a place as outright as an argument does."""
    with StandaloneServer() as server:
        server.directory.chmod(0o777)
        assert probe(SCACHE_SOCKET=str(server.path))[:3] == [DONE, "none", str(server.path)]
        assert probe(tmp_path / "nobody", SCACHE_SOCKET=str(server.path))[1] == "away"


def test_a_runtime_directory_that_others_may_write_to(runtime):
    """What somebody may have put there is not spoken to, and that is said."""
    with StandaloneServer() as server:
        (runtime / "scache.sock").symlink_to(server.path)
        assert probe(XDG_RUNTIME_DIR=str(runtime))[:2] == [DONE, "none"]
        runtime.chmod(0o777)
        answer = probe(XDG_RUNTIME_DIR=str(runtime))
        assert answer[:3] == [MISS, "distrusted", f"{runtime}/scache.sock"]
        assert "others may write to its directory" in answer[3]


SCENE = textwrap.dedent("""
    import os, socket, subprocess, sys
    def run(*command):
        subprocess.run(command, check=True)
    run("mount", "--make-rprivate", "/")
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    with open("/run/passwd", "w") as file:
        file.write(open("/etc/passwd").read())
        if {has_service}:
            file.write("scache:x:{service}:{service}::/:/bin/false\\n")
    run("mount", "--bind", "/run/passwd", "/etc/passwd")
    def serve(path, owner, listener):
        os.makedirs(os.path.dirname(path), mode=0o755)
        os.chown(os.path.dirname(path), owner, -1)
        there, here = os.pipe()
        if os.fork() == 0:
            os.setgid(listener), os.setuid(listener)
            sock = socket.socket(socket.AF_UNIX)
            sock.bind(path)
            os.chmod(path, 0o666)
            sock.listen(5)
            os.close(there), os.write(here, b"u"), os.close(here)
            client = sock.accept()[0]
            client.sendall(b"protocol\\0connection_cache_protocol\\0\\0")
            client.recv(100)
            client.sendall(b"status\\0002\\0label\\0\\0property\\0\\0property\\0\\0\\0")
            client.recv(100)
            os._exit(0)
        os.close(here)
        assert os.read(there, 1) == b"u"
    {servers}
    os.setgid({user}), os.setuid({user})
    os.environ.clear()
    os.execv("{probe}", ["probe"])
""")


def probe_on_a_run_of_its_own(servers, user=STRANGER, has_service=True):
    """What a process of that user says, with these servers in the built-in places."""
    needs.root(user)
    code = SCENE.format(servers=servers, user=user, probe=PROBE, has_service=has_service,
                        service=SERVICE)
    done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "/usr/bin/python3",
                           "-c", code],
                          capture_output=True, text=True, timeout=60, check=False)
    if "unshare: unshare failed" in done.stderr:
        pytest.skip("no namespaces here")
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n").split("\t")


BUILT_IN = "/run/scache/scache.sock"


@pytest.mark.parametrize("owner, listener", [(0, 0), (SERVICE, SERVICE), (0, SERVICE), (SERVICE, 0)])
def test_the_services_own_user_is_trusted_in_its_place(owner, listener):
    """Root's and the service's directory and server, in every combination."""
    if listener == SERVICE and owner == 0:
        # As under socket activation: the manager has made the socket in its directory.
        servers = f'serve("{BUILT_IN}", {SERVICE}, {listener}); os.chown("/run/scache", 0, -1)'
    else:
        servers = f'serve("{BUILT_IN}", {owner}, {listener})'
    assert probe_on_a_run_of_its_own(servers)[:3] == [DONE, "none", BUILT_IN]


@pytest.mark.parametrize("owner, listener, why", [
    (4999, 4999, "its directory belongs to user 4999"),
    (SERVICE, 4999, "the server there is user 4999's")])
def test_a_stranger_is_not_trusted_in_the_services_place(owner, listener, why):
    """Neither a directory nor a server of anybody else's."""
    servers = f'serve("{BUILT_IN}", {listener}, {listener}); os.chown("/run/scache", {owner}, -1)'
    answer = probe_on_a_run_of_its_own(servers)
    assert answer[:3] == [MISS, "distrusted", BUILT_IN]
    assert why in answer[3]


def test_without_such_a_user_only_root_is_trusted_there():
    """A number means nothing that has no name."""
    servers = f'serve("{BUILT_IN}", {SERVICE}, {SERVICE})'
    assert probe_on_a_run_of_its_own(servers, has_service=False)[1] == "distrusted"


def test_the_services_user_is_trusted_nowhere_else():
    """A user's own place is the user's."""
    path = f"/run/user/{STRANGER}/scache.sock"
    answer = probe_on_a_run_of_its_own(f'serve("{path}", {SERVICE}, {SERVICE})')
    assert answer[:3] == [MISS, "distrusted", path]


def test_cron_has_no_runtime_directory_in_its_environment():
    """What is in /run/user is found all the same, before what is the service's."""
    own = f"/run/user/{STRANGER}/scache.sock"
    servers = f'serve("{own}", {STRANGER}, {STRANGER}); serve("{BUILT_IN}", 0, 0)'
    assert probe_on_a_run_of_its_own(servers)[:3] == [DONE, "none", own]


def test_the_services_place_is_the_last():
    """A user's socket that nobody listens on does not hide the service's."""
    own = f"/run/user/{STRANGER}"
    servers = f'os.makedirs("{own}"); os.chown("{own}", {STRANGER}, -1); ' \
              f'sock = socket.socket(socket.AF_UNIX); sock.bind("{own}/scache.sock"); ' \
              f'serve("{BUILT_IN}", 0, 0)'
    assert probe_on_a_run_of_its_own(servers)[:3] == [DONE, "none", BUILT_IN]


def test_nobody_is_anywhere():
    """No server at all is told by the last place that was looked at."""
    assert probe_on_a_run_of_its_own("pass")[:3] == [MISS, "away", BUILT_IN]
