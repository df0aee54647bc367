"""Connections that are cached, and their far ends."""

import os
import socket

from .client import Client, encode


class Cached:
    """Connections cached by this process, whose far ends stay open."""

    def __init__(self, server):
        self.client = Client(server.path)
        self.pairs = []

    def put(self, label, destination=None, ttl=50, prop="p"):
        """Save one, and a binding if there is a destination."""
        near, far = socket.socketpair()
        more = [("ttl", str(ttl)), ("label", destination), ("property", "d")] if destination else []
        data = encode(("request", "put"), ("ttl", str(ttl)), ("label", label),
                      ("property", prop), *more)
        socket.send_fds(self.client.sock, [data], [near.fileno()])
        assert self.client.read_list()[0][0] == ("status", "0")
        near.close()
        self.pairs.append(far)

    def take(self, label):
        """The status of a take."""
        self.client.send(encode(("request", "take"), ("label", ""), ("label", label)))
        reply, fds = self.client.read_list()
        for fd in fds:
            os.close(fd)
        return int(reply[0][1])
