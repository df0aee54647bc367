# SPDX-License-Identifier: BSD-2-Clause
"""A file system in this process whose one file hangs whoever uses it, for as long as wished.

It speaks just enough of the kernel's FUSE protocol (linux/fuse.h); it needs root and /dev/fuse.
"""

import ctypes
import os
import struct
import tempfile
import threading
from pathlib import Path

from . import needs

LOOKUP, FORGET, GETATTR, OPEN, READ, WRITE, RELEASE = 1, 2, 3, 14, 15, 16, 18
FLUSH, INIT, INTERRUPT = 25, 26, 36
IN_HEADER = struct.Struct("<IIQQIIIHH")
OUT_HEADER = struct.Struct("<IiQ")
ENOSYS = 38
SIZE = 4096
DIRECTORY, FILE = 0o40755, 0o100600
MNT_FORCE, MNT_DETACH = 1, 2

libc = ctypes.CDLL(None, use_errno=True)


def attributes(node):
    """struct fuse_attr; node 1 is the directory, node 2 the file."""
    mode = DIRECTORY if node == 1 else FILE
    return struct.pack("<6Q10I", node, SIZE, 8, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)


class HangingFile:
    """While the context lasts, `path` can be opened.

    Others hang in what they do that is among `hangs` (of FLUSH, which is a close, READ and
    WRITE); this process does not, but for READ.
    """

    def __init__(self, hangs=(FLUSH,)):
        self.hanging = threading.Event()  # somebody has begun to
        self._hangs = hangs
        self._may_end = threading.Event()
        needs.root()
        if not os.path.exists("/dev/fuse"):
            needs.skip("takes /dev/fuse")
        self._device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        self._place = tempfile.mkdtemp(prefix="scache-fuse-", dir="/tmp")
        options = f"fd={self._device},rootmode=40000,user_id=0,group_id=0,allow_other"
        if libc.mount(b"scache", self._place.encode(), b"fuse", 0, options.encode()) < 0:
            os.close(self._device)
            os.rmdir(self._place)
            needs.skip("takes leave to mount")
        self.path = Path(self._place) / "file"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _answer(self, unique, error=0, body=b""):
        header = OUT_HEADER.pack(OUT_HEADER.size + len(body), error, unique)
        try:
            os.write(self._device, header + body)
        except OSError:
            pass  # Who asked has been interrupted and waits no longer.

    def _answer_later(self, unique, body):
        self.hanging.set()
        self._may_end.wait()
        self._answer(unique, 0, body)

    def _serve(self):
        while True:
            try:
                request = os.read(self._device, 1 << 20)
            except OSError:
                return  # It is mounted no longer.
            _, what, unique, node, _, _, pid, _, _ = IN_HEADER.unpack_from(request)
            if what == INIT:
                self._answer(unique, 0, struct.pack("<4I2H2I2H8I", 7, 31, 0, 0, 12, 9, 4096, 1, 0, 0,
                                                    *[0] * 8))
            elif what == LOOKUP:
                self._answer(unique, 0, struct.pack("<4Q2I", 2, 0, 60, 60, 0, 0) + attributes(2))
            elif what == GETATTR:
                self._answer(unique, 0, struct.pack("<Q2I", 60, 0, 0) + attributes(node))
            elif what == OPEN:
                self._answer(unique, 0, struct.pack("<Q2I", 0, 0, 0))
            elif what in (FLUSH, READ, WRITE, RELEASE):
                self._use(what, unique, pid, request)
            elif what not in (FORGET, INTERRUPT):
                self._answer(unique, -ENOSYS)

    def _use(self, what, unique, pid, request):
        body = {READ: bytes(SIZE), WRITE: request[IN_HEADER.size + 16:][:4] + bytes(4)}.get(what, b"")
        if what in self._hangs and (pid != os.getpid() or what == READ):
            threading.Thread(target=self._answer_later, args=(unique, body), daemon=True).start()
        else:
            self._answer(unique, 0, body)

    def let_go(self):
        """From now on all that hangs ends."""
        self._may_end.set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.let_go()
        libc.umount2(self._place.encode(), MNT_FORCE | MNT_DETACH)
        os.close(self._device)
        self._thread.join(5)
        os.rmdir(self._place)
