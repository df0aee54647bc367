# SPDX-License-Identifier: BSD-2-Clause
"""Says hello to an echo server: `python3 echo.py HOST PORT`.

Run twice, the second process goes on with the connection of the first.
"""

import socket
import sys

import scache

host, port = sys.argv[1], int(sys.argv[2])
label = scache.Label(protocol="echo", user="").host(host, port)

with scache.Cache() as cache:
    with cache.borrow(label, lambda: socket.create_connection((host, port), 5)) as loan:
        loan.socket.sendall(b"hello\n")
        print(loan.socket.makefile().readline(), end="")
        print("reused a connection" if loan.is_reused else f"opened a connection: {cache.why}")
