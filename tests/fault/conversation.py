"""What two clients say to a server in which one call fails, and what they expect of it.

They save, bind, find, put, take, let expire, meet limits and misbehave. Whatever fails, each step
must be served, or refused properly and then served when tried again; nothing that was saved may
be lost or mixed up, and nothing may be left over.
"""

import os
import socket
import time

from support.client import DUMMY, GREETING, Client, encode, inode, receive, receive_exactly
from support.client import send_with_fds

from . import plan

HANG = 5  # Seconds without an answer.
SOON = 3


class Finding(Exception):
    """Something that must not be."""


class Refused(Exception):
    """The server has closed a client's connection."""


class Ended(Exception):
    """The server has ended."""


class Caller(Client):
    """A client that takes being closed for an answer."""

    def __init__(self, path):
        super().__init__(path, HANG, greeting=False)

    def ask_list(self, data, fds=()):
        """Send a list, perhaps with descriptors; the list that comes back, and what came with it."""
        try:
            if fds:
                send_with_fds(self.sock, data, fds)
            else:
                self.send(data)
            pairs, got = self.read_list()
        except (EOFError, ConnectionError) as error:
            raise Refused(str(error)) from error
        return [value for _, value in pairs], got

    def hand_over(self):
        """The descriptor of a find that was answered well."""
        try:
            self.send(DUMMY)
            data, fds = receive(self.sock, 1)
            if data:
                self.send(DUMMY)
        except ConnectionError as error:
            raise Refused(str(error)) from error
        if not data:
            raise Refused("in the midst of a find")
        if data != b"\0" or len(fds) != 1:
            raise Finding(f"a find gave {data!r} with {len(fds)} descriptors")
        return fds[0]


class Saved:
    """A connection of ours that the server was given."""

    def __init__(self, label, number):
        self.label, self.text = label, f"property {number}"
        self.near, self.far = socket.socketpair()
        self.inode = inode(self.near.fileno())
        self.acknowledged = self.taken = False

    def closed(self, timeout=SOON):
        """Whether nobody has the near end any longer."""
        self.far.settimeout(timeout)
        try:
            return self.far.recv(1) == b""
        except ConnectionResetError:
            return True
        except (TimeoutError, BlockingIOError):
            return False


