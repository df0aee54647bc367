"""The programs of examples/ against the real servers: three processes, one connection.

Each server is Debian's, on a free port of loopback and in a directory of its own, and it is the
server's own count that says how many connections there were.
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from support import paths
from support.launch import StandaloneServer
from support.postfix import free_port
from support.process import Process, end_session, session_members
from support.waiting import wait_until

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
ENV = dict(os.environ, PATH=PATH)

NGINX_CONF = """\
daemon off;
master_process off;
pid {dir}/pid;
error_log {dir}/error.log;
events {{ }}
http {{
    log_format connection "$connection $connection_requests $status $request_uri";
    access_log {dir}/access.log connection;
    client_body_temp_path {dir}/body;
    proxy_temp_path {dir}/proxy;
    fastcgi_temp_path {dir}/fastcgi;
    uwsgi_temp_path {dir}/uwsgi;
    scgi_temp_path {dir}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 200 "page $request_uri\\n"; }}
        location /close {{ keepalive_timeout 0; return 200 "last page\\n"; }}
    }}
}}
"""
SINK_COUNT = re.compile(r"sess=\s*(\d+)\s+quit=\s*(\d+)\s+mesg=\s*(\d+)")


class Real:
    """A server's process, its port and its directory; all are gone afterwards."""

    def __init__(self, name, words):
        if not shutil.which(name, path=PATH):
            pytest.skip(f"{name} is not installed")
        self.port = free_port()
        self.directory = Path(tempfile.mkdtemp(prefix="scache-example-"))
        fields = {"port": self.port, "dir": self.directory}
        if name == "nginx":
            (self.directory / "conf").write_text(NGINX_CONF.format(**fields))
        command = [shutil.which(name, path=PATH), *(word.format(**fields) for word in words)]
        self.output = self.directory / "output"
        self.process = Process(command, cwd=self.directory, output=self.output, env=ENV)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        left = end_session(self.process.pid)
        self.process.kill()
        shutil.rmtree(self.directory, ignore_errors=True)
        assert not left and not session_members(self.process.pid)

    def read(self, name):
        """The text of a file in its directory."""
        path = self.directory / name
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def wait_listening(self):
        """Wait for its port, by a connection that says nothing."""
        def answers():
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except ConnectionRefusedError:
                return False
            return True
        wait_until(answers, 10, f"the server: {self.read('output')}")
        return self


@pytest.fixture(name="cache")
def make_cache():
    """A scache of its own."""
    with StandaloneServer() as server:
        yield server


def run(cache, name, *words, text="", check=0, **env):
    """Run one example to its end; returns what it printed."""
    program = paths.build() / "examples" / name
    if not program.exists():
        pytest.skip(f"{name} is not built: its library is missing")
    done = subprocess.run([program, *map(str, words)], input=text, capture_output=True, text=True,
                          env=ENV | {"SCACHE_SOCKET": str(getattr(cache, "path", cache))} | env,
                          timeout=30, check=False)
    assert done.returncode == check, done.stderr
    return done.stdout


def nginx():
    """nginx, which logs the number of the connection with each request."""
    return Real("nginx", ["-p", "{dir}", "-e", "{dir}/error.log", "-c", "{dir}/conf"])


def redis():
    """redis-server, once it says that it is ready: a look from outside would be counted."""
    server = Real("redis-server", ["--bind", "127.0.0.1", "--port", "{port}", "--dir", "{dir}",
                                   "--save", "", "--daemonize", "no"])
    wait_until(lambda: "Ready to accept connections" in server.read("output"), 10, "Redis")
    return server


def sink():
    """smtp-sink, which counts sessions when they end; that of wait_listening() is the first."""
    user = [] if os.geteuid() else ["-u", "nobody"]
    return Real("smtp-sink", ["-c", *user, "127.0.0.1:{port}", "100"])


def requests(server, count):
    """The access log once it has `count` lines: [connection, its requests, status, page]."""
    wait_until(lambda: server.read("access.log").count("\n") >= count, 5, "the access log")
    return [line.split() for line in server.read("access.log").splitlines()]


