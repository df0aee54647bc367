"""Single requests: save and find, put and take, ping."""

import json
import os
import re
import signal
import socket
import subprocess
import threading

import pytest

from support.client import GREETING, encode, receive
from support.launch import StandaloneServer
from support.tool import PROGRAM, Tool, finished


def test_ping(tool, server):
    assert tool.out("ping").startswith(f'ping: answered socket="{server.path}" milliseconds=')
    assert tool.json("ping")[0]["result"] == "answered"


def test_ping_leaves_nothing_for_look_ups(tool):
    tool.out("ping")
    assert tool("find", "scachectl ping").returncode == 1


def test_save_and_find(tool):
    assert tool.out("save", "--any", "single", "-p", "some text") == \
        'save: saved endpoint="single" endpoint_property="some text"\n'
    assert tool.out("find", "single") == \
        'find: found endpoint="single" endpoint_property="some text"\n'
    assert tool.out("find", "single", code=1) == 'find: not found endpoint="single"\n'


def test_save_and_find_destination(tool):
    tool.out("save", "--any", "dest-end", "-p", "p")
    assert tool.out("save", "-d", "dest", "-p", "q", "dest-end") == \
        'save: saved destination="dest" destination_property="q" endpoint="dest-end"\n'
    (found,) = tool.json("find", "--destination", "dest")
    assert found["result"] == "found" and found["destination"] == "dest"
    assert found["destination_property"] == "q" and found["endpoint_property"] == "p"
    assert tool.out("find", "-d", "dest", code=1) == 'find: not found destination="dest"\n'


def test_put_and_take(tool):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        line = tool.out("put", "--fd", theirs.fileno(), "-p", "p", "-d", "put-d",
                        "--destination-property", "q", "--destination-ttl", 5, "put-e",
                        pass_fds=[theirs.fileno()])
        assert line == ('put: saved endpoint="put-e" endpoint_property="p" destination="put-d" '
                        'destination_property="q"\n')
        theirs.close()
        (found,) = tool.json("take", "-d", "put-d", "other")
        assert found["endpoint_property"] == "p" and found["destination_property"] == "q"
        # Nobody wanted it, so it is closed.
        assert finished(ours)
        assert tool.out("take", "-d", "put-d", "other", code=1).startswith("take: not found")


def test_take_tries_endpoints_in_order(tool):
    for name in ("order-1", "order-2"):
        tool.out("put", "--any", name, "-p", name)
    found = [tool.json("take", "order-0", "order-2", "order-1")[0] for _ in range(2)]
    assert [one["endpoint"] for one in found] == ["order-2", "order-1"]


def test_find_runs_a_program(tool, echo):
    with socket.create_connection(("127.0.0.1", echo.port)) as sock:
        tool.out("put", "--fd", sock.fileno(), "-p", "in a state", "handed",
                 pass_fds=[sock.fileno()])
    done = tool("find", "handed", "--", "sh", "-c", "echo hello >&7; head -n 1 <&6; "
                "echo $PROTO $TCPREMOTEPORT $SCACHE_REUSED $SCACHE_ENDPOINT $SCACHE_PROPERTY; "
                "exit 7")
    assert done.returncode == 7
    assert done.stdout == f"1 hello\nTCP {echo.port} 1 handed in a state\n"
    assert done.stderr == ""
    # It was not given back, and a miss runs nothing.
    done = tool("find", "handed", "--", "echo", "ran")
    assert (done.returncode, done.stdout) == (125, "")
    assert "find: not found" in done.stderr


@pytest.mark.parametrize("code", [0, 1, 3, 4, 5, 124])
@pytest.mark.parametrize("command", ["find", "take"])
def test_exit_status_of_a_program_is_its_own(tool, command, code):
    """A script can tell it from ours: without a connection it is 125, whatever the reason."""
    words = (command, "status", "--", "sh", "-c", f"exit {code}")
    tool.out("save", "--any", "status")
    assert tool(*words).returncode == code
    assert tool(*words).returncode == 125


@pytest.mark.parametrize("command", ["find", "take"])
def test_program_without_a_server_standalone(nobody, command):
    done = nobody("--json", command, "a", "--", "echo", "ran")
    assert (done.returncode, done.stdout) == (125, "")
    assert json.loads(done.stderr.splitlines()[0])["reason"] == "away"


# What can be saved.

@pytest.mark.parametrize("command", ["save", "put"])
def test_only_sockets_are_saved_unless_told_otherwise(tool, command):
    """Standard input is a file or a pipe more often than a connection."""
    for stdin in (subprocess.DEVNULL, subprocess.PIPE):
        done = tool(command, "no-socket", stdin=stdin)
        assert (done.returncode, done.stdout) == (2, "")
        assert "descriptor 0 is no socket" in done.stderr and "--any" in done.stderr
        assert tool("find", "no-socket").returncode == 1
        tool.out(command, "--any", "no-socket", stdin=stdin)
        assert tool("find", "no-socket").returncode == 0


def test_standard_input_is_a_connection(tool):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        tool.out("put", "inherited", stdin=theirs)
        theirs.close()
        assert tool("find", "inherited").returncode == 0
        assert finished(ours)


