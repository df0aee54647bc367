#!/usr/bin/python3
"""Plays .vec conversations with a connection cache server, or records them.

    vec.py [--server PROGRAM | --standalone PROGRAM | --socket PATH] FILE…
    vec.py --record FILE [--server PROGRAM]

The format is described in README.md beside this file.
"""

import argparse
import os
import re
import select
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import launch, paths  # noqa: E402
from support.client import (GREETING, at_eof, inode, receive, receive_exactly,  # noqa: E402
                            send_with_fds)

# The conversations are written for the order in which Postfix's server hands out.
STANDALONE_ARGS = ("-o", "connection_cache_reuse_order=oldest")
REPLY_TIME = 3.0
QUIET_TIME = 0.3
END_TIME = 0.02
_REPEAT = re.compile(rb"\\\*(\d+)\(")
_ESCAPES = {b"0": b"\0", b"n": b"\n", b"t": b"\t", b"\\": b"\\"}
_SHORT = {0: "\\0", 10: "\\n", 9: "\\t", 92: "\\\\"}


class Mismatch(AssertionError):
    """The server did not do what the conversation says."""


def unescape(text):
    """The bytes that the text of a step stands for."""
    data, out, at = text.encode("latin-1"), b"", 0
    while at < len(data):
        if data[at:at + 1] != b"\\":
            out += data[at:at + 1]
            at += 1
        else:
            piece, at = _unescape_one(data, at)
            out += piece
    return out


def _unescape_one(data, at):
    """The meaning of the escape at `at`, and where the text goes on."""
    repeat = _REPEAT.match(data, at)
    if repeat:
        end = data.index(b")", repeat.end())
        inner = data[repeat.end():end].decode("latin-1")
        return unescape(inner) * int(repeat.group(1)), end + 1
    letter = data[at + 1:at + 2]
    if letter == b"x":
        return bytes([int(data[at + 2:at + 4], 16)]), at + 4
    return _ESCAPES[letter], at + 2


def escape(data):
    """Bytes as a step shows them; a long run of one letter as a repetition."""
    text = "".join(_SHORT.get(b) or (chr(b) if 32 <= b < 127 else f"\\x{b:02x}") for b in data)
    return re.sub(r"([A-Za-z])\1{63,}", lambda m: rf"\*{len(m.group())}({m.group(1)})", text)


@dataclass
class Step:
    """One line: a verb, what follows it, and where it stands."""

    number: int
    verb: str
    rest: str
    line: str


def parse(text):
    """The steps of a conversation; comments and blank lines are left out."""
    steps = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.startswith("#"):
            verb, _, rest = line.partition(" ")
            if verb.startswith("@"):
                verb, rest = "@", verb[1:]
            steps.append(Step(number, verb, rest, line))
    return steps


def labels(path):
    """Every label that a conversation sends, so that two which share one are not mixed."""
    sent = b"".join(unescape(step.rest) for step in parse(Path(path).read_text("latin-1"))
                    if step.verb in (">", ">fdmsg"))
    return set(re.findall(rb"label\0([^\0]*)\0", sent))


@dataclass
class Pair:
    """A named descriptor: its far end, our copy of it, and its identity."""

    near: socket.socket
    far: socket.socket
    identity: tuple = field(default=None)

    def __post_init__(self):
        self.identity = inode(self.near.fileno())

    def close(self):
        """Close what is still open."""
        self.near.close()
        self.far.close()


