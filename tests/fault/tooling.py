"""The library and scachectl under faults, against a server that has none."""

import errno
import os
import re
import select
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from support.client import Client, encode
from support.launch import StandaloneServer

from . import plan
from .conversation import HANG, Saved
from .serving import Outcome, cries, fault_environment

LINE = re.compile(r"rounds (\d+) failures (\d+) missed (\d+) findings (\d+)")
SCRIPT = 'save_endp 60 tool "text" 5\nsave_dest 60 place "text" tool\nfind_dest place\nquit\n'

# name: (words, whether a connection is there to be found, what is read from standard input)
COMMANDS = {
    "ping": (["ping"], False, ""),
    "put": (["put", "--fd", "FD", "-d", "place", "--property", "text", "tool"], False, ""),
    "save": (["save", "--fd", "FD", "--property", "text", "tool"], False, ""),
    "bind": (["save", "-d", "place", "tool"], False, ""),
    "take": (["take", "-d", "place", "nowhere", "tool"], True, ""),
    "find": (["--json", "find", "tool"], True, ""),
    "take-with": (["take", "tool", "--", "true"], True, ""),
    "find-with": (["find", "-d", "place", "--", "true"], True, ""),
    "shell": (["shell", "--any"], False, SCRIPT),
    "run": (["run", "--to", "unix:PATH", "--quiet-protocol", "--", "true"], False, ""),
    "run-tcp": (["run", "--to", "tcp:localhost:PORT", "--field", "a=b", "--", "true"], False, ""),
}
KEPT = 16  # Connections to a far end that are left open.
EXITS = {0, 1, 3, 4, 5, 125, 126, 127}


class Library:
    """fault_client does it all by itself; this starts it."""

    def __init__(self, build, mode):
        self.program, self.mode = build / "tests/fault/fault_client", mode
        self.server = StandaloneServer(build / "scache")

    def chain(self, call, error, first, step):
        """Every step-th call fails: (rounds, failures, findings)."""
        number = str(getattr(errno, error))
        command = [self.program, self.mode, self.server.path, call, number, str(first), str(step)]
        environment = {name: value for name, value in os.environ.items()}
        environment |= {name: value for name, value in
                        fault_environment(None).items() if "SAN_" in name}
        done = subprocess.run(command, capture_output=True, check=False, env=environment,
                              encoding="utf-8", errors="replace")
        last = LINE.search(done.stdout)
        findings = [line for line in done.stdout.splitlines() if line.startswith("finding")]
        findings += cries(done.stderr)
        if done.returncode != 0 and not findings:
            findings.append(f"exit status {done.returncode}: {done.stdout} {done.stderr}")
        return (int(last[1]), int(last[2]), findings) if last else (0, 0, findings)

    def stop(self):
        """End the server."""
        self.server.stop()


class Tool:
    """One command of scachectl, over and over."""

    def __init__(self, build, name):
        self.program, self.name = build / "tests/fault/fault_scachectl", name
        self.words, self.is_look_up, self.text = COMMANDS[name]
        self.directory = Path(tempfile.mkdtemp(prefix="scache-fault-"))
        self.server = StandaloneServer(build / "scache")
        self.listeners = [socket.create_server(str(self.directory / "far"), family=socket.AF_UNIX),
                          socket.create_server(("127.0.0.1", 0))]
        self.accepted = []
        self.blocks = None
        self.once(None)  # After the first, the place of the next is in the cache.
        self.blocks = self.once(None).blocks

    def stop(self):
        """End the server."""
        for sock in (*self.listeners, *self.accepted):
            sock.close()
        self.server.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def once(self, fault):
        """One run; fault is (call, error, n) or None. An Outcome."""
        page = plan.Page(str(self.directory / "page"), *(fault or ()))
        one = Saved("tool", 0)
        with one.near, one.far, Client(self.server.path) as client:
            if self.is_look_up:
                assert client.save_endp("tool", one.near.fileno()) == 0
                assert client.save_dest("place", "tool") == 0
            done = self.run(page, one)
            one.near.close()
            self.accept()
            self.empty(client)
            findings = list(self.look_at(done, one, page, client))
        outcome = Outcome(page.happened, f"exit {done.returncode}", findings, page.counts(),
                          page.live_blocks)
        page.close()
        return outcome

    def run(self, page, one):
        """Start it with a page, and the connection if it is to save one."""
        os.set_inheritable(one.near.fileno(), True)
        places = {"FD": str(one.near.fileno()), "unix:PATH": f"unix:{self.directory / 'far'}",
                  "tcp:localhost:PORT": f"tcp:localhost:{self.listeners[1].getsockname()[1]}"}
        words = [places.get(word, word) for word in self.words]
        environment = os.environ | fault_environment(page) | {
            "SCACHE_SOCKET": str(self.server.path), "SC_FAULT_SPEED": "1"}
        passed = [one.near.fileno()] if "FD" in self.words else []
        try:
            return subprocess.run([self.program, *words], input=self.text, env=environment,
                                  check=False, capture_output=True, encoding="utf-8",
                                  errors="replace", timeout=HANG, pass_fds=passed)
        except subprocess.TimeoutExpired as late:
            return subprocess.CompletedProcess(words, None, "", f"{late}")

    def accept(self):
        """Have room for who connects next. What was opened last may be in the cache and stays."""
        for listener in self.listeners:
            while select.select([listener], [], [], 0)[0]:
                self.accepted.append(listener.accept()[0])
        while len(self.accepted) > KEPT:
            self.accepted.pop(0).close()

    @staticmethod
    def empty(client):
        """Take out whatever is in the cache."""
        for label in ("tool", "place"):
            while True:
                client.send(encode(("request", "take"), ("label", label), ("label", label)))
                pairs, fds = client.read_list()
                for fd in fds:
                    os.close(fd)
                if pairs[0][1] != "0":
                    break

    def look_at(self, done, one, page, client):
        """Findings about one run."""
        allowed = EXITS if page.happened else {0}
        if done.returncode not in allowed:
            yield f"exit status {done.returncode}: {done.stderr!r}"
        if done.returncode in (3, 4, 5, 125, 126, 127) and not done.stderr + done.stdout:
            yield f"exit status {done.returncode} without a word"
        if self.blocks is not None and page.live_blocks > self.blocks:
            yield f"{page.live_blocks - self.blocks} blocks of memory are left over"
        if not one.closed():
            # What the server had not read yet when it was emptied.
            self.empty(client)
            if not one.closed():
                yield "somebody still has the connection"
        yield from cries(done.stderr)

    def chain(self, call, error, first, step):
        """Every step-th call fails: (runs, faults, findings)."""
        runs = faults = 0
        findings, kinds = [], {}
        nth = first
        while True:
            outcome = self.once((call, error, nth))
            runs += 1
            faults += outcome.happened
            kinds[outcome.kind] = kinds.get(outcome.kind, 0) + 1
            findings += [f"call {nth}: {text}" for text in outcome.findings]
            again = self.once(None) if outcome.happened else None
            if again:
                findings += [f"after call {nth}: {text}" for text in again.findings]
            if not outcome.happened:
                return runs, faults, findings, kinds
            nth += step
