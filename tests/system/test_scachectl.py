"""The tool, every command of it, as shells and scripts use it.

SCACHECTL names another program than that of the build directory.
"""

import contextlib
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import threading

import pytest

from support import paths
from support.launch import MasterServer, StandaloneServer
from support.waiting import wait_until

PROGRAM = os.environ.get("SCACHECTL") or str(paths.build() / "scachectl")
COMMANDS = ("ping", "save", "find", "put", "take", "shell", "run")

pytestmark = pytest.mark.skipif(not os.access(PROGRAM, os.X_OK), reason="scachectl: not built")


class Tool:
    """Runs scachectl against one server."""

    def __init__(self, path, **env):
        self.env = os.environ | {"SCACHE_SOCKET": str(path)} | env

    def __call__(self, *words, text="", **more):
        """The finished process; its output is text, whatever bytes it has."""
        if "stdin" not in more:
            more["input"] = text
        return subprocess.run([PROGRAM, *map(str, words)], env=self.env, timeout=30, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                              errors="surrogateescape", **more)

    def out(self, *words, code=0, **more):
        """What it printed, having exited as expected."""
        done = self(*words, **more)
        assert done.returncode == code, done
        return done.stdout

    def json(self, *words, code=0, **more):
        """The objects that it printed, one a line."""
        return [json.loads(line) for line in
                self.out("--json", *words, code=code, **more).splitlines()]


class Echo:
    """A TCP or UNIX-domain server that answers each line with the connection's number and it."""

    def __init__(self, path=None):
        self.listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.listener.bind(str(path) if path else ("127.0.0.1", 0))
        self.listener.listen()
        self.where = f"unix:{path}" if path else f"tcp:127.0.0.1:{self.port}"
        self.accepted, self.ended = [], []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self):
        """The port it listens on."""
        return self.listener.getsockname()[1]

    def _accept(self):
        while True:
            try:
                sock = self.listener.accept()[0]
            except OSError:
                return
            self.accepted.append(sock)
            threading.Thread(target=self._serve, args=(sock, len(self.accepted)),
                             daemon=True).start()

    def _serve(self, sock, number):
        try:
            with sock.makefile("rb") as lines:
                for line in lines:
                    sock.sendall(b"%d " % number + line)
        except OSError:
            pass
        self.ended.append(number)

    def hang_up(self):
        """Close every connection from this end."""
        for sock in self.accepted:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.hang_up()


def start(kind):
    """A server: this project's own standing alone, the same without put and take, or Postfix's."""
    if kind == "postfix":
        return MasterServer(paths.POSTFIX_SCACHE).ready()
    return StandaloneServer()


@pytest.fixture(name="server", scope="module", params=["standalone", "standalone-classic",
                                                       "postfix"])
def fixture_server(request):
    """Each kind of server in turn, for all tests."""
    with start(request.param) as server:
        server.kind = request.param
        yield server


@pytest.fixture(name="tool")
def fixture_tool(server):
    """The tool for that server."""
    classic = {"SCACHE_CLASSIC": "1"} if server.kind == "standalone-classic" else {}
    return Tool(server.path, **classic)


@pytest.fixture(name="standalone")
def fixture_standalone():
    """A server of its own for one test."""
    with StandaloneServer() as server:
        yield server


@pytest.fixture(name="echo")
def fixture_echo():
    """A server to connect to."""
    with Echo() as server:
        yield server


@pytest.fixture(name="nobody")
def fixture_nobody(tmp_path):
    """The tool, with no server at all."""
    return Tool(tmp_path / "nobody")


def finished(sock):
    """Whether the far end of a connection has been closed everywhere."""
    sock.settimeout(5)
    return sock.recv(1) == b""


SAY = 'echo "$0" >&7; read -r answer <&6; echo "$SCACHE_REUSED $answer"'


# Single requests.

def test_ping(tool, server):
    assert tool.out("ping").startswith(f'ping: answered socket="{server.path}" milliseconds=')
    assert tool.json("ping")[0]["result"] == "answered"


def test_ping_leaves_nothing_for_look_ups(tool):
    tool.out("ping")
    assert tool("find", "scachectl ping").returncode == 1


