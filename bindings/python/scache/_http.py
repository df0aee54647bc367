# SPDX-License-Identifier: BSD-2-Clause
"""When a connection of http.client is at rest, and when a request may be sent once more.

A connection is at rest when its last response was read to its end and says that it may go on. A
request that met a connection which the far end had closed meanwhile is sent again over a new one,
if that is harmless: its method is idempotent (RFC 9110, 9.2.2) and its body can be sent twice.
"""

import http.client
import socket
from typing import Any, Optional

from ._cache import Cache
from ._place import Place, limit_of, source_of

IDEMPOTENT = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}
LOST = (http.client.RemoteDisconnected, ConnectionResetError, ConnectionAbortedError,
        BrokenPipeError)
REQUEST_TIMEOUT = 408


class Shared:
    """What is mixed into a class of connections on the ground of http.client's."""

    host: str
    port: int
    sock: Optional[socket.socket]
    timeout: Any
    source_address: Any

    def share(self, cache: Optional[Cache], ttl: int) -> None:
        """Use a cache from here on."""
        self._cache = cache
        self._ttl = ttl
        self._is_reused = False
        self._has_asked = False
        self._last: Any = None  # The last response; None: a request is under way, or none was.
        self._request: Any = None  # What may be sent once more.
        self._may_take = True

    @property
    def is_reused(self) -> bool:
        """Whether the connection came out of the cache."""
        return self._is_reused

    def _place(self) -> Place:
        return Place(self._cache, self._ttl, self.host, self.port, service="python http.client",
                     protocol="http/1.1", tls="none", source=source_of(self.source_address))

    def _take(self) -> Optional[socket.socket]:
        """A connection that was kept, unless one has just turned out dead."""
        tunnel = getattr(self, "_tunnel_host", None)
        found = None
        if self._may_take and not tunnel:
            found = self._place().take(limit_of(self.timeout))
        self._is_reused = found is not None
        return None if found is None else found.socket

    def _is_at_rest(self) -> bool:
        if self.sock is None or getattr(self, "_tunnel_host", None):
            return False
        if not self._has_asked:
            return self._is_reused
        last = getattr(self._last, "_original_response", None) or self._last
        return last is not None and last.isclosed() and not last.will_close

    def close(self) -> None:
        """Keep the connection if it is at rest; close it otherwise."""
        if self._is_at_rest():
            sock, self.sock = self.sock, None
            assert sock is not None
            self._place().keep(sock)
        self._has_asked = False
        self._last = None
        super().close()  # type: ignore[misc]

    def putrequest(self, *words: Any, **more: Any) -> None:
        """Begin a request."""
        self._has_asked = True
        self._last = None
        super().putrequest(*words, **more)  # type: ignore[misc]

    def request(self, method: str, url: str, body: Any = None, headers: Any = None,
                **more: Any) -> None:
        """Send a request; once more if a connection that was kept is lost by then."""
        headers = {} if headers is None else headers
        is_short = body is None or isinstance(body, (str, bytes))
        may_repeat = method.upper() in IDEMPOTENT and is_short
        again = (method, url, body, headers, more) if may_repeat else None
        try:
            super().request(method, url, body, headers, **more)  # type: ignore[misc]
        except LOST:
            if again is None or not self._is_reused:
                raise
            self._send_again(again)
        self._request = again

    def _send_again(self, again: Any) -> None:
        method, url, body, headers, more = again
        self._last = None
        super().close()  # type: ignore[misc]
        self._may_take = False
        try:
            super().request(method, url, body, headers, **more)  # type: ignore[misc]
        finally:
            self._may_take = True

    def getresponse(self, *words: Any, **more: Any) -> Any:
        """The response; over a new connection if one that was kept has turned out dead."""
        again, self._request = (self._request if self._is_reused else None), None
        try:
            response = super().getresponse(*words, **more)  # type: ignore[misc]
            if again is None or response.status != REQUEST_TIMEOUT:
                self._last = response
                return response
        except LOST:
            if again is None:
                raise
        # A server that had waited too long says so to whoever comes next, and hangs up.
        self._send_again(again)
        self._last = super().getresponse(*words, **more)  # type: ignore[misc]
        return self._last
