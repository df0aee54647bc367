# SPDX-License-Identifier: BSD-2-Clause
"""Descriptors whose last close hangs for as long as wished, and bystanders who must not notice."""

import contextlib
import ctypes
import mmap
import os
import socket
import struct
import threading
import time

from . import fuse
from .client import send_with_fds

libc = ctypes.CDLL(None, use_errno=True)


class HeldPipe:
    """A pipe in the midst of a write(2) that waits for a page of a hanging file.

    As long as it does, whoever makes the last close of `near` hangs, and no signal helps.
    """

    def __init__(self, file):
        self.near, self._far = os.pipe()
        with open(file.path, "rb+") as page:
            self._map = mmap.mmap(page.fileno(), mmap.PAGESIZE, mmap.MAP_PRIVATE)
        self._address = ctypes.addressof(ctypes.c_char.from_buffer(self._map))
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()
        file.hanging.wait(5)

    def _write(self):
        libc.write(self._far, ctypes.c_void_p(self._address), 1)

    def end(self):
        """When the file has let go."""
        self._writer.join(5)
        os.close(self._far)


@contextlib.contextmanager
def held_pipes(count):
    """So many of them; they are let go at the end."""
    with fuse.HangingFile(hangs=(fuse.READ,)) as file:
        pipes = [HeldPipe(file) for _ in range(count)]
        try:
            yield [pipe.near for pipe in pipes]
        finally:
            file.let_go()
            for pipe in pipes:
                pipe.end()


def wrapped(fd):
    """A socket in whose queue that descriptor lies, which is closed here."""
    near, far = socket.socketpair()
    send_with_fds(far, b"x", [fd])
    os.close(fd)
    far.close()
    return near


def lingering(seconds=3):
    """A non-blocking TCP socket whose last close takes so many seconds; and its far end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        near = socket.create_connection(listener.getsockname())
        far = listener.accept()[0]
    near.setblocking(False)
    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, seconds))
    with contextlib.suppress(BlockingIOError):
        while True:
            near.send(bytes(65536))
    return near, far


class Bystander(threading.Thread):
    """Another client, which measures the longest time that a look-up took."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.client, self.worst, self.going = server.connect(30), 0, True

    def run(self):
        while self.going:
            start = time.monotonic()
            self.client.find_endp("nothing")
            self.worst = max(self.worst, time.monotonic() - start)
            time.sleep(0.002)

    def stop(self):
        """The worst time in seconds."""
        self.going = False
        self.join()
        self.client.close()
        return self.worst
