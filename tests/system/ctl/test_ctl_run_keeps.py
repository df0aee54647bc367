"""scachectl run: whether a connection is given back, and what the next program finds."""

import json
import socket
import struct
import threading
import time

import pytest

from support.client import Client
from support.tool import SAY, Echo, Tool
from support.waiting import wait_until

PYTHON = "/usr/bin/python3"
READS = "import socket; s = socket.socket(fileno=6); "


def report(tool, *words, code=0):
    """What run --json says at its end."""
    done = tool("run", "--json", *words)
    assert done.returncode == code, done
    return json.loads(done.stderr.splitlines()[-1])


class Late:
    """A far end that answers each line after so many seconds: `delays` of a connection's lines."""

    def __init__(self, *delays, greeting=None):
        self.delays, self.greeting = delays, greeting
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.where = f"tcp:127.0.0.1:{self.listener.getsockname()[1]}"
        self.count, self.gone = 0, threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock = self.listener.accept()[0]
            except OSError:
                return
            self.count += 1
            threading.Thread(target=self._serve, args=(sock, self.count), daemon=True).start()

    def _serve(self, sock, number):
        with sock, sock.makefile("rb") as lines:
            try:
                if self.greeting is not None and not self.gone.wait(self.greeting):
                    sock.sendall(b"hello\n")
                for line, delay in zip(lines, self.delays):
                    self.gone.wait(delay)
                    sock.sendall(b"%d " % number + line)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.gone.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


# An answer under way.

def test_unread_answer(tool, echo):
    waits = "import select; select.select([6], [], [])"
    script = f"echo unread >&7; {PYTHON} -c '{waits}'"
    assert report(tool, "--to", echo.where, "--", "sh", "-c", script)["reason"] == "unread"
    assert report(tool, "--to", echo.where, "--", "sh", "-c", script)["connection"] == "opened"


@pytest.mark.parametrize("delay", [0.01, 5])
def test_answer_that_nobody_waits_for(tool, delay):
    with Late(delay) as far:
        line = report(tool, "--to", far.where, "--service", "x", "--", "sh", "-c", "echo a >&7")
        assert line["result"] == "closed" and line["reason"] in ("unread", "awaited", "unsent")
        line = report(tool, "--to", far.where, "--service", "x", "--", "true")
        assert (line["connection"], far.count) == ("opened", 2)


@pytest.mark.parametrize("linger", ["", "; sleep 0.1"])
@pytest.mark.parametrize("delay", [0.03, 5])
def test_second_answer_that_nobody_waits_for(tool, delay, linger):
    """Request, reply, second request: all of it within one tick of the kernel's clock."""
    script = "echo a >&7; read -r answer <&6; echo b >&7" + linger
    for _ in range(5):
        with Late(0, delay) as far:
            line = report(tool, "--to", far.where, "--service", "x", "--", "bash", "-c", script)
            assert line["result"] == "closed" and line["reason"] in ("unread", "awaited", "unsent")
            assert tool.out("run", "--to", far.where, "--service", "x", "--", "bash", "-c", SAY,
                            "own") == "0 2 own\n"


@pytest.mark.parametrize("linger", ["", "; sleep 0.1"])
def test_all_answers_are_read(tool, linger):
    with Late(0, 0, 0, 0) as far:
        script = "for n in 1 2; do echo $n >&7; read -r answer <&6; done" + linger
        words = ("--to", far.where, "--", "bash", "-c", script)
        assert report(tool, *words)["result"] == "saved"
        assert report(tool, *words)["connection"] == "reused"


def test_greeting_under_way(tool):
    """A program that says nothing, and a far end that is about to."""
    with Late(greeting=0.02) as far:
        assert report(tool, "--to", far.where, "--", "true")["reason"] == "unread"


def test_nothing_is_said(tool, echo):
    """What nobody has said anything on is what it was before."""
    words = ("--to", echo.where, "--service", "silent", "--")
    for connection in ("opened", "reused", "reused"):
        line = report(tool, *words, "true")
        assert (line["result"], line["connection"]) == ("saved", connection)
    assert tool.out("run", *words, "bash", "-c", SAY, "x") == "1 1 x\n"
    line = report(tool, *words, "true")
    assert (line["result"], line["connection"]) == ("saved", "reused")