def test_standalone_http(cache):
    with nginx() as server:
        server.wait_listening()
        for page in "abc":
            assert run(cache, "http-curl", f"http://127.0.0.1:{server.port}/{page}") == \
                f"page /{page}\n"
        log = requests(server, 3)
        assert [line[1:] for line in log] == [
            ["1", "200", "/a"], ["2", "200", "/b"], ["3", "200", "/c"]]
        assert len({line[0] for line in log}) == 1


def test_standalone_http_keeps_nothing_that_the_server_closes(cache):
    with nginx() as server:
        server.wait_listening()
        for _ in range(2):
            run(cache, "http-curl", f"http://127.0.0.1:{server.port}/close")
        assert [line[1] for line in requests(server, 2)] == ["1", "1"]


def test_standalone_http_without_a_cache():
    with nginx() as server:
        server.wait_listening()
        for _ in range(2):
            run("/nonexistent/socket", "http-curl", f"http://127.0.0.1:{server.port}/")
        assert [line[1] for line in requests(server, 2)] == ["1", "1"]


def test_standalone_redis(cache):
    with redis() as server:
        where = ("127.0.0.1", server.port)
        assert run(cache, "redis-hiredis", *where, "SET", "key", "value") == "OK\n"
        assert run(cache, "redis-hiredis", *where, "GET", "key") == "value\n"
        info = run(cache, "redis-hiredis", *where, "INFO", "stats")
        assert "total_connections_received:1\n" in info


def test_standalone_redis_gives_back_a_connection_as_new(cache):
    with redis() as server:
        where = ("127.0.0.1", server.port)
        run(cache, "redis-hiredis", *where, "SELECT", "3")
        run(cache, "redis-hiredis", *where, "SET", "key", "value")
        assert "db0:keys=1" in run(cache, "redis-hiredis", *where, "INFO", "keyspace")
        run(cache, "redis-hiredis", *where, "NONSENSE", check=1)
        # Two channels are two replies: what is left of them must not be the next one's answer.
        run(cache, "redis-hiredis", *where, "SUBSCRIBE", "a", "b")
        assert run(cache, "redis-hiredis", *where, "GET", "key") == "value\n"
        info = run(cache, "redis-hiredis", *where, "INFO", "stats")
        assert "total_connections_received:2\n" in info


def submit(cache, server, *words, **more):
    """Run smtp-submit with one message."""
    return run(cache, "smtp-submit", *words, "127.0.0.1", server.port, "me@example.org",
               "you@example.org", "them@example.org", text="Subject: x\n\n.dot\nend", **more)


def sink_count(server, sessions, messages):
    """Wait for what the sink has counted, wait_listening() included."""
    def counted():
        found = SINK_COUNT.findall(server.read("output"))
        return found and (int(found[-1][0]), int(found[-1][2])) == (sessions + 1, messages)
    wait_until(counted, 5, f"{sessions} sessions with {messages} messages: "
                           f"{server.read('output')[-80:]!r}")


def test_standalone_smtp(cache):
    with sink() as server:
        server.wait_listening()
        for _ in range(3):
            submit(cache, server)
        cache.stop()  # Closes what it holds, and then the sink counts it.
        sink_count(server, 1, 3)


def test_standalone_smtp_by_classic_requests(cache):
    with sink() as server:
        server.wait_listening()
        for _ in range(3):
            submit(cache, server, SCACHE_CLASSIC="1")
        cache.stop()
        sink_count(server, 1, 3)


def test_standalone_smtp_without_a_cache(cache):
    with sink() as server:
        server.wait_listening()
        for _ in range(3):
            submit(cache, server, "-n")
        sink_count(server, 3, 3)


def test_standalone_smtp_refuses_a_command_in_an_address(cache):
    run(cache, "smtp-submit", "127.0.0.1", 1, "a@example.org", "b@example.org>\r\nQUIT", check=64)


def test_standalone_smtp_server_away(cache):
    run(cache, "smtp-submit", "127.0.0.1", free_port(), "a@example.org", "b@example.org", check=75)
