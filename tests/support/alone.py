"""Servers that stand alone, several in one directory; and clients of other users."""

import json
import os
import shutil
import socket
import tempfile
import traceback
from pathlib import Path

from . import needs
from .launch import SOON, Alone


class Place:
    """A directory that every user can look into, and what was started in it."""

    def __init__(self):
        self.path = Path(tempfile.mkdtemp(prefix="scache-alone-"))
        self.path.chmod(0o755)
        self.started = []

    def __truediv__(self, name):
        return self.path / name

    def start(self, *args, **more):
        """Start a server that need not come up."""
        self.started.append(Alone(*args, directory=self.path, output=f"output{len(self.started)}",
                                  **more))
        return self.started[-1]

    def serve(self, *args, **more):
        """Start a server and wait until it answers."""
        return self.start(*args, **more).ready()

    def refuse(self, *args, **more):
        """Start a server that must end with status 1 at once; returns what it said."""
        one = self.start(*args, **more)
        status = one.process.wait(SOON)
        assert status == 1, f"exit status {status}; it said: {one.text()}"
        return one.text()

    def end(self):
        """Kill what runs and remove everything."""
        for one in self.started:
            one.process.end()
        shutil.rmtree(self.path, ignore_errors=True)


def as_user(uid, action, groups=()):
    """What action() returns (any JSON) when another user runs it in a process of their own.

    The first of `groups` is the primary one.
    """
    needs.root(uid)
    near, far = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups(groups[1:])
            os.setresgid(*3 * [groups[0] if groups else uid])
            os.setresuid(uid, uid, uid)
            answer = {"result": action()}
        except BaseException:  # pylint: disable=broad-except
            answer = {"error": traceback.format_exc()}
        far.sendall(json.dumps(answer).encode())
        os._exit(0)
    far.close()
    with near, near.makefile() as file:
        text = file.read()
    os.waitpid(pid, 0)
    answer = json.loads(text)
    assert "error" not in answer, answer.get("error")
    return answer["result"]