@pytest.mark.parametrize("command", ["save", "put"])
def test_descriptor_that_is_not_open(tool, command):
    done = tool(command, "--fd", "99", "closed")
    assert done.returncode == 2 and "descriptor 99: Bad file descriptor" in done.stderr


def test_found_moves_to_another_endpoint(tool):
    tool.out("save", "--any", "move-a", "-p", "x")
    tool.out("find", "move-a", "--", PROGRAM, "save", "--any", "--fd", "6",
             "move-b")
    assert tool.json("find", "move-b")[0]["result"] == "found"


def test_blocking_when_handed_over(tool):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        tool.out("put", "--fd", theirs.fileno(), "blocking", pass_fds=[theirs.fileno()])
        tool.out("take", "blocking", "--", "true")
        flags = os.popen(f"grep flags /proc/{os.getpid()}/fdinfo/{theirs.fileno()}").read()
        assert int(flags.split()[1], 8) & os.O_NONBLOCK == 0


def test_any_bytes(tool):
    label = "smtp\n[127.0.0.1]:25\n\t\"\\\x1b[1m"
    (saved,) = tool.json("save", "--any", "-p", os.fsdecode(b"\xff\xc3\xa9"), label)
    assert saved["endpoint"] == label
    assert saved["endpoint_property"] == "\ufffd\u00e9"
    assert bytes.fromhex(saved["endpoint_property_hex"]) == b"\xff\xc3\xa9"
    line = tool.out("find", label)
    assert line == ('find: found endpoint="smtp\\n[127.0.0.1]:25\\n\\t\\"\\\\\\x1b[1m" '
                    'endpoint_property="\\xff\u00e9"\n')
    # What was printed can be typed.
    tool.out("save", "--any", label)
    quoted = re.search(r'endpoint=(".*") endpoint_property', line).group(1)
    assert "found" in tool.out("shell", text=f"find_endp {quoted}\n").split()


NO_SERVER = [("ping",), ("save", "--any", "a"), ("find", "a"), ("put", "--any", "a"),
             ("take", "a"), ("save", "-d", "d", "a"), ("find", "-d", "d")]


@pytest.mark.parametrize("words", NO_SERVER, ids=" ".join)
def test_no_server_standalone(nobody, words):
    done = nobody(*words)
    assert done.returncode == 3
    assert "/nobody: no server answers: No such file or directory\n" in done.stderr
    (line,) = nobody.json(*words, code=3)
    assert line["result"] in ("no answer", "dropped", "not found")
    assert line["reason"] == "away"
    assert line["explanation"].endswith("no server answers: No such file or directory")


def test_no_server_shell_standalone(nobody):
    assert nobody.out("shell", code=3, text="find_endp a\n") == \
        'find_endp: not found endpoint="a"\n'


def test_silent_server_standalone(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "silent"))
        listener.listen()
        tool = Tool(tmp_path / "silent")
        assert tool.json("take", "--deadline", "50", "a", code=3)[0]["reason"] == "slow"
        # And the next process does not wait again.
        done = tool("find", "--deadline", "60000", "a")
        assert done.returncode == 3 and "failed a moment ago" in done.stderr


def test_refused_standalone():
    """Somebody who may not connect is told so, whatever he asks for."""
    with StandaloneServer(args=["--mode", "0666"]) as server:
        tool = Tool(server.path)
        for words in NO_SERVER:
            (line,) = tool.json(*words, code=5, user="nobody")
            assert line["reason"] == "refused"


def serve_full(listener):
    """A server that has no room, and says so to every request."""
    while True:
        try:
            sock = listener.accept()[0]
        except OSError:
            return
        with sock:
            sock.sendall(GREETING)
            while data := receive(sock, 65536)[0]:
                is_take = data.startswith(b"request\0take\0")
                rest = [("label", ""), ("property", ""), ("property", "")] if is_take else []
                sock.sendall(encode(("status", 2), *rest))


def test_no_room_standalone(tmp_path):
    """A server that does not want one more connection is there all the same."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "full"))
        listener.listen()
        threading.Thread(target=serve_full, args=(listener,), daemon=True).start()
        for words in (("put", "--any", "a"), ("save", "--any", "a"), ("save", "-d", "d", "a")):
            (line,) = Tool(tmp_path / "full").json(*words, code=1)
            assert (line["result"], line["reason"]) == ("dropped", "refused")
        listener.shutdown(socket.SHUT_RDWR)


def test_miss_has_a_reason(tool):
    assert tool.json("find", "nothing", code=1)[0]["reason"] == "empty"
    assert tool("find", "nothing").stderr == ""


def test_default_place_standalone(standalone):
    os.symlink(standalone.path, standalone.directory / "scache.sock")
    env = {"XDG_RUNTIME_DIR": str(standalone.directory), "SCACHE_SOCKET": ""}
    assert Tool("", **env).out("ping").startswith(
        f'ping: answered socket="{standalone.directory}/scache.sock"')
    assert Tool("/nowhere").out("ping", "--socket", standalone.path)


def test_diagnosis_is_in_no_statistics_standalone(standalone):
    Tool(standalone.path).out("find", "a", code=1)
    standalone.process.signal(signal.SIGTERM)
    standalone.process.wait(5)
    assert "address lookup hits=0 miss=1 " in standalone.text()
