"""scachectl shell: scripts, and at a terminal."""

import socket

import pytest

from support.tool import PROGRAM, Terminal, finished


def test_shell_script(tool):
    script = "\n".join([
        "# a comment", "", "   \t ", 'save_endp 10 sh-e prop 12   # fd 12 is not open',
        'save_dest 10 sh-d "two words" sh-e', "sleep 0.01", "find_dest sh-d", "find_dest sh-d",
        "find_endp sh-e"])
    lines = tool.out("shell", "--any", text=script).splitlines()
    assert lines[:2] == [
        'save_endp: saved endpoint="sh-e" endpoint_property="prop"',
        'save_dest: saved destination="sh-d" destination_property="two words" endpoint="sh-e"']
    assert lines[2].startswith(
        'find_dest: found destination="sh-d" destination_property="two words"')
    assert 'endpoint_property="prop"' in lines[2]
    assert lines[3:] == ['find_dest: not found destination="sh-d"',
                         'find_endp: not found endpoint="sh-e"']


def test_shell_json(tool):
    objects = tool.json("shell", "--any", text='save_endp 10 js-e "" 12\nfind_endp js-e\nfind_endp js-e\n')
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
        tool.out("shell", "--any", stdin=file)
    assert tool.out("find", "copy", "--", "readlink", "/proc/self/fd/6") == f"{script}\n"


@pytest.mark.parametrize("number", [3, 4, 5, 12, 99999999999])
def test_shell_saves_nothing_for_a_number_that_is_not_open(tool, number):
    """Also for the numbers that its own connection to the server may have."""
    done = tool("shell", text=f"find_endp nothing\nsave_endp 10 closed p {number}\n")
    assert done.returncode == 2
    assert done.stdout == 'find_endp: not found endpoint="nothing"\n'
    assert done.stderr.startswith("scachectl: line 2: descriptor ")
    assert done.stderr.endswith("see scachectl shell --help\n")
    assert tool("find", "closed").returncode == 1


def test_shell_saves_sockets_only(tool):
    """Number 0 is open, and what the script is read from."""
    script = "save_endp 10 input p 0\n"
    assert tool("shell", text=script).returncode == 2
    assert tool("find", "input").returncode == 1
    tool.out("shell", "--any", text=script)
    assert tool("find", "input").returncode == 0


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
