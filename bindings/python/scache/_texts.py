# SPDX-License-Identifier: BSD-2-Clause
"""Labels and properties: any bytes but NUL; what is a str is UTF-8, the rest as surrogates."""

from typing import Protocol, Union

from . import _scache

Text = Union[str, bytes, "Label"]


class HasFileno(Protocol):  # pylint: disable=too-few-public-methods
    """Anything with a descriptor."""

    def fileno(self) -> int:
        """The descriptor."""


def to_bytes(text: Text) -> bytes:
    """The bytes of a text."""
    if isinstance(text, str):
        return text.encode("utf-8", "surrogateescape")
    if isinstance(text, (bytes, Label)):
        return bytes(text)
    raise TypeError(f"a label or property is str, bytes or Label, not {type(text).__name__}")


class Label:
    """Joins named fields to a label, so that no two different lists of fields give the same one.

        Label(protocol="redis", user="", database=0).host("db.example.org", 6379)

    What belongs in it is everything that makes two connections unequal; see scache_label(3).
    Fields that are equal but in another order give another label.
    """

    def __init__(self, **fields: Union[str, bytes, int]) -> None:
        self._label = _scache.Label()
        for name, value in fields.items():
            self.add(name, value)

    def add(self, name: str, value: Union[str, bytes, int]) -> "Label":
        """Add one field."""
        if isinstance(value, int):
            value = str(int(value))
        if isinstance(value, str):
            value = value.encode("utf-8", "surrogateescape")
        self._label.add(name, value)
        return self

    def host(self, host: str, port: Union[str, int]) -> "Label":
        """Add a place by its name, with the network and the resolver in which it has that name."""
        self._label.add_host(host, str(port))
        return self

    def peer(self, sock: HasFileno) -> "Label":
        """Add the address that a connected Internet socket leads to, with its network."""
        self._label.add_peer(sock.fileno())
        return self

    def address(self, address: str, port: int, scope: int = 0) -> "Label":
        """Add a numeric Internet address, with the network of this thread."""
        self._label.add_internet(address, port, scope)
        return self

    def local(self, path: Union[str, bytes]) -> "Label":
        """Add a UNIX-domain socket; a name that begins with NUL has no file."""
        if isinstance(path, str):
            path = path.encode("utf-8", "surrogateescape")
        self._label.add_local(path)
        return self

    def __bytes__(self) -> bytes:
        return bytes(self._label)

    def __str__(self) -> str:
        return bytes(self).decode("utf-8", "surrogateescape")

    def __repr__(self) -> str:
        return f"<scache.Label {bytes(self)!r}>"