class Stage:
    """The clients and descriptors of one conversation."""

    def __init__(self, path):
        self.path = str(path)
        self.name = "main"
        self.clients = {}
        self.pairs = {}

    def client(self):
        """The connection that speaks now, opened and greeted when needed."""
        if self.name not in self.clients:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.clients[self.name] = sock
            sock.settimeout(launch_time())
            sock.connect(self.path)
            got = receive_exactly(sock, len(GREETING))[0]
            if got != GREETING:
                raise Mismatch(f"greeting is {escape(got)}")
            sock.settimeout(REPLY_TIME)
        return self.clients[self.name]

    def pair(self, name):
        """The descriptor of that name, made when needed."""
        if name not in self.pairs:
            self.pairs[name] = Pair(*socket.socketpair())
        return self.pairs[name]

    def fds(self, names):
        """The descriptors of several names."""
        return [self.pair(name).near.fileno() for name in names]

    def name_of(self, fd):
        """What a descriptor that arrived is called here."""
        found = [n for n, pair in self.pairs.items() if pair.identity == inode(fd)]
        return found[0] if found else "UNKNOWN"

    def close(self):
        """Close everything."""
        for sock in self.clients.values():
            sock.close()
        for pair in self.pairs.values():
            pair.close()

    # The steps that send, wait and close are the same when playing and when recording.

    def do_at(self, rest):
        """@NAME"""
        self.name = rest

    def do_send(self, rest):
        """> BYTES"""
        self.client().sendall(unescape(rest))

    def do_send_fd(self, rest):
        """>fd NAME…"""
        send_with_fds(self.client(), b"\0", self.fds(rest.split()))

    def do_send_fdmsg(self, rest):
        """>fdmsg NAME BYTES"""
        name, _, text = rest.partition(" ")
        send_with_fds(self.client(), unescape(text), self.fds([name]))

    def do_shutdown(self, _):
        """shutdown"""
        self.client().shutdown(socket.SHUT_WR)

    def do_wait(self, rest):
        """wait S: a conversation's own time, which no event can replace."""
        time.sleep(float(rest))

    def do_close(self, _):
        """close"""
        self.client().close()
        self.clients.pop(self.name)

    def do_drop(self, rest):
        """drop NAME"""
        self.pair(rest).close()

    def do_peereof(self, rest):
        """peereof NAME"""
        pair = self.pair(rest)
        pair.near.close()
        if not at_eof(pair.far, REPLY_TIME):
            raise Mismatch(f"far end of {rest} saw no end of file")

    def do_say(self, rest):
        """say NAME BYTES: the far end of NAME sends."""
        name, _, text = rest.partition(" ")
        self.pair(name).far.sendall(unescape(text))

    SENDS = {"@": do_at, ">": do_send, ">fd": do_send_fd, ">fdmsg": do_send_fdmsg,
             "shutdown": do_shutdown, "wait": do_wait, "close": do_close, "drop": do_drop,
             "peereof": do_peereof, "say": do_say}


def launch_time():
    """How long a server may take to greet: it may only just have been started."""
    return 10.0


class Player(Stage):
    """Plays a conversation and compares."""

    def play(self, steps):
        """Go through all steps, then see that nothing is left unread."""
        for step in steps:
            try:
                self.one(step)
            except (Mismatch, OSError, KeyError, ValueError) as error:
                raise Mismatch(f"line {step.number}: {step.line[:200]}\n  {error}") from error
        for name, sock in self.clients.items():
            left = rest_of(sock, END_TIME)
            if left:
                raise Mismatch(f"at the end: left on connection {name}: {left}")

    def one(self, step):
        """One step."""
        if step.verb in self.SENDS:
            self.SENDS[step.verb](self, step.rest)
        else:
            self.EXPECTS[step.verb](self, step.rest)

    def want_bytes(self, rest):
        """< BYTES"""
        self.compare(unescape(rest), None)

    def want_fdmsg(self, rest):
        """<fdmsg NAME BYTES"""
        name, _, text = rest.partition(" ")
        self.compare(unescape(text), name)

    def want_fd(self, rest):
        """<fd NAME"""
        self.compare(b"\0", rest)

    def want_nofd(self, _):
        """<nofd"""
        self.compare(b"\0", None)

    def want_eof(self, _):
        """<eof"""
        if not at_eof(self.client(), REPLY_TIME):
            raise Mismatch(f"wanted end of file, got {rest_of(self.client(), 0) or 'nothing'}")
        self.do_close("")

    def want_quiet(self, _):
        """<quiet"""
        got = rest_of(self.client(), QUIET_TIME)
        if got:
            raise Mismatch(f"wanted silence, got {got}")

    EXPECTS = {"<": want_bytes, "<fdmsg": want_fdmsg, "<fd": want_fd, "<nofd": want_nofd,
               "<eof": want_eof, "<quiet": want_quiet}

    def compare(self, wanted, name):
        """Read as many bytes as are wanted and compare them and the descriptor."""
        data, names = self.read_named(len(wanted))
        wanted_names = [name] if name else []
        if (data, names) == (wanted, wanted_names):
            return
        more = rest_of(self.client(), 0.1) if data != wanted else ""
        raise Mismatch(f"wanted {escape(wanted)} with descriptors {wanted_names}\n"
                       f"  got    {escape(data)}{more} with descriptors {names}")

    def read_named(self, count):
        """Bytes, fewer when they do not come in time, and the names of descriptors."""
        sock, data, names = self.client(), b"", []
        end = time.monotonic() + REPLY_TIME
        while len(data) < count and readable(sock, end - time.monotonic()):
            more, fds = receive(sock, count - len(data))
            names += [self.name_of(fd) for fd in fds]
            close_all(fds)
            if not more:
                names.append("END OF FILE")
                break
            data += more
        return data, names


