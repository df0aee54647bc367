"""A client of the control socket, which speaks attribute lists and nothing else."""

import socket

from .client import encode


class Control:
    """One connection to a control socket; the greeting is in `greeting`."""

    def __init__(self, path, timeout=10):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(timeout)
        self.sock.connect(str(path))
        self.data = b""
        self.greeting = dict(self.next_list())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def next_list(self):
        """The next attribute list, as pairs of bytes decoded one to one."""
        while True:
            pairs, length = self._parse()
            if length:
                self.data = self.data[length:]
                return pairs
            more = self.sock.recv(65536)
            if not more:
                raise EOFError("the server has left")
            self.data += more

    def _parse(self):
        pairs, at = [], 0
        while True:
            end = self.data.find(b"\0", at)
            if end == at:
                return pairs, at + 1
            value_end = self.data.find(b"\0", end + 1) if end > 0 else -1
            if value_end < 0:
                return None, 0
            pairs.append((self.data[at:end].decode("latin-1"),
                          self.data[end + 1:value_end].decode("latin-1")))
            at = value_end + 1

    def ask(self, request, **attributes):
        """All records of the answer, and the status list."""
        self.send(request, **attributes)
        records = []
        while True:
            one = dict(self.next_list())
            if "status" in one:
                return records, one
            records.append(one)

    def send(self, request, **attributes):
        """Ask and do not wait."""
        pairs = [("request", request)] + [(n, str(v) if not isinstance(v, bytes) else v)
                                          for n, v in attributes.items()]
        self.sock.sendall(encode(*pairs))

    def status(self, request, **attributes):
        """The status alone."""
        return int(self.ask(request, **attributes)[1]["status"])

    def stats(self):
        """Counters and gauges by family and labels."""
        return {(one["family"], one["labels"]): int(one["value"])
                for one in self.ask("stats")[0] if one["record"] in ("counter", "gauge")}
