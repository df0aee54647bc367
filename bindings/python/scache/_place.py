# SPDX-License-Identifier: BSD-2-Clause
"""What the adapters have in common: a place with a label, connections taken for it and kept."""

import socket
import threading
from typing import Dict, List, Optional, Union

from ._cache import Cache
from ._sockets import Found, is_spoilt
from ._texts import Label, Text

_lock = threading.Lock()
_default: List[Cache] = []


def default_cache() -> Cache:
    """The cache of programs that name none; its server is looked for."""
    with _lock:
        if not _default:
            _default.append(Cache())
        return _default[0]


class Place:
    """A host and port, with all that makes connections to it unlike others.

    A connection is found by its name, which costs no look-up of that, and saved under the address
    that was reached, to which the name is bound.
    """

    def __init__(self, cache: Optional[Cache], ttl: int, host: str, port: int,
                 **fields: Union[str, int]) -> None:
        self.cache = default_cache() if cache is None else cache
        self.ttl = ttl
        self._fields: Dict[str, Union[str, int]] = fields
        self.destination = Label(**fields).host(host, port)

    def take(self, timeout: Optional[float] = None) -> Optional[Found]:
        """A connection that was kept, with a time limit set on it; or None."""
        found = self.cache.take(destination=self.destination)
        if found is not None:
            found.socket.settimeout(timeout)
        return found

    def keep(self, sock: socket.socket, text: Text = "") -> bool:
        """Give away a connection that is at rest; closed if something speaks against it."""
        if is_spoilt(sock):
            sock.close()
            return False
        endpoint = Label(**self._fields).peer(sock)
        return self.cache.put(sock, endpoint, text, self.ttl, destination=self.destination)


def limit_of(timeout: object) -> Optional[float]:
    """The time limit that a library was given, which may be an object for the default."""
    if timeout is None or isinstance(timeout, (int, float)):
        return timeout
    return socket.getdefaulttimeout()


def source_of(address: object) -> str:
    """The source address that was asked for, as a field of a label."""
    return "" if address is None else repr(address)