def test_save_and_find(tool):
    assert tool.out("save", "single", "-p", "some text") == \
        'save: saved endpoint="single" endpoint_property="some text"\n'
    assert tool.out("find", "single") == \
        'find: found endpoint="single" endpoint_property="some text"\n'
    assert tool.out("find", "single", code=1) == 'find: not found endpoint="single"\n'


def test_save_and_find_destination(tool):
    tool.out("save", "dest-end", "-p", "p")
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
        tool.out("put", name, "-p", name)
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
    assert (done.returncode, done.stdout) == (1, "")
    assert "find: not found" in done.stderr


def test_found_moves_to_another_endpoint(tool):
    tool.out("save", "move-a", "-p", "x")
    tool.out("find", "move-a", "--", PROGRAM, "save", "--fd", "6", "move-b")
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
    (saved,) = tool.json("save", "-p", os.fsdecode(b"\xff\xc3\xa9"), label)
    assert saved["endpoint"] == label
    assert saved["endpoint_property"] == "\ufffd\u00e9"
    assert bytes.fromhex(saved["endpoint_property_hex"]) == b"\xff\xc3\xa9"
    line = tool.out("find", label)
    assert line == ('find: found endpoint="smtp\\n[127.0.0.1]:25\\n\\t\\"\\\\\\x1b[1m" '
                    'endpoint_property="\\xff\u00e9"\n')
    # What was printed can be typed.
    tool.out("save", label)
    quoted = re.search(r'endpoint=(".*") endpoint_property', line).group(1)
    assert "found" in tool.out("shell", text=f"find_endp {quoted}\n").split()


# Without a server.

@pytest.mark.parametrize("words", [("ping",), ("save", "a"), ("find", "a"), ("put", "a"),
                                   ("take", "a"), ("save", "-d", "d", "a"), ("find", "-d", "d")])
def test_no_server_standalone(nobody, words):
    done = nobody(*words)
    assert done.returncode == 3
    assert re.search("no server answers at .*/nobody: No such file or directory", done.stderr)
    assert nobody.json(*words, code=3)[0]["result"] in ("no answer", "dropped", "not found")


def test_no_server_shell_standalone(nobody):
    assert nobody.out("shell", code=3, text="find_endp a\n") == \
        'find_endp: not found endpoint="a"\n'


def test_silent_server_standalone(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "silent"))
        listener.listen()
        done = Tool(tmp_path / "silent")("find", "--deadline", "50", "a")
        assert done.returncode == 3 and "it says nothing" in done.stderr


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


# Wrong command lines.

@pytest.mark.parametrize("words", [
    (), ("no-such-command",), ("--no-such-option",), ("help", "nothing"), ("save",), ("put",),
    ("find",), ("take",), ("save", "a", "b"), ("find", "a", "b"), ("find", "-d", "d", "a"),
    ("ping", "x"), ("ping", "--", "true"), ("ping", "--ttl", "1"), ("save", "a", "--to", "x"),
    ("save", "-t", "0", "a"), ("save", "-t", "x", "a"), ("save", "-t", "-1", "a"),
    ("save", "-f", "99", "a"), ("save", "-f", "x", "a"), ("save", "-f", "0", "-d", "d", "a"),
    ("save", ""), ("find", ""), ("put", "a", "--destination-ttl", "1"), ("find", "a", "--"),
    ("shell", "--deadline"), ("ping", "--deadline", "0"), ("ping", "--socket", ""),
    ("ping", "--socket", "x" * 200), ("run",), ("run", "--to", "tcp:a:1"), ("run", "--", "true"),
    ("run", "--to", "tcp:a:1", "--"), ("run", "--to", "a", "--", "true"),
    ("run", "--to", "tcp:a", "--", "true"), ("run", "--to", "tcp:::1:25", "--", "true"),
    ("run", "--to", "tcp:[]:25", "--", "true"), ("run", "--to", "unix:", "--", "true"),
    ("run", "--to", "tcp:a:1", "--label", "", "--", "true"),
    ("run", "--to", "tcp:a:1", "--field", "x", "--", "true"),
    ("run", "--to", "tcp:a:1", "--field", "x=y", "--label", "l", "--", "true"),
], ids=" ".join)
def test_misuse_standalone(nobody, words):
    done = nobody(*words)
    assert done.returncode == 2, done
    assert done.stdout == "" and done.stderr.startswith("scachectl: ")
    assert len(done.stderr.splitlines()) == 1


