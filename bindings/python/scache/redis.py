# SPDX-License-Identifier: BSD-2-Clause
"""redis-py with a cache: a program changes by one line.

    client = redis.Redis(connection_pool=scache.redis.ConnectionPool(host="db.example.org"))

A connection goes back into the cache as soon as its command was answered, after a RESET (Redis
6.2), which ends transactions, subscriptions and log-ins; whoever takes it logs in and selects a
database as if it were new. What RESET leaves behind (CLIENT NO-EVICT and the like) keeps a
connection out.
"""

from typing import Any, Iterator, List, Optional

import redis as _redis
from redis.connection import Connection as _Connection

from ._cache import Cache
from ._place import Place, limit_of

__all__ = ["Connection", "ConnectionPool"]

# Words behind CLIENT that change what RESET does not bring back.
LASTING = {b"NO-EVICT", b"NO-TOUCH", b"REPLY"}


def _commands(text: bytes) -> Iterator[List[bytes]]:
    """The commands in what is sent: arrays of strings, each with its length before it."""
    at = 0
    while at < len(text):
        end = text.index(b"\r\n", at)
        words = []
        for _ in range(int(text[at + 1:end])):
            start = text.index(b"\r\n", end + 2) + 2
            length = int(text[end + 3:start - 2])
            words.append(text[start:start + length])
            end = start + length
        yield words
        at = end + 2


class Connection(_Connection):
    """redis-py's connection, with a cache."""

    _sock: Any

    def __init__(self, *words: Any, scache_cache: Optional[Cache] = None, scache_ttl: int = 60,
                 **more: Any) -> None:
        self._scache = scache_cache, scache_ttl
        self._is_reused = False
        self._is_spoilt = False
        self._due = 0  # Replies that were not read.
        super().__init__(*words, **more)

    @property
    def is_reused(self) -> bool:
        """Whether the connection came out of the cache."""
        return self._is_reused

    def _place(self) -> Place:
        cache, ttl = self._scache
        return Place(cache, ttl, self.host, self.port, service="redis-py", protocol="redis",
                     tls="none", user="", database=0)

    def _connect(self) -> Any:
        """Take a connection, or open one; called by redis-py."""
        self._is_spoilt = False
        self._due = 0
        found = self._place().take(limit_of(self.socket_timeout))
        self._is_reused = found is not None
        return super()._connect() if found is None else found.socket

    def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        """Send commands, each of which is answered once."""
        text = command if isinstance(command, (bytes, str)) else b"".join(command)
        for words in _commands(text.encode() if isinstance(text, str) else bytes(text)):
            self._due += 1
            if words[0].upper() == b"CLIENT" and words[1:2] and words[1].upper() in LASTING:
                self._is_spoilt = True
        super().send_packed_command(command, check_health)

    def read_response(self, *words: Any, **more: Any) -> Any:
        """Read one reply."""
        try:
            response = super().read_response(*words, **more)
        except _redis.ResponseError:
            self._due -= 1
            raise
        self._due -= 1
        return response

    def keep(self) -> None:
        """Reset it and give it to the cache, or close it if it is not at rest."""
        sock = self._sock
        if sock is None or self._due != 0 or self._is_spoilt:
            self.disconnect()
            return
        try:
            self.send_packed_command(self.pack_command("RESET"), check_health=False)
            is_reset = self.read_response() in (b"RESET", "RESET") and not self.can_read(0)
        except (_redis.RedisError, OSError):
            is_reset = False
        if not is_reset or self._sock is None:
            self.disconnect()
            return
        copy = sock.dup()
        self._parser.on_disconnect()
        self._sock = None
        sock.close()
        self._place().keep(copy)


class ConnectionPool(_redis.ConnectionPool):
    """redis-py's pool, which keeps nothing to itself."""

    def __init__(self, cache: Optional[Cache] = None, ttl: int = 60, **more: Any) -> None:
        more.setdefault("connection_class", Connection)
        if issubclass(more["connection_class"], Connection):
            more.update(scache_cache=cache, scache_ttl=ttl)
        super().__init__(**more)

    def release(self, connection: Any) -> None:
        """Take a connection back, into the cache."""
        if isinstance(connection, Connection) and self.owns_connection(connection):
            connection.keep()
        super().release(connection)