class Recorder(Stage):
    """Writes a conversation again, with what a real server says in place of every `<` line."""

    def record(self, text):
        """The text with the lines that begin with `<` filled in."""
        out = []
        for line in text.split("\n"):
            if line.startswith("<"):
                out += self.heard()
                continue
            for step in parse(line):
                self.SENDS[step.verb](self, step.rest)
            out.append(line)
        return "\n".join(out)

    def heard(self):
        """Everything that comes until it is quiet; several `<` lines in a row add nothing."""
        sock, lines, data = self.client(), [], b""
        while readable(sock, QUIET_TIME):
            more, fds = receive(sock, 65536)
            if fds or not more:
                lines += bytes_line(data)
                data = b""
            if not more:
                return lines + ["<eof"]
            if fds:
                lines.append(self.fd_line(more, fds))
            else:
                data += more
        return lines + bytes_line(data) or ["<quiet"]

    def fd_line(self, data, fds):
        """The line for bytes that carried descriptors."""
        names = " ".join(self.name_of(fd) for fd in fds)
        close_all(fds)
        return f"<fd {names}" if data == b"\0" else f"<fdmsg {names} {escape(data)}"


def bytes_line(data):
    """The line for plain bytes, if there are any."""
    return ["< " + escape(data)] if data else []


def readable(sock, timeout):
    """Whether something, be it end of file, can be read within that time."""
    return bool(select.select([sock], [], [], max(timeout, 0))[0])


def rest_of(sock, timeout):
    """What else comes within that time, as text; empty when nothing does."""
    if not readable(sock, timeout):
        return ""
    try:
        data, fds = receive(sock, 65536)
    except ConnectionResetError:
        return "CONNECTION RESET"
    close_all(fds)
    return escape(data) + (f" with {len(fds)} descriptors" if fds else "") or "END OF FILE"


def close_all(fds):
    """Close descriptors that arrived."""
    for fd in fds:
        os.close(fd)


def play_file(path, socket_path):
    """Play one file; raises Mismatch with file and line in front."""
    player = Player(socket_path)
    try:
        player.play(parse(Path(path).read_text("latin-1")))
    except Mismatch as error:
        raise Mismatch(f"{path}: {error}") from None
    finally:
        player.close()


def record_file(path, socket_path):
    """Fill in one file from a real server; a first pass leaves one reply per `<` block."""
    recorder = Recorder(socket_path)
    try:
        text = recorder.record(re.sub(r"(?m)^<.*\n(?=<)", "", Path(path).read_text("latin-1")))
    finally:
        recorder.close()
    Path(path).write_text(text, "latin-1")


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description="play or record .vec conversations")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--record", action="store_true", help="fill in what the server says")
    parser.add_argument("--server", default=paths.program(), help="started as master(8) does it")
    parser.add_argument("--standalone", help="a program started with --listen")
    parser.add_argument("--socket", help="the socket of a server that is running already")
    args = parser.parse_args()
    if args.socket:
        return run(args, args.socket)
    if args.standalone:
        start = launch.StandaloneServer(args.standalone, args=STANDALONE_ARGS)
    else:
        start = launch.MasterServer(args.server)
    with start as server:
        server.ready()
        return run(args, server.path)


def run(args, socket_path):
    """Play or record all files; the number of mismatches is the exit status."""
    bad = 0
    for name in args.files:
        try:
            (record_file if args.record else play_file)(name, socket_path)
        except Mismatch as error:
            print(error, file=sys.stderr)
            bad += 1
    return min(bad, 100)


if __name__ == "__main__":
    sys.exit(main())