def test_terminal_is_not_saved_by_mistake_standalone(nobody):
    master, slave = pty.openpty()
    done = nobody("save", "a", stdin=slave)
    os.close(master)
    os.close(slave)
    assert done.returncode == 2 and "terminal" in done.stderr


def test_full_output_standalone(standalone):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([PROGRAM, "-s", standalone.path, "ping"], stdout=full, check=False,
                              timeout=30, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 4 and "No space left" in done.stderr


# The shell.

def test_shell_script(tool):
    script = "\n".join([
        "# a comment", "", "   \t ", 'save_endp 10 sh-e prop 12   # fd 12 is not open',
        'save_dest 10 sh-d "two words" sh-e', "sleep 0.01", "find_dest sh-d", "find_dest sh-d",
        "find_endp sh-e"])
    lines = tool.out("shell", text=script).splitlines()
    assert lines[:2] == [
        'save_endp: saved endpoint="sh-e" endpoint_property="prop"',
        'save_dest: saved destination="sh-d" destination_property="two words" endpoint="sh-e"']
    assert lines[2].startswith(
        'find_dest: found destination="sh-d" destination_property="two words"')
    assert 'endpoint_property="prop"' in lines[2]
    assert lines[3:] == ['find_dest: not found destination="sh-d"',
                         'find_endp: not found endpoint="sh-e"']


def test_shell_json(tool):
    objects = tool.json("shell", text='save_endp 10 js-e "" 12\nfind_endp js-e\nfind_endp js-e\n')
    assert [(one["command"], one["result"]) for one in objects] == [
        ("save_endp", "saved"), ("find_endp", "found"), ("find_endp", "not found")]


@pytest.mark.parametrize("line", [
    "nonsense", "find_endp", "find_endp a b", "find_endp a b c d e f g h", "save_endp x a p 1",
    "save_endp 0 a p 1", "save_endp 10 a p x", "save_endp 10 a p", 'save_endp 10 "" p 1',
    "save_dest 0 d p e", "sleep", "sleep x", "sleep -1", "sleep nan", 'find_endp "a',
    'find_endp "a\\', 'find_endp "a\\q"', 'find_endp "\\x00"', 'find_endp "\\x1"',
    'find_endp "a"b', 'find_endp ""'])
def test_shell_bad_line(tool, line):
    done = tool("shell", text=f"find_endp before\n{line}\nfind_endp after\n")
    assert done.returncode == 2
    assert done.stdout == ('find_endp: not found endpoint="before"\n'
                           'find_endp: not found endpoint="after"\n')
    assert done.stderr.startswith("scachectl: line 2: ")


def test_shell_quit_standalone(nobody):
    assert nobody.out("shell", text="quit\nnonsense\n") == ""


def test_shell_saves_an_open_descriptor(tool):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        fd = theirs.fileno()
        tool.out("shell", text=f"save_endp 10 open-fd p {fd}\n", pass_fds=[fd])
        theirs.close()
        tool.out("find", "open-fd", "--", "sh", "-c", "echo through >&7")
        assert ours.recv(100) == b"through\n"
        assert finished(ours)


@pytest.mark.parametrize("number", [3, 4, 5, 12, 99999999999])
def test_shell_saves_a_copy_of_standard_input(tool, tmp_path, number):
    """Also for the numbers that its own connection to the server may have."""
    script = tmp_path / "script"
    script.write_text(f"find_endp nothing\nsave_endp 10 copy p {number}\n", encoding="utf-8")
    with open(script, encoding="utf-8") as file:
        tool.out("shell", stdin=file)
    assert tool.out("find", "copy", "--", "readlink", "/proc/self/fd/6") == f"{script}\n"


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, *argv):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm"
            os.execv(argv[0], list(map(str, argv)))

    def expect(self, *texts):
        """Wait until it has shown these, one after the other."""
        for text in texts:
            while text not in self.seen:
                assert select.select([self.fd], [], [], 10)[0], (text, self.seen)
                self.seen += os.read(self.fd, 4096)
            self.seen = self.seen.partition(text)[2]

    def type(self, text):
        """What is typed before the prompt is there would be taken in another mode."""
        os.write(self.fd, text)

    def wait(self):
        """The exit status, for which nobody waits for ever."""
        pidfd = os.pidfd_open(self.pid)
        if not select.select([pidfd], [], [], 10)[0]:
            os.kill(self.pid, signal.SIGKILL)
        os.close(pidfd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)