class Conversation:
    """The steps, each tried twice at most."""

    def __init__(self, server, page, call="", error=""):
        self.server, self.page = server, page
        self.may_lose = plan.may_lose(call, error)
        # Without a look at it, nothing can be said about its far end.
        self.may_misjudge = call in ("recv", "getsockopt")
        self.callers, self.saved = {}, []
        self.refusals = self.lost = 0

    def caller(self, name):
        """The client of that name, which is connected when it is not."""
        if name not in self.callers:
            self.callers[name] = self.connect()
        return self.callers[name]

    def connect(self):
        """A client that was greeted."""
        end = time.monotonic() + HANG
        while True:
            if not self.server.process.alive():
                raise Ended
            try:
                return self.greeted(Caller(self.server.path), end)
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > end:
                    raise Finding("it does not listen") from None
                time.sleep(0.005)

    def greeted(self, caller, end):
        """Wait for the greeting, as long as somebody is there to say it."""
        caller.sock.settimeout(0.1)
        data = None
        while data is None:
            try:
                data = caller.sock.recv(1)
            except TimeoutError:
                if not self.server.process.alive():
                    raise Ended from None
                if time.monotonic() > end:
                    raise Finding("no greeting: a client hangs") from None
            except ConnectionResetError:
                data = b""
        caller.sock.settimeout(HANG)
        if not data or not receive_exactly(caller.sock, len(GREETING) - 1)[0]:
            caller.close()
            if not self.page.happened:
                raise Ended
            raise Refused("before the greeting")
        return caller

    def leave(self, name):
        """Close a client."""
        if name in self.callers:
            self.callers.pop(name).close()

    def twice(self, name, action):
        """What action(client) returns; once it may be refused, if something has failed."""
        for last in (False, True):
            try:
                result = action(self.caller(name))
            except Refused as refusal:
                self.leave(name)
                result = refusal
            except TimeoutError:
                raise Finding("no answer: a client hangs") from None
            if not isinstance(result, Refused):
                return result
            self.refusals += 1
            if last or not self.page.happened:
                raise Finding(f"refused {'twice' if last else 'for nothing'}: {result}")
        return None

    def save(self, name, label, ttl=500, destination=None, classic=False):
        """Save a fresh connection; the last one that was tried."""
        def action(caller):
            one = Saved(label, len(self.saved))
            self.saved.append(one)
            with one.near:
                save = save_classic if classic else save_put
                status = save(caller, one, ttl, destination)
            if status == "0":
                one.acknowledged = True
            elif status == "2":
                return self.not_saved(one)
            else:
                raise Finding(f"a save got status {status}")
            return one
        return self.twice(name, action)

    @staticmethod
    def not_saved(one):
        """A save that was refused has been closed."""
        if not one.closed():
            raise Finding("what was refused is not closed")
        return Refused("status 2")

    def bind(self, name, destination, endpoint, ttl=500):
        """Bind a destination."""
        def action(caller):
            status = caller.ask_list(encode(("request", "save_dest"), ("ttl", ttl),
                                            ("label", destination), ("property", "bound"),
                                            ("label", endpoint)))[0][0]
            return True if status == "0" else Refused(f"status {status}")
        self.twice(name, action)

    def find(self, name, label, how="find_endp", destination=None):
        """Take out a connection that was saved under that label; None if it was lost rightly."""
        def action(caller):
            words, fds = look_up(caller, how, destination or label)
            if words[0] == "2" and self.all_lost(label):
                return None
            if words[0] != "0":
                return Refused(f"status {words[0]}")
            fd = fds[0] if how == "take" and len(fds) == 1 else -1
            if how != "take":
                fd = caller.hand_over()
            return self.check(label, words, fd)
        return self.twice(name, action)

    def check(self, label, words, fd):
        """What was found must be what was saved, whole, and once."""
        if fd < 0:
            raise Finding("status 0 without a descriptor")
        found = inode(fd)
        os.close(fd)
        for one in self.saved:
            if one.inode == found and one.label == label and one.text == words[-1]:
                if one.taken:
                    raise Finding("a connection is found for the second time")
                one.taken = True
                return one
        raise Finding(f"a wrong connection is found for {label}: {words}")

    def all_lost(self, label):
        """Whether all that is left under a label was closed, and may have been."""
        left = [one for one in self.saved
                if one.label == label and one.acknowledged and not one.taken]
        if not left or not self.may_lose or not self.page.happened or len(left) > 1:
            return False
        if not left[0].closed(0.5):
            return False
        left[0].taken = True
        self.lost += 1
        return True

    def expect_miss(self, name, request, *labels):
        """A look-up that finds nothing."""
        def action(caller):
            words = caller.ask_list(encode(("request", request),
                                           *(("label", label) for label in labels)))[0]
            if words[0] == "0":
                raise Finding(f"{request} finds what is not there")
            return words
        self.twice(name, action)

    def run(self):
        """All of it; the server still runs afterwards."""
        self.save("a", "keep one", 900, destination="kept")
        self.save("b", "keep two", 800, classic=True)
        self.save("a", "victim", 400)
        short = self.save("b", "short", 1, classic=True)
        self.bind("b", "short lived", "short", 1)
        self.exchanges()
        self.limits()
        self.rudeness()
        self.server.reload()
        for one in self.saved:
            if one.label == "short" and not one.closed():
                raise Finding("it does not expire")
        short.taken = True
        self.expect_miss("a", "find_endp", "short")

    def exchanges(self):
        """Every request."""
        self.save("a", "one", classic=True)
        self.bind("b", "to one", "one")
        self.find("b", "one", "find_dest", "to one")
        self.save("a", "two", destination="to two")
        self.find("b", "two", "take", "to two")
        self.save("b", "three")
        self.find("a", "three", "take")
        self.save("a", "four", classic=True)
        self.find("b", "four", "find_endp")
        self.expect_miss("a", "find_dest", "nothing")
        self.expect_miss("b", "take", "", "nothing")

    def limits(self):
        """Two connections to an endpoint, two bindings to a destination."""
        first = self.save("a", "limit", 450)
        self.save("b", "limit", 460, classic=True)
        self.save("a", "limit", 470)
        if not first.closed():
            raise Finding("a limit is not kept")
        first.taken = True
        for number in range(3):
            self.bind("a", "limit", f"nowhere {number}", 100 + number)

    def rudeness(self):
        """Surplus descriptors, bad requests, dead peers, and clients that leave."""
        self.twice("b", self.two_at_once)
        self.twice("a", lambda caller: self.answered(caller, "1", ("request", "put"), ("ttl", 0)))
        dead = self.save("b", "dead")
        for one in self.saved:
            if one.label == "dead":
                one.far.close()
        dead.taken = True
        if not self.may_misjudge:
            self.expect_miss("a", "find_endp", "dead")
        self.twice("b", lambda caller: look_up(caller, "find_endp", "keep two"))
        self.leave("b")
        self.burst()

    def burst(self):
        """Clients that come and go, so that tables grow; and half a request."""
        crowd = []
        for number in range(12):
            crowd.append(f"crowd {number}")
            self.bind(crowd[-1], f"crowd {number}", "nowhere")
        self.caller(crowd[0]).send(b"request\0save_endp\0tt")
        for name in crowd:
            self.leave(name)

    @staticmethod
    def answered(caller, wanted, *pairs):
        """A list that gets one certain status."""
        status = caller.ask_list(encode(*pairs))[0][0]
        return True if status == wanted else Refused(f"status {status} instead of {wanted}")

    @staticmethod
    def two_at_once(caller):
        """One descriptor too many: none is kept."""
        ones = [Saved("surplus", n) for n in range(2)]
        caller.ask_list(encode(("request", "save_endp"), ("ttl", 500), ("label", "surplus"),
                               ("property", "")))
        words = caller.ask_list(b"\0", [one.near.fileno() for one in ones])[0]
        for one in ones:
            one.near.close()
            if not one.closed():
                raise Finding("a surplus descriptor is not closed")
        return True if words == ["2"] else Refused(f"status {words}")

    def collect(self):
        """Everything that was kept must be there; then nobody may have any of it."""
        for name in list(self.callers):
            self.leave(name)
        self.find("c", "keep one", "find_dest", "kept")
        self.find("c", "keep two", "find_endp")
        self.find("c", "victim", "take")
        while any(one.label == "limit" and not one.taken and not one.closed(0)
                  for one in self.saved):
            self.find("c", "limit", "take")
        self.empty()
        self.leave("c")
        if self.lost > 1:
            raise Finding(f"{self.lost} connections are lost to one fault")

    def empty(self):
        """Retries may have left copies of what is otherwise gone."""
        for label in {one.label for one in self.saved}:
            while self.twice("c", lambda caller, name=label: drop_one(caller, name)):
                pass
        for one in self.saved:
            if one.far.fileno() >= 0 and not one.closed():
                raise Finding(f"somebody still has a connection of {one.label!r}")

    def close(self):
        """Nothing of ours is to be left open."""
        for name in list(self.callers):
            self.leave(name)
        for one in self.saved:
            one.near.close()
            one.far.close()


def save_put(caller, one, ttl, destination):
    """In one message; the status."""
    more = (("ttl", ttl), ("label", destination), ("property", "bound")) if destination else ()
    data = encode(("request", "put"), ("ttl", ttl), ("label", one.label), ("property", one.text),
                  *more)
    return caller.ask_list(data, [one.near.fileno()])[0][0]


def save_classic(caller, one, ttl, _):
    """In Postfix's two steps; the status."""
    words = caller.ask_list(encode(("request", "save_endp"), ("ttl", ttl), ("label", one.label),
                                   ("property", one.text)))[0]
    if words != [""]:
        return words[0]
    return caller.ask_list(b"\0", [one.near.fileno()])[0][0]


def look_up(caller, how, label):
    """The words of the reply, and what came with it; the first label of a take is no destination."""
    if how == "take":
        labels = [("label", label)] * 2
    else:
        labels = [("label", label)]
    words, fds = caller.ask_list(encode(("request", how), *labels))
    return words, fds


def drop_one(caller, label):
    """Take out and close what is there; whether there was anything."""
    words, fds = look_up(caller, "take", label)
    for fd in fds:
        os.close(fd)
    return words[0] == "0"
