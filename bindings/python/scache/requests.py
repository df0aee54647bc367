# SPDX-License-Identifier: BSD-2-Clause
"""requests and urllib3 with a cache: a program changes by one line.

    session.mount("http://", scache.requests.Adapter())

A connection goes back into the cache as soon as its response was read to its end, so that any
process can use it, and each request takes one. With stream=True that is when the response was read
or closed.
"""

from typing import Any, Optional

import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection as _Connection
from urllib3.connectionpool import HTTPConnectionPool as _Pool

from ._cache import Cache
from ._http import Shared

__all__ = ["Adapter", "PoolManager"]


class _SharedConnection(Shared, _Connection):
    """urllib3's connection, with a cache."""

    def __init__(self, *words: Any, scache_cache: Optional[Cache] = None, scache_ttl: int = 60,
                 **more: Any) -> None:
        super().__init__(*words, **more)
        self.share(scache_cache, scache_ttl)

    def _new_conn(self) -> Any:
        return self._take() or super()._new_conn()


class _SharedPool(_Pool):
    """urllib3's pool, which keeps nothing to itself."""

    ConnectionCls = _SharedConnection

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.close()
        super()._put_conn(conn)


class PoolManager(urllib3.PoolManager):
    """urllib3's pool manager, with a cache for http."""

    pool_classes_by_scheme: Any

    def __init__(self, *words: Any, cache: Optional[Cache] = None, ttl: int = 60,
                 **more: Any) -> None:
        super().__init__(*words, **more)
        cached = {"http": lambda *pool, **settings: _SharedPool(
            *pool, scache_cache=cache, scache_ttl=ttl, **settings)}
        self.pool_classes_by_scheme = {**self.pool_classes_by_scheme, **cached}


class Adapter(HTTPAdapter):
    """requests' adapter, with a cache."""

    def __init__(self, cache: Optional[Cache] = None, ttl: int = 60, **more: Any) -> None:
        self._scache = cache, ttl
        super().__init__(**more)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False,
                         **settings: Any) -> None:
        """Make the pool manager; called by requests."""
        cache, ttl = self._scache
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block,
                                       cache=cache, ttl=ttl, **settings)
