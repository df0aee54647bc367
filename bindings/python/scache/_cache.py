# SPDX-License-Identifier: BSD-2-Clause
"""Caches for programs that may wait: handles shared out to threads, sockets in and out."""

import collections
import contextlib
import os
import threading
from typing import Any, Callable, Deque, Iterator, Optional, Tuple, Type, Union

from . import _scache
from ._sockets import Found, Given, giving, is_spoilt, to_found
from ._texts import Text, to_bytes

import socket as _socket

Path = Union[str, bytes, "os.PathLike[str]"]


def _milliseconds(seconds: float) -> int:
    """At least one, so that a short time is not none."""
    return max(1, round(seconds * 1000))


def put_words(endpoint: Text, property: Text, ttl: int, destination: Optional[Text],
              destination_property: Text, destination_ttl: Optional[int]) -> Tuple[Any, ...]:
    """What a handle's put is called with, behind the descriptor."""
    words: Tuple[Any, ...] = (to_bytes(endpoint), to_bytes(property), ttl)
    if destination is not None:
        words += (to_bytes(destination), to_bytes(destination_property),
                  ttl if destination_ttl is None else destination_ttl)
    return words


class Loan:
    """A connection for the length of a with statement; see Cache.borrow()."""

    def __init__(self, sock: _socket.socket, is_reused: bool, text: str) -> None:
        #: The connection.
        self.socket = sock
        #: Whether it came out of the cache.
        self.is_reused = is_reused
        #: What its next user must know; at first what its last user said.
        self.property: Text = text
        #: Set it to False if the connection must not be kept.
        self.keep = True


class _Requests:
    """The requests of a cache, made on a handle that nobody else uses meanwhile."""

    def _handle(self) -> "contextlib.AbstractContextManager[_scache.Handle]":
        raise NotImplementedError

    def take(self, *endpoints: Text, destination: Optional[Text] = None) -> Optional[Found]:
        """Take a connection: by its destination, else of the first endpoint that has one."""
        labels = tuple(map(to_bytes, endpoints))
        wanted = None if destination is None else to_bytes(destination)
        with self._handle() as handle:
            found = handle.take(wanted, labels)
        return None if found is None else to_found(found)

    def put(self, sock: Given, endpoint: Text, property: Text = "", ttl: int = 60, *,
            destination: Optional[Text] = None, destination_property: Text = "",
            destination_ttl: Optional[int] = None) -> bool:
        """Give a connection away, which is closed for the caller in every outcome.

        With a destination, that is bound to the endpoint. Returns whether it was saved.
        """
        with giving(sock) as gift:
            words = put_words(endpoint, property, ttl, destination, destination_property,
                              destination_ttl)
            with self._handle() as handle:
                return handle.put(gift.pop(), *words)

    def bind(self, destination: Text, endpoint: Text, property: Text = "", ttl: int = 60) -> bool:
        """Bind a destination to an endpoint. Returns whether that was saved."""
        words = to_bytes(destination), to_bytes(property), to_bytes(endpoint), ttl
        with self._handle() as handle:
            return handle.save_destination(*words)

    def ping(self) -> bool:
        """Whether a server answers."""
        with self._handle() as handle:
            return handle.ping()

    @contextlib.contextmanager
    def borrow(self, endpoint: Text, connect: Callable[[], _socket.socket], ttl: int = 60, *,
               destination: Optional[Text] = None) -> Iterator[Loan]:
        """Lend a connection, cached or made by connect(), to a with statement.

        At its end the connection goes back into the cache, unless there was an exception, the
        loan's keep was set to False, or something speaks against it: the far end has closed it or
        said something that nobody has read, or has not taken all that was said.
        """
        found = self.take(endpoint, destination=destination)
        loan = (Loan(connect(), False, "") if found is None
                else Loan(found.socket, True, found.property))
        try:
            yield loan
        except BaseException:
            loan.socket.close()
            raise
        if loan.socket.fileno() < 0:
            return
        if not loan.keep or is_spoilt(loan.socket):
            loan.socket.close()
            return
        self.put(loan.socket, endpoint, loan.property, ttl, destination=destination)


