# SPDX-License-Identifier: BSD-2-Clause
"""Python's sockets in and out of a cache: given away, and made of what was found."""

import contextlib
import os
import socket
import ssl
from typing import Iterator, List, NamedTuple, Union

from . import _scache

Given = Union[socket.socket, int]


class Found(NamedTuple):
    """A connection that was taken out of a cache, with the texts that go with it."""

    socket: socket.socket
    endpoint: str
    property: str
    destination_property: str


def of_descriptor(fd: int) -> socket.socket:
    """A socket that blocks, whatever whoever gave it away has left it like."""
    try:
        sock = socket.socket(fileno=fd)
    except BaseException:
        os.close(fd)
        raise
    sock.settimeout(None)
    return sock


def to_found(parts: "tuple[int, str, str, str]") -> Found:
    """What a handle has found."""
    fd, *texts = parts
    return Found(of_descriptor(fd), *texts)


def check(sock: Given) -> None:
    """Refuse what cannot be given away."""
    if isinstance(sock, ssl.SSLSocket):
        raise TypeError("the keys of a TLS connection are in this process: it cannot be given away")
    if isinstance(sock, bool) or not isinstance(sock, (socket.socket, int)):
        raise TypeError(f"a socket or a descriptor, not {type(sock).__name__}")
    if (sock if isinstance(sock, int) else sock.fileno()) < 0:
        raise ValueError("the socket is closed")


def detach(sock: Given) -> int:
    """The descriptor of a socket, which is closed for the caller from then on.

    The socket blocks again, since a time limit of Python's would meet the next user as a socket
    that does not.
    """
    if isinstance(sock, int):
        return sock
    sock.settimeout(None)
    return sock.detach()


@contextlib.contextmanager
def giving(sock: Given) -> Iterator[List[int]]:
    """The descriptor of a socket that is being given away, to be popped by whoever takes it over.

    If nobody does, because something is wrong with what else was given, it is closed.
    """
    check(sock)
    gift = [detach(sock)]
    try:
        yield gift
    finally:
        for fd in gift:
            os.close(fd)


def look(sock: Given, *, quiet: bool = False, wait: bool = True) -> str:
    """Whether a connection is at rest and may be kept: "idle", or why not; see scache_look(3)."""
    fd = sock if isinstance(sock, int) else sock.fileno()
    flags = (_scache.LOOK_QUIET if quiet else 0) | (0 if wait else _scache.LOOK_NO_WAIT)
    return _scache.look(fd, flags)


def is_spoilt(sock: socket.socket) -> bool:
    """Whether there is something against keeping a connection whose protocol says it is idle."""
    return look(sock, quiet=True, wait=False) in ("closed", "unread", "unsent")
