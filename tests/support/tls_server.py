# SPDX-License-Identifier: BSD-2-Clause
"""scache-tls to test, and far ends for it, in threads."""

import contextlib
import socket
import ssl
import threading

from . import needs, paths
from .launch import Alone
from .pki import pki
from .tls_client import TlsClient


def program():
    """scache-tls, which is only built where OpenSSL is."""
    path = paths.build() / "scache-tls"
    if not path.exists():
        needs.skip("takes scache-tls")
    return path


def sandbox_mode():
    """What is forbidden ends it, unless something else has to be seen."""
    return paths.sandbox_arguments()[1].partition("=")[2]


class TlsServer(Alone):
    """scache-tls on its own; further arguments are its own, parameters by name without prefix."""

    def __init__(self, *args, ca_file=None, sandbox=None, **more):
        params = {"ca_file": ca_file or pki().authority.cert, "sandbox": sandbox or sandbox_mode()}
        own = {name: more.pop(name) for name in list(more) if name not in ALONE}
        words = [word for name, value in (params | own).items()
                 for word in ("-o", f"connection_cache_tls_{name}={value}")]
        super().__init__(*words, *args, program=program(), sandbox=False, **more)

    def connect(self, number=0, timeout=20):
        """Somebody who asks."""
        return TlsClient(self.sockets[number], timeout)

    def open(self, port, **wishes):
        """A session with somebody at loopback, by a connection of its own."""
        with self.connect() as client:
            return client.open(dial(port), **{"name": "localhost"} | wishes)


ALONE = ("directory", "output", "listen", "env", "sockets", "listen_pid", "names", "prefix", "cwd",
         "fds")


def dial(port):
    """A TCP connection to loopback."""
    return socket.create_connection(("127.0.0.1", port), timeout=20)


class FarEnd:
    """A TLS server at loopback. Each connection is served by serve(tls) in a thread of its own.

    Without `tls` the raw socket is handed over. What serve() raises is kept in `failures`.
    """

    def __init__(self, serve, *, certificate=None, version=None, client=None, tls=True, alpn=None,
                 preface=None):
        certificate = certificate or pki().server
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate.cert, certificate.key)
        if version:
            self.context.minimum_version = self.context.maximum_version = version
        if client:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(client.cert)
        if alpn:
            self.context.set_alpn_protocols(alpn)
        self._serve, self._tls, self._preface = serve, tls, preface
        self.failures = []
        self.accepted = 0
        self.sockets = []
        self._threads = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1000)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        # Each thread closes its own: OpenSSL would read from whoever has the number next.
        with self._lock:
            for sock in self.sockets:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.settimeout(30)
            self.accepted += 1
            self.sockets.append(sock)
            self._threads.append(threading.Thread(target=self._run, args=(sock,), daemon=True))
            self._threads[-1].start()

    def _run(self, sock):
        try:
            if self._preface:
                self._preface(sock)
            if self._tls:
                with self._lock:
                    self.sockets.remove(sock)
                    sock = self.context.wrap_socket(sock, server_side=True,
                                                    do_handshake_on_connect=False)
                    self.sockets.append(sock)
                sock.do_handshake()
            self._serve(sock)
        except Exception as error:  # pylint: disable=broad-except
            self.failures.append(error)
        finally:
            with contextlib.suppress(OSError):
                sock.close()


def echo(tls):
    """Gives back what comes, until the other side says farewell; then says it too."""
    with contextlib.suppress(ssl.SSLEOFError, ConnectionResetError, TimeoutError):
        while data := tls.recv(65536):
            tls.sendall(data)
        farewell(tls)


def listen(sock):
    """Says nothing, until the other side or the test ends it."""
    with contextlib.suppress(OSError):
        while sock.recv(65536):
            pass


def farewell(tls):
    """Closes a session as it should be, without waiting for the other side."""
    tls.settimeout(0)
    with contextlib.suppress(ssl.SSLError, OSError):
        tls.unwrap()


def read_exactly(sock, length):
    """So many bytes, or fewer at the end of file."""
    data = bytearray()
    while len(data) < length:
        more = sock.recv(min(65536, length - len(data)))
        if not more:
            break
        data += more
    return bytes(data)


def read_all(sock):
    """Everything up to the end of file."""
    return read_exactly(sock, 1 << 62)
