"""Command lines that are wrong, and output that cannot be written."""

import os
import pty
import subprocess

import pytest

from support.tool import PROGRAM


@pytest.mark.parametrize("words", [
    (), ("no-such-command",), ("--no-such-option",), ("help", "nothing"), ("save",), ("put",),
    ("find",), ("take",), ("take", "--", "true"), ("save", "a", "b"), ("find", "a", "b"), ("find", "-d", "d", "a"),
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
