"""scachectl run: a program with a connection."""

import json
import os
import signal
import socket
import subprocess

import pytest

from support.tool import PROGRAM, SAY, Echo
from support.waiting import wait_until


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_run_three_times_over_one_connection(tool, echo, host):
    said = [tool.out("run", "--to", f"tcp:{host}:{echo.port}", "--service", "three", "--", "bash",
                     "-c", SAY, word) for word in ("one", "two", "three")]
    assert said == ["0 1 one\n", "1 1 two\n", "1 1 three\n"]
    assert echo.opened() == 1


def test_run_to_a_path(tool, tmp_path):
    with Echo(tmp_path / "echo") as echo:
        for place in (echo.where, "unix:echo", "unix:./echo"):
            out = tool.out("run", "--to", place, "--quiet-protocol", "--", "bash", "-c",
                           "echo $PROTO $UNIXREMOTEPATH", cwd=tmp_path)
        assert echo.opened() == 1
    assert out == f"UNIX {tmp_path}/echo\n"


def test_run_environment(tool, echo):
    tool.env |= {"TCPREMOTEINFO": "stale", "TCPLOCALHOST": "stale", "SCACHE_PROPERTY": "stale"}
    lines = tool.out("run", "--to", f"tcp:localhost:{echo.port}", "--", "env").splitlines()
    env = dict(line.split("=", 1) for line in lines if "=" in line)
    assert (env["PROTO"], env["TCPREMOTEIP"], env["TCPREMOTEPORT"], env["TCPREMOTEHOST"]) == \
        ("TCP", "127.0.0.1", str(echo.port), "localhost")
    assert env["TCPLOCALIP"] == "127.0.0.1"
    assert echo.opened() == 1
    assert int(env["TCPLOCALPORT"]) == echo.accepted[0].getpeername()[1]
    assert env["SCACHE_REUSED"] == "0"
    assert not {"TCPREMOTEINFO", "TCPLOCALHOST", "SCACHE_PROPERTY"} & set(env)


@pytest.mark.parametrize("script, code", [("exit 5", 5), ("kill -9 $$", 137)])
def test_run_closes_after_a_failure(tool, echo, script, code):
    tool.out("run", "--to", echo.where, "--", "sh", "-c", script, code=code)
    assert tool.out("run", "--to", echo.where, "--", "sh", "-c", "echo $SCACHE_REUSED") == "0\n"
    assert echo.opened() == 2
    wait_until(lambda: 1 in echo.ended, 5, "the first connection's end")


def test_run_of_no_program(tool, echo, tmp_path):
    (tmp_path / "plain").write_text("", encoding="utf-8")
    tool.out("run", "--to", echo.where, "--", tmp_path / "nothing", code=127)
    tool.out("run", "--to", echo.where, "--", tmp_path / "plain", code=126)


def test_run_gives_back_what_nothing_has_used(tool, echo, tmp_path):
    program = tmp_path / "program"
    words = ("run", "--to", echo.where, "--", program)
    program.symlink_to("/bin/true")
    tool.out(*words)
    program.unlink()
    tool.out(*words, code=127)
    program.symlink_to("/bin/true")
    tool.out(*words)
    assert echo.opened() == 1


def test_run_without_a_far_end(tool):
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        where = f"tcp:127.0.0.1:{unheard.getsockname()[1]}"
        done = tool("run", "--to", where, "--", "echo", "ran")
    assert (done.returncode, done.stdout) == (125, "")
    assert done.stderr == f"scachectl: run: {where}: Connection refused\n"
    tool.out("run", "--to", "unix:/nowhere/at/all", "--", "true", code=125)


def test_run_without_a_cache_standalone(nobody, echo):
    for _ in range(2):
        assert nobody.out("run", "--to", echo.where, "--", "bash", "-c", SAY, "x").startswith("0 ")
    assert echo.opened() == 2


def test_run_opens_anew_when_the_far_end_has_hung_up(tool, echo):
    tool.out("run", "--to", echo.where, "--", "true")
    echo.hang_up()
    assert tool.out("run", "--to", echo.where, "--", "bash", "-c", SAY, "x") == "0 2 x\n"


def test_run_passes_signals_on(tool, echo):
    trap = "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done"
    with subprocess.Popen([PROGRAM, "run", "--to", echo.where, "--", "bash", "-c", trap],
                          env=tool.env, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"ready\n"
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 9


def test_run_when_children_are_ignored(tool, echo):
    """A parent that ignores SIGCHLD leaves that to its children."""
    line = f'trap "" CHLD; exec {PROGRAM} run --to {echo.where} -- sh -c "exit 3"'
    done = subprocess.run(["bash", "-c", line], env=tool.env, timeout=30, check=False)
    assert done.returncode == 3


def test_run_to_a_name_where_only_ipv6_is_global(tmp_path):
    """Addresses of loopback are addresses: a name that leads there is not to be left out."""
    script = tmp_path / "script.py"
    script.write_text("import socket, subprocess, sys\n"
                      "far = socket.create_server(('127.0.0.1', 0))\n"
                      "where = f'tcp:localhost:{far.getsockname()[1]}'\n"
                      "sys.exit(subprocess.run([sys.argv[1], 'run', '--to', where, '--', 'true'])"
                      ".returncode)\n", encoding="utf-8")
    line = ("ip link set lo up && ip -6 addr add 2001:db8::1/64 dev lo && "
            f"exec /usr/bin/python3 {script} {PROGRAM}")
    if subprocess.run(["unshare", "--net", "ip", "link"], check=False, timeout=10,
                      capture_output=True).returncode != 0:
        pytest.skip("takes network namespaces and ip(8)")
    done = subprocess.run(["unshare", "--net", "sh", "-c", line], check=False, timeout=30,
                          env=os.environ | {"SCACHE_SOCKET": str(tmp_path / "nobody")},
                          stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stderr
