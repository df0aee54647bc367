# SPDX-License-Identifier: BSD-2-Clause
"""imaplib with a cache: a program changes by one line.

    from scache.imap import IMAP4       # instead of: from imaplib import IMAP4
    with IMAP4(host, port, user="alice") as session:
        session.login("alice", password)

logout() and the end of a with statement keep a session that is logged in and at rest. Whose session
it shall be is said when it is made, so that sessions of different users never meet.
"""

import imaplib
import socket
from typing import Any, Optional

from ._cache import Cache
from ._place import Place, limit_of

__all__ = ["IMAP4"]


class IMAP4(imaplib.IMAP4):
    """As imaplib's, with sessions that are taken from a cache and kept there."""

    def __init__(self, host: str = "", port: int = 143, *words: Any, user: str = "",
                 cache: Optional[Cache] = None, ttl: int = 60, **more: Any) -> None:
        self._cache = cache
        self._ttl = ttl
        self._wanted_user = user
        self._user = ""  # Who is logged in.
        self._is_reused = False
        self._is_greeted = False
        super().__init__(host, port, *words, **more)

    @property
    def is_reused(self) -> bool:
        """Whether the session came out of the cache."""
        return self._is_reused

    def _place(self, user: str) -> Place:
        return Place(self._cache, self._ttl, self.host, self.port, service="python imaplib",
                     protocol="imap", tls="none", user=user)

    def _create_socket(self, timeout: Optional[float] = None) -> socket.socket:
        """Take a session of that user, or open one; called by imaplib."""
        found = None
        if self._wanted_user:
            found = self._place(self._wanted_user).take(limit_of(timeout))
        self._is_reused = found is not None
        self._is_greeted = False
        self._user = self._wanted_user if found is not None else ""
        if found is not None:
            return found.socket
        return super()._create_socket(timeout)  # type: ignore[misc,no-any-return]

    def _get_response(self, *words: Any) -> Any:
        """A line of the server's. A session that was kept was greeted and logged in before."""
        if self._is_reused and not self._is_greeted:
            self._is_greeted = True
            self.untagged_responses["PREAUTH"] = [b""]
            return b"* PREAUTH"
        return super()._get_response(*words)  # type: ignore[misc]

    def _connect(self) -> None:
        """Begin; over a new connection if the one that was kept is of no use any more."""
        try:
            super()._connect()  # type: ignore[misc]
        except (OSError, imaplib.IMAP4.error):
            if not self._is_reused:
                raise
            imaplib.IMAP4.shutdown(self)
            self.untagged_responses = {}
            self.tagged_commands = {}
            wanted, self._wanted_user = self._wanted_user, ""
            self.open(self.host, self.port)
            self._wanted_user = wanted
            super()._connect()  # type: ignore[misc]

    def login(self, user: str, password: str) -> Any:
        """Log in, unless this user is logged in already."""
        if self._user == user:
            return "OK", [b"logged in already"]
        if self._wanted_user and self._wanted_user != user:
            raise ValueError(f"the session is for {self._wanted_user}")
        result = super().login(user, password)
        self._user = user
        return result

    def starttls(self, *words: Any) -> Any:
        """TLS, whose keys are in this process: such a session is not kept."""
        if self._is_reused:
            raise ValueError("a session that was kept is in the clear")
        self._ttl = 0
        return super().starttls(*words)

    def _come_to_rest(self) -> bool:
        """Leave the mailbox and wait for all answers; whether the session can be kept."""
        if not self._user or self._ttl < 1 or self.state not in ("AUTH", "SELECTED"):
            return False
        if self.tagged_commands and any(v is None for v in self.tagged_commands.values()):
            return False
        try:
            if self.state == "SELECTED":
                return self.unselect()[0] == "OK"
            return self.noop()[0] == "OK"
        except (OSError, imaplib.IMAP4.error):
            return False

    def _has_unread(self) -> bool:
        self.sock.settimeout(0)
        try:
            return bool(self.file.peek(1))  # type: ignore[union-attr]
        except (OSError, ValueError):
            return True

    def logout(self) -> Any:
        """End the session for this program; it is kept if it can be."""
        if not self._come_to_rest() or self._has_unread():
            return super().logout()
        self._place(self._user).keep(socket.socket(fileno=self.sock.dup().detach()))
        self.state = "LOGOUT"
        # Not shut down, which would end it for everybody.
        self.file.close()
        self.sock.close()
        return "BYE", [b"kept"]