def test_far_end_that_never_speaks(tool, echo):
    """Somebody who knows his protocol can say so."""
    words = ("--to", echo.where, "--service", "quiet")
    silent = ("--", PYTHON, "-c", READS + "s.sendall(b'no line, so no answer')")
    assert report(tool, *words, *silent)["reason"] == "awaited"
    assert report(tool, *words, "--quiet-protocol", *silent)["result"] == "saved"
    assert report(tool, *words, "--", "true")["connection"] == "reused"


def test_quiet_protocol_is_no_excuse_for_what_is_unread(tool, echo):
    waits = "import select; select.select([6], [], [])"
    line = report(tool, "--to", echo.where, "--quiet-protocol", "--", "sh", "-c",
                  f"echo unread >&7; {PYTHON} -c '{waits}'")
    assert line["reason"] == "unread"


def test_unix_domain_socket_tells_nothing(tool, tmp_path):
    with Echo(tmp_path / "echo") as echo:
        words = ("--to", echo.where)
        program = ("--", "bash", "-c", SAY, "x")
        line = report(tool, *words, *program)
        assert (line["result"], line["reason"]) == ("closed", "unknown")
        assert "--quiet-protocol" in line["explanation"]
        assert report(tool, *words, "--quiet-protocol", *program)["result"] == "saved"
        assert report(tool, *words, "--quiet-protocol", *program)["connection"] == "reused"


@pytest.mark.parametrize("how", ["SHUT_WR", "SHUT_RD", "SHUT_RDWR"])
@pytest.mark.parametrize("local", [False, True])
def test_closed_by_the_program(tool, tmp_path, how, local):
    with Echo(tmp_path / "echo" if local else None) as echo:
        line = report(tool, "--to", echo.where, "--quiet-protocol", "--", PYTHON, "-c",
                      READS + f"s.shutdown(socket.{how})")
        assert (line["result"], line["reason"]) == ("closed", "closed")


def test_closed_by_the_far_end(tool, echo):
    words = ("--to", echo.where, "--", "true")
    report(tool, *words)
    echo.hang_up()
    wait_until(lambda: echo.ended, 5, "the end of the first connection")
    assert report(tool, *words)["connection"] == "opened"


def test_failure_of_the_program(tool, echo):
    line = report(tool, "--to", echo.where, "--", "false", code=1)
    assert (line["result"], line["reason"], line["exit"]) == ("closed", "failed", 1)


# What the program has set.

SETTINGS = {
    "receive": "s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('qq', 1, 0))",
    "send": "s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack('qq', 1, 0))",
    "cork": "s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)",
    "user": "s.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 100)",
    "flags": "fcntl.fcntl(s, fcntl.F_SETFL, os.O_NONBLOCK | os.O_ASYNC)",
}
SHOW = ("print(s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16).strip(b'\\0'),"
        "s.getsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, 16).strip(b'\\0'),"
        "s.getsockopt(socket.IPPROTO_TCP, socket.TCP_CORK),"
        "s.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),"
        "fcntl.fcntl(s, fcntl.F_GETFL) & (os.O_NONBLOCK | os.O_ASYNC),"
        "os.environ['SCACHE_REUSED'])")
IMPORTS = "import fcntl, os, socket, struct; s = socket.socket(fileno=6); "


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_settings_do_not_reach_the_next_program(tool, echo, setting):
    words = ("run", "--to", echo.where, "--service", "settings", "--", PYTHON, "-c")
    tool.out(*words, IMPORTS + setting)
    assert tool.out(*words, IMPORTS + SHOW) == "b'' b'' 0 0 0 1\n"


def test_settings_of_another_program_do_not_reach_one(tool, echo):
    """What some other program has saved, which reset nothing."""
    with socket.create_connection(("127.0.0.1", echo.port)) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("qq", 1, 0))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        sock.setblocking(False)
        tool.out("put", "--fd", sock.fileno(), "settings", pass_fds=[sock.fileno()])
    assert tool.out("take", "settings", "--", PYTHON, "-c", IMPORTS + SHOW) == "b'' b'' 0 0 0 1\n"


def test_setting_that_cannot_be_undone(tool, echo):
    """A filter that is locked would let the next program hear nothing."""
    script = ("import ctypes; f = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 9));"
              "s.setsockopt(socket.SOL_SOCKET, 26, struct.pack('HxxxxxxP', 1, ctypes.addressof(f)));"
              "s.setsockopt(socket.SOL_SOCKET, 44, 1)")
    line = report(tool, "--to", echo.where, "--", PYTHON, "-c", IMPORTS + script)
    assert (line["result"], line["reason"]) == ("closed", "changed")


# Bounds of a connection.