def test_shell_at_a_terminal_standalone(standalone):
    missed = b'find_dest: not found destination="somewhere"'
    with Terminal(PROGRAM, "-s", standalone.path, "shell") as terminal:
        terminal.expect(b"scache> ")
        terminal.type(b"find_d\t")
        # Only what was missing is drawn.
        terminal.expect(b"est ")
        terminal.type(b"somewhere\n")
        terminal.expect(missed, b"scache> ")
        terminal.type(b"\x1b[A\n")
        terminal.expect(missed, b"scache> ")
        terminal.type(b"nonsense\n")
        terminal.expect(b"no such command", b"scache> ")
        terminal.type(b"\x04")
        assert terminal.wait() == 0


# run.

@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_run_three_times_over_one_connection(tool, echo, host):
    said = [tool.out("run", "--to", f"tcp:{host}:{echo.port}", "--", "bash", "-c", SAY, word)
            for word in ("one", "two", "three")]
    assert said == ["0 1 one\n", "1 1 two\n", "1 1 three\n"]
    assert len(echo.accepted) == 1


def test_run_to_a_path(tool, tmp_path):
    with Echo(tmp_path / "echo") as echo:
        for place in (echo.where, "unix:echo", "unix:./echo"):
            tool.out("run", "--to", place, "--", "bash", "-c", SAY, "x", cwd=tmp_path)
        out = tool.out("run", "--to", echo.where, "--", "bash", "-c",
                       "echo $PROTO $UNIXREMOTEPATH")
        assert len(echo.accepted) == 1
    assert out == f"UNIX {tmp_path}/echo\n"


def test_run_environment(tool, echo):
    tool.env |= {"TCPREMOTEINFO": "stale", "TCPLOCALHOST": "stale", "SCACHE_PROPERTY": "stale"}
    lines = tool.out("run", "--to", f"tcp:localhost:{echo.port}", "--", "env").splitlines()
    env = dict(line.split("=", 1) for line in lines if "=" in line)
    assert (env["PROTO"], env["TCPREMOTEIP"], env["TCPREMOTEPORT"], env["TCPREMOTEHOST"]) == \
        ("TCP", "127.0.0.1", str(echo.port), "localhost")
    assert env["TCPLOCALIP"] == "127.0.0.1"
    assert int(env["TCPLOCALPORT"]) == echo.accepted[0].getpeername()[1]
    assert env["SCACHE_REUSED"] == "0"
    assert not {"TCPREMOTEINFO", "TCPLOCALHOST", "SCACHE_PROPERTY"} & set(env)


@pytest.mark.parametrize("script, code", [("exit 5", 5), ("kill -9 $$", 137)])
def test_run_closes_after_a_failure(tool, echo, script, code):
    tool.out("run", "--to", echo.where, "--", "sh", "-c", script, code=code)
    assert tool.out("run", "--to", echo.where, "--", "sh", "-c", "echo $SCACHE_REUSED") == "0\n"
    assert len(echo.accepted) == 2
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
    assert len(echo.accepted) == 1


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
    assert len(echo.accepted) == 2


def test_run_opens_anew_when_the_far_end_has_hung_up(tool, echo):
    tool.out("run", "--to", echo.where, "--", "true")
    wait_until(lambda: echo.accepted, 5)
    echo.hang_up()
    assert tool.out("run", "--to", echo.where, "--", "bash", "-c", SAY, "x") == "0 2 x\n"


def test_run_does_not_give_back_an_unread_answer(tool, echo):
    waits = "import select; select.select([6], [], [])"
    tool.out("run", "--to", echo.where, "--", "sh", "-c",
             f"echo unread >&7; /usr/bin/python3 -c '{waits}'")
    assert tool.out("run", "--to", echo.where, "--", "sh", "-c", "echo $SCACHE_REUSED") == "0\n"


