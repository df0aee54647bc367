"""A plain client of the wire protocol, for tests that care about more than the bytes."""

import array
import fcntl
import os
import socket
import struct
import termios

from .waiting import wait_until

GREETING = b"protocol\0connection_cache_protocol\0\0"
DUMMY = b"dummy\0\0\0"
_INTS = array.array("i")


def encode(*pairs):
    """An attribute list: encode(("request", "find_endp"), ("label", "x"))."""
    text = b"".join(_bytes(name) + b"\0" + _bytes(value) + b"\0" for name, value in pairs)
    return text + b"\0"


def _bytes(value):
    return value if isinstance(value, bytes) else str(value).encode()


def receive(sock, count):
    """At most `count` bytes and the descriptors that came with them."""
    data, control, flags, _ = sock.recvmsg(count, socket.CMSG_SPACE(64 * _INTS.itemsize),
                                           socket.MSG_CMSG_CLOEXEC)
    fds = array.array("i")
    for level, kind, payload in control:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fds.frombytes(payload[:len(payload) - len(payload) % fds.itemsize])
    assert not flags & socket.MSG_CTRUNC, "descriptors were cut off"
    return data, list(fds)


def receive_exactly(sock, count):
    """Exactly `count` bytes, unless end of file comes first, and the descriptors among them."""
    data, fds = b"", []
    while len(data) < count:
        more, extra = receive(sock, count - len(data))
        fds += extra
        if not more:
            break
        data += more
    return data, fds


def send_with_fds(sock, data, fds):
    """Send bytes in one message with descriptors on the first."""
    sock.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])


def inode(fd):
    """What tells one open socket from another: its inode number."""
    info = os.fstat(fd)
    return info.st_dev, info.st_ino


class Client:
    """One connection to a server; every call waits at most `timeout` seconds."""

    def __init__(self, path, timeout=5, greeting=True):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(timeout)
        try:
            self.sock.connect(str(path))
            if greeting:
                got = receive_exactly(self.sock, len(GREETING))[0]
                assert got == GREETING, f"greeting is {got!r}"
        except BaseException:
            self.sock.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Leave."""
        self.sock.close()

    def send(self, data):
        """Send bytes."""
        self.sock.sendall(data)

    def send_and_see_read(self, data, timeout=2):
        """Send bytes and wait until the server has read them."""
        self.send(data)
        wait_until(lambda: not self._unread(), timeout, "the server to read")

    def _unread(self):
        """How much the server has not read yet."""
        return struct.unpack("i", fcntl.ioctl(self.sock, termios.TIOCOUTQ, bytes(4)))[0]

    def read_list(self):
        """The next attribute list, as pairs of text, and the descriptors that came with it."""
        data, fds = b"", []
        while not (data == b"\0" or (data.endswith(b"\0\0") and self._complete(data))):
            more, extra = receive(self.sock, 1)
            if not more:
                raise EOFError(f"server left after {data!r}")
            data += more
            fds += extra
        parts = data[:-1].split(b"\0")[:-1]
        names, values = parts[0::2], parts[1::2]
        return [(n.decode(), v.decode("latin-1")) for n, v in zip(names, values)], fds

    @staticmethod
    def _complete(data):
        """Whether the closing NUL is an empty name rather than the end of an empty value."""
        return len(data[:-1].split(b"\0")[:-1]) % 2 == 0

    def ask(self, *pairs):
        """Send a list and return the values of the list that comes back."""
        self.send(encode(*pairs))
        return [value for _, value in self.read_list()[0]]

    def status(self, *pairs):
        """Send a list and return the status that comes back."""
        return int(self.ask(*pairs)[0])

    def save_endp(self, label, fd, ttl=10, prop="p"):
        """Save a copy of a descriptor; returns the status."""
        first = self.ask(("request", "save_endp"), ("ttl", ttl), ("label", label),
                         ("property", prop))
        if first != [""]:
            return int(first[0])
        send_with_fds(self.sock, b"\0", [fd])
        return int(self.read_list()[0][0][1])

    def save_dest(self, label, endpoint, ttl=10, prop="d"):
        """Bind a destination to an endpoint; returns the status."""
        return self.status(("request", "save_dest"), ("ttl", ttl), ("label", label),
                           ("property", prop), ("label", endpoint))

    def find_endp(self, label):
        """(status, endpoint's property, descriptor or -1)."""
        return self._found(self.ask(("request", "find_endp"), ("label", label)))

    def find_dest(self, label):
        """(status, destination's property, endpoint's property, descriptor or -1)."""
        return self._found(self.ask(("request", "find_dest"), ("label", label)))

    def _found(self, values):
        fd = self._hand_over() if values[0] == "0" else -1
        return (int(values[0]), *values[1:], fd)

    def _hand_over(self):
        self.send(DUMMY)
        data, fds = receive(self.sock, 1)
        assert data == b"\0" and len(fds) == 1, (data, fds)
        self.send(DUMMY)
        return fds[0]


def keep(client, label, ttl=10, prop="p"):
    """Save one end of a fresh socket pair; returns the other end."""
    near, far = socket.socketpair()
    with near:
        assert client.save_endp(label, near.fileno(), ttl, prop) == 0
    return far


def at_eof(sock, timeout):
    """Whether end of file arrives within `timeout` seconds."""
    sock.settimeout(timeout)
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
