"""scachectl run: who shares a connection with whom."""

import json
import os
import subprocess

import pytest

from support import paths
from support.tool import PROGRAM, SAY, Echo

PORT = 7777  # In namespaces of the tests' own.
USED = 'echo "$SCACHE_REUSED"'


def test_unequal_connections_are_kept_apart(tool, echo):
    """By the program, an argument, a field, the order of fields."""
    here = ("run", "--to", echo.where)
    lines = [(*here, "--", "sh", "-c", ":"), (*here, "--", "sh", "-c", ": "), (*here, "--", "true"),
             (*here, "--", "sh", "-c", ":", ""), (*here, "--field", "user=a", "--", "true"),
             (*here, "--field", "user=b", "--", "true"),
             (*here, "--field", "user=a", "--field", "db=1", "--", "true"),
             (*here, "--field", "db=1", "--field", "user=a", "--", "true"),
             (*here, "--field", "user=a\ndb=1", "--", "true")]
    for words in lines:
        tool.out(*words)
        before = echo.opened()
        tool.out(*words)
        assert echo.opened() == before
    assert echo.opened() == len(lines)


def test_a_state_is_not_met_by_another_script(tool, echo):
    """The same shell, the same place, another script: it must not read what the first selected."""
    here = ("run", "--to", echo.where, "--", "bash", "-c")
    tool.out(*here, SAY, "SELECT 1")
    assert tool.out(*here, SAY, "GET key").startswith("0 2 ")
    assert tool.out(*here, SAY, "SELECT 1").startswith("1 1 ")


def test_the_same_words_in_another_directory(tool, echo, tmp_path):
    """`sh job` is another program there."""
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "job").write_text(USED, encoding="utf-8")
    words = ("run", "--to", echo.where, "--", "sh", "job")
    said = [tool.out(*words, cwd=tmp_path / name) for name in ("one", "other", "one", "other")]
    assert said == ["0\n", "0\n", "1\n", "1\n"]


def test_a_path_however_it_is_written(tool, echo, tmp_path):
    """One program is one program; what is called by another name may do something else."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "link").symlink_to("bin")
    program = tmp_path / "bin" / "program"
    program.write_text(f"#!/bin/sh\n{USED}\n", encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / "bin" / "alias").symlink_to("program")
    tool.env |= {"PATH": f"{tmp_path}/link:{os.environ['PATH']}"}
    words = ("run", "--to", echo.where, "--")
    said = [tool.out(*words, name, cwd=tmp_path) for name in
            (program, "bin/program", "./link/program", "program", "alias")]
    assert said == ["0\n", "1\n", "1\n", "1\n", "0\n"]


def test_a_service_is_shared(tool, echo):
    words = ("run", "--to", echo.where, "--service", "shared", "--")
    tool.out(*words, "true")
    assert tool.out(*words, "sh", "-c", USED) == "1\n"
    assert tool.out("run", "--to", echo.where, "--service", "other", "--", "sh", "-c", USED) == "0\n"


def test_a_label_is_shared(tool, echo):
    """By all who say it, wherever it leads; another program can have it under its exact form."""
    words = ("run", "--to", echo.where, "--label", "shared")
    tool.out(*words, "--", "true")
    assert tool.out(*words, "--", "sh", "-c", USED) == "1\n"
    assert tool("take", "shared").returncode == 1
    tool.out(*words, "--label-exact", "-p", "state", "--", "true")
    (found,) = tool.json("take", "shared")
    assert found["endpoint"] == "shared" and found["endpoint_property"] == "state"
    assert found["peer"] == echo.where


def test_a_socket_that_was_made_anew(tool, tmp_path):
    """A path leads to another server when there is another file at it, though the first lives."""
    path = tmp_path / "far"
    words = ("run", "--to", f"unix:{path}", "--quiet-protocol", "--", "bash", "-c", SAY, "x")
    with Echo(path) as first:
        assert tool.out(*words) == "0 1 x\n"
        assert tool.out(*words) == "1 1 x\n"
        path.unlink()
        with Echo(path) as second:
            assert tool.out(*words) == "0 1 x\n"
            assert (first.opened_before(), second.opened()) == (1, 1)


# Networks: what 127.0.0.1 is depends on who asks.

FAR = """
import socket, subprocess, sys, threading
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
def serve(sock):
    while sock.recv(100):
        sock.sendall(sys.argv[1].encode())
