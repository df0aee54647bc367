"""Which calls fail with which errors, and the page on which a program is told.

The page's layout is that of struct fault_page in inject.h.
"""

import errno
import mmap
import os
import struct

NAME = 24
MOST = 120
HEADER = struct.Struct("=24sIiIIq")
EACH = struct.Struct("=24sQ")
SIZE = HEADER.size + MOST * EACH.size

SCARCE = "ENOMEM EMFILE ENFILE"
SENDS = "EINTR EAGAIN ENOBUFS ENOMEM EPIPE ECONNRESET"
ERRORS = {
    "allocation": "ENOMEM",
    "accept4": "EINTR EAGAIN ECONNABORTED ENOBUFS " + SCARCE,
    "bind": "EADDRINUSE EACCES ENOSPC EROFS ENOMEM",
    "chdir": "EACCES ENOENT EIO",
    "chmod": "EPERM EROFS EIO",
    "chroot": "EPERM EACCES",
    "clock_nanosleep": "EINTR",
    "connect": "EINTR EAGAIN ECONNREFUSED ENOENT EACCES EPROTOTYPE",
    "dup": "EMFILE",
    "epoll_create1": SCARCE,
    "epoll_ctl": "ENOMEM ENOSPC",
    "epoll_wait": "EINTR",
    "eventfd": SCARCE,
    "fcntl": "EINTR EMFILE EIO",
    "fcntl64": "EINTR EMFILE EIO",
    "flock": "EINTR ENOLCK EWOULDBLOCK",
    "fork": "EAGAIN ENOMEM",
    "fstat64": "EIO ENOMEM",
    "getaddrinfo": "ENOMEM EIO",
    "getgrnam": "EIO EMFILE",
    "gethostname": "ENAMETOOLONG",
    "getpeername": "ENOBUFS ENOTCONN",
    "getpwnam": "EIO EMFILE ENOMEM",
    "getrandom": "EINTR ENOSYS",
    "getrlimit64": "EPERM",
    "getsockname": "ENOBUFS",
    "getsockopt": "ENOBUFS EIO",
    "initgroups": "EPERM ENOMEM",
    "kill": "EPERM",
    "lchown": "EPERM EIO",
    "listen": "EADDRINUSE",
    "lstat64": "EACCES EIO ENOMEM",
    "mmap64": "ENOMEM EPERM",
    "nanosleep": "EINTR",
    "open64": "EINTR EACCES EIO " + SCARCE,
    "pipe": "EMFILE ENFILE",
    "pipe2": "EMFILE ENFILE",
    "poll": "EINTR ENOMEM",
    "posix_spawnp": "EAGAIN ENOMEM ENOENT",
    "prctl": "EPERM EINVAL",
    "pthread_create": "EAGAIN EPERM",
    "read": "EINTR EAGAIN EIO",
    "recv": "EINTR EAGAIN ENOMEM ECONNRESET",
    "recvmsg": "EINTR EAGAIN ENOMEM ENOBUFS ECONNRESET",
    "send": SENDS,
    "sendmsg": SENDS + " ETOOMANYREFS",
    "sendto": SENDS,
    "setgid": "EPERM",
    "setrlimit64": "EPERM",
    "setsockopt": "ENOBUFS ENOMEM ENOPROTOOPT",
    "setuid": "EPERM EAGAIN",
    "shutdown": "ENOTCONN ENOBUFS",
    "socket": "EACCES ENOBUFS " + SCARCE,
    "socketpair": SCARCE,
    "syscall": "EPERM ENOSYS",
    "timer_create": "EAGAIN ENOMEM",
    "timer_settime": "EINVAL",
    "timerfd_create": SCARCE,
    "unlink": "EACCES EBUSY EIO",
    "waitpid": "EINTR",
    "write": "EINTR EAGAIN EIO ENOSPC EPIPE",
}

# What lets a server close the connection that would be closed next anyhow.
MAKES_ROOM = {"ENOMEM", "EMFILE", "ENFILE", "ENOBUFS"}


def pairs():
    """Every call with every error that it is given."""
    return [(call, error) for call, errors in ERRORS.items() for error in errors.split()]


def may_lose(call, error):
    """Whether one connection may be closed for it: to make room, or as its peer seems gone."""
    return error in MAKES_ROOM or (call == "recv" and error == "ECONNRESET")


class Page:
    """One fault, and what came of it, in a file that the program maps."""

    def __init__(self, path, call="", error="", nth=0):
        self.path = path
        with open(path, "wb") as file:
            number = getattr(errno, error) if error else 0
            file.write(HEADER.pack(call.encode(), nth, number, 0, 0, 0))
            file.truncate(SIZE)
        fd = os.open(path, os.O_RDWR)
        self._map = mmap.mmap(fd, SIZE)
        os.close(fd)

    def _header(self):
        return HEADER.unpack_from(self._map)

    @property
    def happened(self):
        """Whether the call has failed by now."""
        return self._header()[3] > 0

    @property
    def live_blocks(self):
        """Blocks of memory that were not freed by now."""
        return self._header()[5]

    def counts(self):
        """How often each call was made that was made at all."""
        rows = (EACH.unpack_from(self._map, HEADER.size + n * EACH.size)
                for n in range(self._header()[4]))
        return {name.rstrip(b"\0").decode(): count for name, count in rows if count}

    def close(self):
        """Let go of it."""
        self._map.close()
