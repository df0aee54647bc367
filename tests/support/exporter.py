# SPDX-License-Identifier: BSD-2-Clause
"""scache-exporter as it is run, and what it serves."""

import http.client
import re
import socket
import subprocess

from . import needs, paths
from .process import Process
from .waiting import wait_until


def program():
    """The exporter, if it was built: it takes libmicrohttpd."""
    path = paths.build() / "scache-exporter"
    if not path.exists():
        needs.skip("takes libmicrohttpd")
    return str(path)


def run(*words):
    """Run it to its end; returns the finished process."""
    return subprocess.run([program(), *map(str, words)], capture_output=True, timeout=30,
                          check=False)


def once(*words, output="-"):
    """One writing; returns the finished process."""
    return run("--output", output, *words)


def series(text):
    """name{labels} -> value, of a text in Prometheus's format."""
    return {name: float(value) for name, value in
            (line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")}


def promtool(*words, data=None):
    """Prometheus's own judge; returns the finished process."""
    needs.program("promtool")
    return subprocess.run(["promtool", *map(str, words)], input=data, capture_output=True,
                          timeout=60, check=False)


class LocalConnection(http.client.HTTPConnection):
    """HTTP over a socket file."""

    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(10)
        self.sock.connect(self.path)


class Exporter:
    """A running one, listening where it is told; its output is in a directory."""

    def __init__(self, directory, *words, listen="127.0.0.1:0"):
        self.output = directory / "exporter"
        self.process = Process([program(), "--listen", listen, *words], output=self.output)
        said = wait_until(lambda: re.search(r"listening on (\S+)\n", self.text())
                          or not self.process.alive(), 10, "the exporter to listen")
        assert said is not True, self.text()
        self.place = said[1]

    def text(self):
        """What it has said."""
        return self.output.read_text() if self.output.exists() else ""

    def connection(self):
        """A client of it."""
        if self.place.startswith("unix:"):
            return LocalConnection(self.place[len("unix:"):])
        return http.client.HTTPConnection(self.place, timeout=10)

    def ask(self, path="/metrics", method="GET", body=None):
        """(status, headers, text) of one answer."""
        connection = self.connection()
        connection.request(method, path, body=body)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, text

    def series(self):
        """The figures that it serves."""
        status, _, text = self.ask()
        assert status == 200
        return series(text)

    def end(self):
        """End it for certain."""
        self.process.end()
