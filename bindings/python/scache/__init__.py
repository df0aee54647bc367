# SPDX-License-Identifier: BSD-2-Clause
"""Give an open connection to a cache instead of closing it; take one instead of opening it.

    cache = scache.Cache()
    label = scache.Label(protocol="echo").host("example.org", 7)

    with cache.borrow(label, lambda: socket.create_connection(("example.org", 7))) as loan:
        loan.socket.sendall(b"hello")
        ...

The cache is a server, scache(8) or Postfix's, or lives in the process (LocalCache). A server that
is away is a miss and never an exception: exceptions are the caller's mistakes. See libscache(3).
"""

from ._cache import Cache, LocalCache, Loan
from ._scache import version
from ._sockets import Found, look
from ._texts import Label

__all__ = ["Cache", "Found", "Label", "Loan", "LocalCache", "look", "version"]
__version__ = version()
