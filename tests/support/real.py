"""The programs of examples/, and real servers for them.

Each server is Debian's, on a free port of loopback and in a directory of its own.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from . import needs, paths
from .postfix import free_port
from .process import Process, end_session, session_members
from .waiting import wait_until

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


DOVECOT_CONF = """\
protocols = imap
listen = 127.0.0.1
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
ssl = no
disable_plaintext_auth = no
default_internal_user = nobody
default_internal_group = nogroup
default_login_user = nobody
mail_location = maildir:{dir}/mail/%u
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={dir}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


class Real:
    """A server's process, its port and its directory; all are gone afterwards."""

    def __init__(self, name, words):
        if not shutil.which(name, path=PATH):
            pytest.skip(f"{name} is not installed")
        self.port = free_port()
        self.directory = Path(tempfile.mkdtemp(prefix="scache-example-"))
        fields = {"port": self.port, "dir": self.directory}
        confs = {"nginx": NGINX_CONF, "dovecot": DOVECOT_CONF}
        if name in confs:
            (self.directory / "conf").write_text(confs[name].format(**fields))
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


def dovecot():
    """Dovecot, in which every user has the password "secret"; it logs every log-in."""
    needs.root()
    server = Real("dovecot", ["-F", "-c", "{dir}/conf"])
    server.directory.chmod(0o755)
    for name in ("mail", "run", "state"):
        (server.directory / name).mkdir(exist_ok=True)
    shutil.chown(server.directory / "mail", "nobody", "nogroup")
    return server.wait_listening()


def sink():
    """smtp-sink, which counts sessions when they end; that of wait_listening() is the first."""
    user = [] if os.geteuid() else ["-u", "nobody"]
    return Real("smtp-sink", ["-c", *user, "127.0.0.1:{port}", "100"])
