"""A client of scache-tls, in the protocol of its socket."""

import array
import os
import socket

GREETING = b"protocol\0connection_cache_tls_protocol\0\0"
WISHES = (
    "level", "name", "sni", "alpn", "protocols", "ca_pem", "client_pem", "pins", "handshake_ms",
)


def encode(pairs):
    """An attribute list of (name, value) pairs."""
    parts = []
    for name, value in pairs:
        value = value.encode() if isinstance(value, str) else value
        parts.append(name.encode() + b"\0" + value + b"\0")
    return b"".join(parts) + b"\0"


def decode(data):
    """The first list in some bytes as pairs, and what is behind it; None: it is not whole."""
    pairs = []
    at = 0
    while True:
        end = data.find(b"\0", at)
        if end < 0:
            return None, data
        if end == at:
            return pairs, data[at + 1:]
        value_end = data.find(b"\0", end + 1)
        if value_end < 0:
            return None, data
        pairs.append((data[at:end].decode(), data[end + 1:value_end]))
        at = value_end + 1


class Answer(dict):
    """What was answered, its values as text, and the plaintext socket if there is one."""

    def __init__(self, pairs, sock=None):
        super().__init__((name, value.decode(errors="replace")) for name, value in pairs)
        self.sock = sock

    @property
    def status(self):
        """As a number."""
        return int(self["status"])

    @property
    def why(self):
        """Status and reason, to compare."""
        return self.status, self.get("reason", "")

    @property
    def report(self):
        """The fields of the report."""
        fields = {}
        for line in self["report"].splitlines():
            name, _, value = line.partition("=")
            fields[name] = value
        return fields


class TlsClient:
    """One connection to scache-tls."""

    def __init__(self, path, timeout=20):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(timeout)
        self.sock.connect(str(path))
        self.buffer = b""
        self.fds = []
        greeting = self.read_list()
        assert encode(greeting) == GREETING, greeting

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Closes it, and what came and was not asked for."""
        self.sock.close()
        for fd in self.fds:
            os.close(fd)
        self.fds = []

    def send(self, data, fds=()):
        """Sends bytes, with descriptors on the first of them."""
        ancillary = []
        if fds:
            rights = array.array("i", list(fds))
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)]
        sent = self.sock.sendmsg([data], ancillary)
        if sent < len(data):
            self.sock.sendall(data[sent:])

    def read_list(self):
        """The next list as pairs; descriptors that come along are kept."""
        while True:
            pairs, rest = decode(self.buffer)
            if pairs is not None:
                self.buffer = rest
                return pairs
            data, fds, _, _ = socket.recv_fds(self.sock, 65536, 16)
            self.fds += fds
            if not data:
                raise ConnectionError("scache-tls has closed the connection")
            self.buffer += data

    def start(self, far, **wishes):
        """Asks for a session over a connection, of which a copy stays the caller's."""
        unknown = set(wishes) - set(WISHES)
        assert not unknown, unknown
        pairs = [("request", "tls_client")]
        pairs += [(name, wishes.get(name, "verify" if name == "level" else "")) for name in WISHES]
        self.send(encode(pairs), [far.fileno()] if far is not None else [])

    def finish(self):
        """The answer to that."""
        pairs = self.read_list()
        sock = socket.socket(fileno=self.fds.pop(0)) if self.fds else None
        if sock:
            sock.settimeout(self.sock.gettimeout())
        return Answer(pairs, sock)

    def open(self, far, **wishes):
        """Asks for a session, gives the connection away, and returns the answer."""
        self.start(far, **wishes)
        far.close()
        return self.finish()

    def ask(self, request, **attributes):
        """Any other request with one list as its answer."""
        self.send(encode([("request", request), *attributes.items()]))
        return Answer(self.read_list())

    def sessions(self, session=""):
        """What tls_list tells, a dictionary for each session."""
        self.send(encode([("request", "tls_list"), ("session", session)]))
        found = []
        while True:
            answer = Answer(self.read_list())
            if "record" not in answer:
                assert answer.status == 0, answer
                return found
            found.append(answer)

    def end(self, session):
        """How a session ended: open, clean, truncated, or error and why."""
        answer = self.ask("tls_end", session=session)
        return (answer["end"], answer["text"]) if answer.status == 0 else answer.why
