"""Servers in which one call fails: how they are started, ended, and judged."""

import collections
import os
import signal
import time

from support.launch import Alone, MasterServer
from support.process import open_files
from support.waiting import wait_until

from . import plan
from .conversation import HANG, SOON, Conversation, Ended, Finding, Refused

SPEED = 10  # The server's clock runs so many times faster.
CRIES = ("AddressSanitizer", "LeakSanitizer", "runtime error:", "Assertion", "aborting")
# Where these fail, a file may stay that the next server replaces.
KEEPS_FILES = ("flock", "fstat64", "fstatat64", "openat64", "unlinkat")
SETTINGS = {
    "connection_cache_ttl_limit": "1000s",
    "connection_cache_endpoint_session_limit": "2",
    "connection_cache_destination_binding_limit": "2",
}

Outcome = collections.namedtuple("Outcome", "happened kind findings counts blocks")


class Standalone:
    """How the server is started and ended on its own."""

    def __init__(self, program, page):
        words = [f"-o{name}={value}" for name, value in settings(program).items()]
        self.one = Alone(*words, program=program, env=fault_environment(page), sandbox=False)
        self.process, self.path = self.one.process, self.one.path

    def say(self):
        """All that it has said."""
        return self.one.text()

    def reload(self):
        """Have the configuration read again; it may refuse once."""
        for _ in range(2):
            before = self.say().count("configuration")
            self.process.signal(signal.SIGHUP)
            try:
                wait_until(lambda old=before: self.say().count("configuration") > old, SOON / 2)
            except AssertionError:
                continue  # What it said may have been lost.
            if "read again" in self.say().splitlines()[-1]:
                return
        raise Finding("HUP is refused twice")

    def end(self):
        """Ask it to end; its exit status."""
        self.process.signal(signal.SIGTERM)
        return self.process.wait(HANG)

    def leftovers(self):
        """Files that should be gone."""
        return [name for name in os.listdir(self.one.directory) if name != "output"]

    def stop(self):
        """Remove everything."""
        self.process.kill()
        self.one.stop()


class Mastered:
    """The same under what looks like master(8)."""

    def __init__(self, program, page):
        self.one = MasterServer(program, params=settings(program), env=fault_environment(page),
                                args=("-V",))
        self.process, self.path = self.one.process, self.one.path

    def say(self):
        """All that it has said, and logged."""
        return self.one.text() + self.one.logged()

    def reload(self):
        """Under master(8) HUP is nothing."""
        self.process.signal(signal.SIGHUP)

    def end(self):
        """Master leaves; the exit status."""
        self.one.hang_up()
        return self.one.wait_exit(HANG)

    def leftovers(self):
        """It makes no files."""
        return []

    def stop(self):
        """Remove everything."""
        self.one.stop()


def settings(program):
    """A sanitizer does at the end what the sandbox forbids."""
    sanitized = "-asan" in str(program) or os.environ.get("SC_FAULT_SANDBOX") == "no"
    return SETTINGS | ({"connection_cache_sandbox": "no"} if sanitized else {})


def fault_environment(page):
    """What tells a program about the page; and any complaint of a sanitizer is to end it."""
    return {"SC_FAULT_PAGE": page.path if page else "", "SC_FAULT_SPEED": str(SPEED),
            "ASAN_OPTIONS": "exitcode=99",
            "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1:exitcode=99"}


def descriptors(process):
    """What the server has open, as a count of each kind."""
    return collections.Counter(target.partition(":")[0] if ":" in target else "file"
                               for target in open_files(process.pid).values())


def settle(process, before):
    """What is open beyond what was open before, when it has had the time to be closed."""
    end = time.monotonic() + SOON
    while True:
        more = descriptors(process) - before
        if not more or time.monotonic() > end:
            return dict(more)
        time.sleep(0.01)


def look_at_end(server, status, page, blocks):
    """Findings about how it ended."""
    said = server.say()
    if status is None:
        yield "it does not end"
    elif status != 0:
        yield f"exit status {status}"
    if blocks is not None and page.live_blocks > blocks:
        yield f"{page.live_blocks - blocks} blocks of memory are left over"
    yield from cries(said)


def cries(said):
    """What a sanitizer, an assertion or a library has to say."""
    for line in said.splitlines():
        if any(cry in line for cry in CRIES):
            yield f"it says: {line.strip()}"
            return


def look_at_start(server, status):
    """Findings about a server that did not start: it must say why, and exit in good order."""
    said = server.say()
    if status != 1:
        yield f"not started, exit status {status}"
    if "fatal: " not in said and "out of memory" not in said:
        yield f"not started, and it does not say why: {said!r}"
    yield from cries(said)


def converse(server, page, call, error, baseline):
    """Run the conversation; (kind, findings)."""
    talk = Conversation(server, page, call, error)
    kind = "unharmed"
    try:
        try:
            talk.twice("c", lambda caller: True)
        except Ended:
            status = server.process.wait(HANG)
            findings = list(look_at_start(server, status))
            if server.leftovers() and call not in KEEPS_FILES:
                findings.append(f"not started, left behind: {server.leftovers()}")
            return "not started", findings
        talk.leave("c")
        before = baseline.descriptors if baseline else descriptors(server.process)
        talk.run()
        talk.collect()
        more = settle(server.process, before)
        if call == "eventfd":
            more.pop("pipe", None)  # which takes its place
        kind = "refused" if talk.refusals else "displaced" if talk.lost else kind
        findings = [f"descriptors are left over: {more}"] if more else []
        status = server.end()
        findings += look_at_end(server, status, page, baseline and baseline.blocks)
        if server.leftovers() and call not in KEEPS_FILES:
            findings.append(f"left behind: {server.leftovers()}")
        return kind, findings
    except Ended:
        return "finding", [f"it ended in the midst: {server.process.wait(HANG)}: "
                           f"{server.say()[-600:]!r}"]
    except (Finding, AssertionError, OSError, EOFError, Refused) as finding:
        alive = "" if server.process.alive() else f"; exit status {server.process.wait(0)}"
        return "finding", [f"{type(finding).__name__}: {finding}{alive}",
                           *cries(server.say())]
    finally:
        talk.close()


Baseline = collections.namedtuple("Baseline", "descriptors blocks counts")


def serve_once(make, program, directory, fault, baseline=None):
    """One run. fault is (call, error, n), or None for a clean one; an Outcome."""
    call, error, nth = fault or ("", "", 0)
    page = plan.Page(os.path.join(directory, f"page.{os.getpid()}"), call, error, nth)
    server = make(program, page)
    try:
        kind, findings = converse(server, page, call, error, baseline)
        return Outcome(page.happened, kind, findings, page.counts(), page.live_blocks)
    finally:
        server.stop()
        page.close()


def serve_clean(make, program, directory):
    """The run without a fault, to compare with."""
    page = plan.Page(os.path.join(directory, f"page.{os.getpid()}"))
    server = make(program, page)
    try:
        talk = Conversation(server, page)
        talk.caller("c")
        talk.leave("c")
        time.sleep(0.1)
        before = descriptors(server.process)
    finally:
        server.stop()
        page.close()
    clean = serve_once(make, program, directory, None, Baseline(before, None, {}))
    if clean.findings:
        raise AssertionError(f"without any fault: {clean.findings}")
    return Baseline(before, clean.blocks, clean.counts)