listener = socket.create_server(("127.0.0.1", int(sys.argv[2])))
print("ready", flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"""
ASK = 'echo "$SCACHE_REUSED" $(echo >&7; head -c 5 <&6)'


class Container:
    """A network namespace with a far end of a name."""

    def __init__(self, name):
        self.process = subprocess.Popen(
            ["unshare", "--net", "/usr/bin/python3", "-c", FAR, name, str(PORT)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.is_there = self.process.stdout.readline() == "ready\n"

    def run(self, tool, *words, kinds="--net", host="127.0.0.1"):
        """What a program in there is answered."""
        command = ["nsenter", f"--target={self.process.pid}", kinds, PROGRAM, "run", "--to",
                   f"tcp:{host}:{PORT}", *words, "--", "bash", "-c", ASK]
        return subprocess.run(command, env=tool.env, check=True, timeout=30,
                              stdout=subprocess.PIPE, text=True).stdout

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(name="containers")
def fixture_containers():
    """Two of them."""
    with Container("first") as first, Container("other") as other:
        if not (first.is_there and other.is_there):
            pytest.skip("takes network namespaces and ip(8)")
        yield first, other


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("words", [(), ("--service", "x"), ("--label", "x")], ids=" ".join)
def test_containers_have_networks_of_their_own(tool, containers, words, host):
    """They share a server, and not what an address leads to."""
    for expected in ("0", "1"):
        for container, name in zip(containers, ("first", "other")):
            assert container.run(tool, *words, host=host) == f"{expected} {name}\n"


def test_exact_label_in_two_containers(tool, containers):
    """Whoever says so gets it so, the danger included."""
    first, other = containers
    assert first.run(tool, "--label", "exact", "--label-exact") == "0 first\n"
    assert other.run(tool, "--label", "exact", "--label-exact") == "1 first\n"


@pytest.mark.parametrize("host, reused", [("127.0.0.1", "1"), ("localhost", "0")])
def test_another_resolver_is_another_place(tool, echo, host, reused):
    """A name may lead elsewhere where other files are mounted; an address may not."""
    words = [PROGRAM, "run", "--to", f"tcp:{host}:{echo.port}", "--service", "mounts", "--", "sh",
             "-c", USED]
    elsewhere = ["unshare", "--mount", *words]
    if subprocess.run(["unshare", "--mount", "true"], check=False).returncode != 0:
        pytest.skip("takes mount namespaces")
    said = [subprocess.run(command, env=tool.env, check=True, timeout=30, text=True,
                           stdout=subprocess.PIPE).stdout for command in (words, words, elsewhere)]
    assert said == ["0\n", "1\n", f"{reused}\n"]


def test_a_network_that_cannot_be_told(tool, echo, tmp_path):
    """Without /proc a resolver cannot be told from another: then nothing is cached, and it says so."""
    line = f"mount -t tmpfs none /proc && exec {PROGRAM} run --json --to {{}} -- true"
    if subprocess.run(["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /proc"],
                      check=False, capture_output=True).returncode != 0:
        pytest.skip("takes mount namespaces")
    for _ in range(2):
        done = subprocess.run(["unshare", "--mount", "sh", "-c",
                               line.format(f"tcp:localhost:{echo.port}")], text=True,
                              env=tool.env | {"LD_LIBRARY_PATH": str(paths.build() / "src/lib")},
                              check=True, timeout=30, stderr=subprocess.PIPE, cwd=tmp_path)
        report = json.loads(done.stderr)
        assert (report["result"], report["reason"]) == ("closed", "unnamed")
        assert report["missed"] == "unnamed"
        assert report["explanation"] == "No such file or directory"
    assert echo.opened() == 2