def test_run_keeps_unequal_connections_apart(tool, echo):
    """By the program, by a field, by the order of fields, by the place."""
    here = ("run", "--to", echo.where)
    for words in [(*here, "--", "sh", "-c", ":"), (*here, "--", "true"),
                  (*here, "--field", "user=a", "--", "true"),
                  (*here, "--field", "user=b", "--", "true"),
                  (*here, "--field", "user=a", "--field", "db=1", "--", "true"),
                  (*here, "--field", "db=1", "--field", "user=a", "--", "true"),
                  (*here, "--field", "user=a\ndb=1", "--", "true")]:
        tool.out(*words)
        before = len(echo.accepted)
        tool.out(*words)
        assert len(echo.accepted) == before
    assert len(echo.accepted) == 7


def test_run_shares_by_label(tool, echo):
    tool.out("run", "--to", echo.where, "--label", "shared", "-p", "state", "--", "true")
    (found,) = tool.json("take", "shared")
    assert found["endpoint"] == "shared" and found["endpoint_property"] == "state"
    assert found["peer"] == echo.where


def test_run_says_what_became_of_the_connection(tool, echo):
    done = tool("run", "-v", "--to", echo.where, "--", "sh", "-c", "exit 0")
    assert done.stderr.startswith(f'run: saved to="{echo.where}" connection="opened" endpoint=')
    done = tool("run", "--json", "--to", echo.where, "--", "sh", "-c", "exit 1")
    line = json.loads(done.stderr)
    assert (line["result"], line["connection"], line["exit"]) == ("closed", "reused", 1)


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


# What it says about itself.

def test_help_standalone(nobody):
    overview = nobody.out("--help")
    assert nobody.out("help") == overview
    for command in COMMANDS:
        text = nobody.out(command, "--help")
        assert text.startswith(f"scachectl {command} ")
        assert nobody.out("help", command) == text
        assert re.search(rf"^  {command} ", overview, re.M)
        assert max(map(len, text.splitlines())) <= 90
    assert re.fullmatch(r"scachectl \d+\.\d+\.\d+\n", nobody.out("--version"))


def options(nobody):
    """All long options that the help texts name."""
    return {word for command in COMMANDS
            for word in re.findall(r"(?<=[ ,])--([a-z-]+)", nobody.out(command, "--help"))}


def test_options_are_documented_and_completed_standalone(nobody):
    page = (paths.ROOT / "man/scachectl.1").read_text(encoding="utf-8")
    files = {name: (paths.ROOT / "completions" / name).read_text(encoding="utf-8")
             for name in ("scachectl.bash", "_scachectl", "scachectl.fish")}
    known = options(nobody)
    assert len(known) > 15
    for option in known:
        assert re.search(rf"Fl Fl {option}\b", page), option
        for name, text in files.items():
            assert re.search(rf"(--|-l ){option}\b", text), (name, option)
    for command in COMMANDS:
        assert re.search(rf"^\.Cm {command}$", page, re.M)
        assert all(re.search(rf"\b{command}\b", text) for text in files.values())


def complete(line):
    """What bash would offer for the last word of a line."""
    script = (f"source {paths.ROOT}/completions/scachectl.bash\n"
              "COMP_WORDS=(\"$@\")\nCOMP_CWORD=$(($# - 1))\n_scachectl\n"
              'printf "%s\\n" "${COMPREPLY[@]}"\n')
    words = line.split(" ")
    done = subprocess.run(["bash", "-c", script, "bash", *words], stdout=subprocess.PIPE,
                          text=True, check=True, timeout=10)
    return done.stdout.split()


def test_bash_completion_standalone():
    assert set(complete("scachectl ")) == {*COMMANDS, "help"}
    assert complete("scachectl -s /tmp/x pi") == ["ping"]
    assert complete("scachectl run --t") == ["--to", "--ttl"]
    assert complete("scachectl --js") == ["--json"]
    assert complete("scachectl ping --t") == []
    assert complete("scachectl help sh") == ["shell"]
    assert complete("scachectl run --to un") == ["unix:"]
    assert "bash" in complete("scachectl run --to tcp:a:1 -- bas")


def test_manual_page_standalone():
    done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", paths.ROOT / "man/scachectl.1"],
                          stdout=subprocess.PIPE, text=True, check=False, timeout=10)
    assert (done.returncode, done.stdout) == (0, "")
