# SPDX-License-Identifier: BSD-2-Clause
"""http.client with a cache: a program changes by one line.

    from scache.http import HTTPConnection      # instead of: from http.client import ...

close() keeps a connection whose last response was read to its end.
"""

import http.client
from typing import Any, Optional

from ._cache import Cache
from ._http import Shared

__all__ = ["HTTPConnection"]


class HTTPConnection(Shared, http.client.HTTPConnection):
    """As http.client's, with connections that are taken from a cache and kept there."""

    def __init__(self, host: str, port: Optional[int] = None, *words: Any,
                 cache: Optional[Cache] = None, ttl: int = 60, **more: Any) -> None:
        super().__init__(host, port, *words, **more)
        self.share(cache, ttl)

    def connect(self) -> None:
        """Take a connection that was kept, or open one."""
        self.sock = self._take()
        if self.sock is None:
            super().connect()

    def __enter__(self) -> "HTTPConnection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
