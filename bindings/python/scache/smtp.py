# SPDX-License-Identifier: BSD-2-Clause
"""smtplib with a cache: a program changes by one line.

    from scache.smtp import SMTP        # instead of: from smtplib import SMTP

quit(), close() and the end of a with statement keep a session that is at rest. The next program
begins with EHLO, which ends whatever was left half done (RFC 5321, 4.1.4). Who logs in says so when
the session is made, SMTP(host, port, user="alice"), so that sessions of different users never
meet.
"""

import smtplib
import socket
from typing import Any, Optional, Tuple

from ._cache import Cache
from ._place import Place, limit_of, source_of

__all__ = ["SMTP"]

Reply = Tuple[int, bytes]
BYE = 421


class SMTP(smtplib.SMTP):
    """As smtplib's, with sessions that are taken from a cache and kept there."""

    def __init__(self, host: str = "", port: int = 0, local_hostname: Optional[str] = None,
                 *words: Any, user: str = "", cache: Optional[Cache] = None, ttl: int = 60,
                 **more: Any) -> None:
        self._cache = cache
        self._ttl = ttl
        self._wanted_user = user
        self._user = ""  # Who is logged in.
        self._is_reused = False
        self._is_due = False  # A reply is.
        # The label has the name in it by which we say hello, which is not known before.
        super().__init__("", 0, local_hostname, *words, **more)
        self._host = host  # Of TLS.
        if host:
            code, said = self.connect(host, port)
            if code != 220:
                self._drop()
                raise smtplib.SMTPConnectError(code, said)

    @property
    def is_reused(self) -> bool:
        """Whether the session came out of the cache."""
        return self._is_reused

    def _find_place(self, host: str, port: int, source: object, user: str) -> Place:
        return Place(self._cache, self._ttl, host, port, service="python smtplib",
                     protocol="smtp", tls="none", user=user, ehlo=self.local_hostname,
                     source=source_of(source))

    def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> Reply:
        """Take a session that was kept, or open one."""
        if not port and host.count(":") == 1:
            name, _, digits = host.rpartition(":")
            if digits.isdigit():
                host, port = name, int(digits)
        port = port or self.default_port
        source = source_address or self.source_address
        self._where = host, port, source
        while (session := self._find_place(*self._where, self._wanted_user).take(
                limit_of(self.timeout))) is not None:
            if (reply := self._resume(session.socket)) is not None:
                return reply
        self._is_reused = False
        self._user = ""
        return super().connect(host, port, *([source] if source else []))

    def _resume(self, sock: socket.socket) -> Optional[Reply]:
        """Begin anew on a session; None: it is of no use any more."""
        self.sock, self.file = sock, None
        self._is_reused = True
        self._user = self._wanted_user
        try:
            code, said = self.ehlo()
        except (OSError, smtplib.SMTPException):
            code, said = -1, b""
        if code == 250:
            return 220, said
        self._drop()
        return None

    def send(self, s: Any) -> None:
        """Send anything; an answer is due from then on."""
        self._is_due = True
        super().send(s)

    def getreply(self) -> Reply:
        """The reply to what was sent."""
        reply = super().getreply()
        self._is_due = reply[0] in (-1, BYE, 354)
        return reply

    def login(self, user: str, password: str, **more: Any) -> Reply:
        """Log in, unless this user is logged in already."""
        if self._user == user:
            return 235, b"logged in already"
        if self._user or (self._wanted_user and self._wanted_user != user):
            raise ValueError(f"the session is for {self._user or self._wanted_user}")
        self._is_due = True
        reply = super().login(user, password, **more)
        self._user = user
        self._is_due = False
        return reply

    def starttls(self, *words: Any, **more: Any) -> Reply:
        """TLS, whose keys are in this process: such a session is not kept."""
        if self._is_reused:
            raise ValueError("a session that was kept is in the clear")
        self._where = None  # type: ignore[assignment]
        return super().starttls(*words, **more)

    def _has_unread(self) -> bool:
        """Whether something came that nobody has asked for."""
        if self.file is None:
            return False
        assert self.sock is not None
        self.sock.settimeout(0)
        try:
            return bool(self.file.peek(1))
        except (OSError, ValueError):
            return True

    def _is_at_rest(self) -> bool:
        return (isinstance(self.sock, socket.socket) and self._where is not None and
                not self._is_due and not self._has_unread())

    def _drop(self) -> None:
        """Close it for good."""
        self._is_due = True
        self.close()

    def close(self) -> None:
        """Keep the session if it is at rest; close it otherwise."""
        sock = self.sock
        if sock is not None and self._is_at_rest():
            kept = socket.socket(fileno=sock.dup().detach())
            self._find_place(*self._where, self._user).keep(kept)
        self._is_due = True
        super().close()

    def quit(self) -> Reply:
        """End the session for this program. It is kept, so nothing is said to the server."""
        if not self._is_at_rest():
            return super().quit()
        self.close()
        self.ehlo_resp = self.helo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False
        return 221, b"kept"

    def __exit__(self, *error: Any) -> None:
        if self.sock is not None and self._is_at_rest():
            self.close()
        else:
            super().__exit__(*error)
