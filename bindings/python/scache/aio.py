# SPDX-License-Identifier: BSD-2-Clause
"""The same caches for asyncio, and a stream that is cached instead of closed.

    cache = scache.aio.Cache()
    stream = await scache.aio.open_connection(cache, "example.org", 7, label)
    stream.writer.write(b"hello")
    await stream.writer.drain()
    ...
    await stream.keep()     # or stream.close()
"""

import asyncio
import collections
import contextlib
import os
import select
import socket as _socket
from typing import Any, Deque, Iterator, Optional

from . import _scache
from ._cache import Cache as _Blocking
from ._cache import Path, put_words
from ._sockets import Found, Given, giving, is_spoilt, to_found
from ._texts import Label, Text, to_bytes

__all__ = ["Cache", "Stream", "open_connection"]


async def _ready(handle: _scache.Handle) -> None:
    """Wait for what a handle waits for."""
    loop = asyncio.get_running_loop()
    fd, events, milliseconds = handle.wait()
    future: "asyncio.Future[None]" = loop.create_future()

    def wake() -> None:
        if not future.done():
            future.set_result(None)

    timer = None if milliseconds < 0 else loop.call_later(milliseconds / 1000, wake)
    if events & select.POLLIN:
        loop.add_reader(fd, wake)
    if events & select.POLLOUT:
        loop.add_writer(fd, wake)
    try:
        await future
    finally:
        # Before the next dispatch, which may close that descriptor.
        if events & select.POLLIN:
            loop.remove_reader(fd)
        if events & select.POLLOUT:
            loop.remove_writer(fd)
        if timer is not None:
            timer.cancel()


async def _outcome(handle: _scache.Handle) -> int:
    """The outcome of a request that was started; one that is cancelled is given up."""
    try:
        while (outcome := handle.dispatch()) == _scache.PENDING:
            await _ready(handle)
        return outcome
    except BaseException:
        handle.cancel()
        raise


class Cache:
    """The cache that a server keeps, as scache.Cache has it, for one event loop.

    Tasks may share it. Why a request was a miss is told by reason and why, until the next one of
    any task ends.
    """

    def __init__(self, path: Optional[Path] = None, **options: Any) -> None:
        self._blocking = _Blocking(path, **options)
        self._idle: Deque[_scache.Handle] = collections.deque()
        self._miss = ("none", "")

    @contextlib.contextmanager
    def _handle(self) -> Iterator[_scache.Handle]:
        handle = self._idle.pop() if self._idle else self._blocking.open_handle()
        try:
            yield handle
        finally:
            self._miss = handle.miss()
            self._idle.append(handle)

    async def take(self, *endpoints: Text, destination: Optional[Text] = None) -> Optional[Found]:
        """Take a connection: by its destination, else of the first endpoint that has one."""
        labels = tuple(map(to_bytes, endpoints))
        wanted = None if destination is None else to_bytes(destination)
        with self._handle() as handle:
            handle.start_take(wanted, labels)
            if await _outcome(handle) != _scache.DONE:
                return None
            found = handle.steal()
        return None if found is None else to_found(found)

    async def put(self, sock: Given, endpoint: Text, property: Text = "", ttl: int = 60, *,
                  destination: Optional[Text] = None, destination_property: Text = "",
                  destination_ttl: Optional[int] = None) -> bool:
        """Give a connection away, which is closed for the caller in every outcome."""
        with giving(sock) as gift:
            words = put_words(endpoint, property, ttl, destination, destination_property,
                              destination_ttl)
            with self._handle() as handle:
                handle.start_put(gift.pop(), *words)
                return await _outcome(handle) == _scache.DONE

    async def ping(self) -> bool:
        """Whether a server answers."""
        with self._handle() as handle:
            handle.start_ping()
            return await _outcome(handle) == _scache.DONE

    @property
    def reason(self) -> str:
        """Why the request that ended last was a miss, in one or two words; "none": it was none."""
        return self._miss[0]

    @property
    def why(self) -> str:
        """The same as a sentence; empty if it was none."""
        return self._miss[1]

    def close(self) -> None:
        """Close the connections to the server. What is cached stays there."""
        self._blocking.close()
        while self._idle:
            self._idle.pop().close()


class Stream:
    """A pair of asyncio streams that can be kept instead of closed."""

    def __init__(self, cache: Cache, reader: asyncio.StreamReader, writer: asyncio.StreamWriter,
                 is_reused: bool) -> None:
        self._cache = cache
        self.reader = reader
        self.writer = writer
        #: Whether it came out of the cache.
        self.is_reused = is_reused
        #: What its next user must know; at first what its last user said.
        self.property: Text = ""
        self.endpoint: Text = ""
        self.destination: Optional[Text] = None
        self.ttl = 60

    def close(self) -> None:
        """Close it, since nobody could go on with it."""
        self.writer.close()

    async def keep(self) -> bool:
        """Give it to the cache. What makes that impossible closes it; returns whether it was saved.

        Bytes that came and that nobody has read are such a thing, and bytes that were not sent yet.
        """
        transport = self.writer.transport
        if transport.is_closing():
            return False
        transport.pause_reading()  # type: ignore[attr-defined]
        held = self.reader._buffer  # type: ignore[attr-defined]  # pylint: disable=protected-access
        is_idle = not held and not self.reader.at_eof() and transport.get_write_buffer_size() == 0
        sock = transport.get_extra_info("socket")
        copy = _socket.socket(fileno=os.dup(sock.fileno())) if is_idle else None
        # Nothing is sent, and the copy keeps the connection open.
        transport.abort()
        if copy is None:
            return False
        if is_spoilt(copy):
            copy.close()
            return False
        return await self._cache.put(copy, self.endpoint, self.property, self.ttl,
                                     destination=self.destination)


async def open_connection(cache: Cache, host: str, port: int, label: Label, *, ttl: int = 60,
                          **arguments: Any) -> Stream:
    """Open a stream, or take one that was kept, by the label of what makes it unlike others.

    The label needs no place: host and port are added here, to a copy. Other arguments are those of
    asyncio.open_connection().
    """
    if arguments.get("ssl"):
        raise ValueError("the keys of a TLS connection are in this process: it cannot be kept")
    fields = bytes(label)
    destination = Label(fields=fields).host(host, port)
    found = await cache.take(destination=destination)
    if found is not None:
        found.socket.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=found.socket)
    else:
        reader, writer = await asyncio.open_connection(host, port, **arguments)
    stream = Stream(cache, reader, writer, found is not None)
    stream.property = "" if found is None else found.property
    stream.endpoint = Label(fields=fields).peer(writer.get_extra_info("socket"))
    stream.destination = destination
    stream.ttl = ttl
    return stream