def test_max_uses(tool, echo):
    words = ("--to", echo.where, "--max-uses", 3, "--", "true")
    lines = [report(tool, *words) for _ in range(7)]
    assert [line["connection"] for line in lines] == [
        "opened", "reused", "reused", "opened", "reused", "reused", "opened"]
    assert [line.get("reason") for line in lines] == [
        None, None, "used up", None, None, "used up", None]
    assert echo.opened() == 3


def test_max_age(tool, echo):
    words = ("--to", echo.where, "--max-age", 2, "--", "true")
    assert report(tool, *words)["connection"] == "opened"
    assert report(tool, *words)["connection"] == "reused"
    # It expires by itself, so that the far end is not kept waiting.
    wait_until(lambda: echo.ended, 10, "the end of the connection")
    assert report(tool, *words)["connection"] == "opened"


def test_max_age_at_the_end(tool, echo):
    """A program may take so long that it is too old for another."""
    line = report(tool, "--to", echo.where, "--max-age", 1, "--", "sleep", "2")
    assert (line["result"], line["reason"]) == ("closed", "old")


def test_bounds_and_a_connection_that_was_not_counted(tool, echo):
    """Somebody else has saved it: how old it is nobody knows."""
    with socket.create_connection(("127.0.0.1", echo.port)) as sock:
        words = ("run", "--to", echo.where, "--label", "uncounted", "--label-exact", "--", "true")
        tool.out(*words)
        (label,) = [line["endpoint"] for line in
                    [report(tool, "--to", echo.where, "--label", "uncounted", "--", "true")]]
        tool.out("take", label)
        tool.out("put", "--fd", sock.fileno(), label, pass_fds=[sock.fileno()])
    line = report(tool, "--to", echo.where, "--label", "uncounted", "--max-uses", 100, "--", "true")
    assert line["connection"] == "opened"


# Why nothing was cached.

def test_server_away_standalone(nobody, echo):
    for _ in range(2):
        line = report(nobody, "--to", echo.where, "--", "true")
        assert (line["result"], line["missed"], line["reason"]) == ("closed", "away", "away")
        assert line["explanation"].endswith("/nobody: no server answers: No such file or directory")
    done = nobody("run", "-v", "--to", echo.where, "--", "true")
    assert 'missed="away" reason="away" explanation="' in done.stderr


def test_server_that_goes_away_meanwhile_standalone(standalone, echo):
    script = f"kill {standalone.process.pid}; while [ -e {standalone.path} ]; do sleep 0.01; done"
    line = report(Tool(standalone.path), "--to", echo.where, "--", "sh", "-c", script)
    assert line["result"] == "closed" and line["missed"] == "empty"
    assert line["reason"] in ("away", "broken")


def test_report(tool, echo):
    done = tool("run", "-v", "--to", echo.where, "--", "sh", "-c", "exit 0")
    assert done.stderr.startswith(f'run: saved to="{echo.where}" connection="opened" endpoint=')
    assert done.stderr.endswith(' exit=0 missed="empty"\n')
    assert "missed" not in report(tool, "--to", echo.where, "--", "sh", "-c", "exit 0")


def test_long_arguments(tool, echo):
    """A label longer than a request can be: the program runs all the same."""
    words = ("--to", echo.where, "--", "true", *["x" * 100000] * 3)
    line = report(tool, *words)
    assert (line["result"], line["missed"], line["reason"]) == ("closed", "too long", "too long")


def test_property_that_no_environment_has_room_for(tool):
    """The program runs without it."""
    for length in (131072 - len("SCACHE_PROPERTY=") - 1, 131072 - len("SCACHE_PROPERTY=")):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            # Not by an argument, which may not be so long either.
            with Client(tool.env["SCACHE_SOCKET"]) as client:
                assert client.save_endp("large", theirs.fileno(), prop="x" * length) == 0
            seen = tool.out("find", "large", "--", "sh", "-c", "echo ${#SCACHE_PROPERTY}")
        assert seen == (f"{length}\n" if length < 131072 - len("SCACHE_PROPERTY=") else "0\n")


def test_time_that_a_run_takes(tool):
    """Where the clock tells who spoke last there is nothing to wait for."""
    with Late(0.2) as far:
        start = time.monotonic()
        script = "echo a >&7; read -r answer <&6; sleep 0.2"
        assert report(tool, "--to", far.where, "--", "bash", "-c", script)["result"] == "saved"
        assert time.monotonic() - start >= 0.4