class Cache(_Requests):
    """The cache that a server keeps, which is looked for unless its path is given.

    Threads may share it: each request has a handle, and with it a connection to the server, for
    itself. After a fork both processes go on with it. Times are in seconds.
    """

    def __init__(self, path: Optional[Path] = None, *, deadline: Optional[float] = None,
                 backoff: Optional[Tuple[float, float]] = None, greeting: bool = True,
                 classic: Optional[bool] = None, hints: bool = True) -> None:
        self._path = None if path is None else os.fsencode(path)
        self._options = {}
        if deadline is not None:
            self._options[_scache.OPT_DEADLINE_MS] = _milliseconds(deadline)
        if backoff is not None:
            self._options[_scache.OPT_BACKOFF_MIN_MS] = _milliseconds(backoff[0])
            self._options[_scache.OPT_BACKOFF_MAX_MS] = _milliseconds(backoff[1])
        if not greeting:
            self._options[_scache.OPT_GREETING] = 0
        if classic is not None:
            self._options[_scache.OPT_CLASSIC] = int(classic)
        if not hints:
            self._options[_scache.OPT_HINTS] = 0
        # Those that nobody uses. A deque's ends can be used by many threads at once.
        self._idle: Deque[_scache.Handle] = collections.deque()
        self._said = threading.local()
        self._is_closed = False
        self._idle.append(self.open_handle())

    def open_handle(self) -> _scache.Handle:
        """A handle with the settings of this cache, for whoever makes requests of its own."""
        handle = _scache.Handle(self._path)
        for option, value in self._options.items():
            handle.set_option(option, value)
        return handle

    @contextlib.contextmanager
    def _handle(self) -> Iterator[_scache.Handle]:
        if self._is_closed:
            raise ValueError("the cache is closed")
        try:
            handle = self._idle.pop()
        except IndexError:
            handle = self.open_handle()
        try:
            yield handle
        finally:
            self._said.miss = handle.miss()
            self._said.path = handle.path
            if self._is_closed:
                handle.close()
            else:
                self._idle.append(handle)

    @property
    def reason(self) -> str:
        """Why this thread's last request was a miss, in one or two words; "none": it was none."""
        return str(getattr(self._said, "miss", ("none", ""))[0])

    @property
    def why(self) -> str:
        """The same as a sentence; empty if it was none."""
        return str(getattr(self._said, "miss", ("none", ""))[1])

    @property
    def path(self) -> Optional[str]:
        """The server that this thread's last request has tried."""
        return getattr(self._said, "path", None)

    def close(self) -> None:
        """Close the connections to the server. What is cached stays there."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().close()

    def __enter__(self) -> "Cache":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], *_: object) -> None:
        self.close()


class LocalCache(_Requests):
    """A cache in this process, of the same kind, which ends with it and which nobody else sees.

    Its requests wait for nobody, so threads may share it. A child of a fork finds it empty.
    """

    def __init__(self, max_connections: int = 256) -> None:
        self._only = _scache.Handle(local=True)
        self._only.set_option(_scache.OPT_MAX_CONNECTIONS, max_connections)

    @contextlib.contextmanager
    def _handle(self) -> Iterator[_scache.Handle]:
        yield self._only

    @property
    def reason(self) -> str:
        """Why the last request was a miss, in one or two words; "none": it was none."""
        return self._only.miss()[0]

    @property
    def why(self) -> str:
        """The same as a sentence; empty if it was none."""
        return self._only.miss()[1]

    def expire(self) -> Optional[float]:
        """Close what has expired. Returns in how many seconds the next will; None: nothing is."""
        self._only.dispatch()
        milliseconds = self._only.wait()[2]
        return None if milliseconds < 0 else milliseconds / 1000

    def close(self) -> None:
        """Close all connections that are cached."""
        self._only.close()

    def __enter__(self) -> "LocalCache":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], *_: object) -> None:
        self.close()
