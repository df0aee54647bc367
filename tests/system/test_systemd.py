"""The units under a real systemd, in a cage of its own."""

import os
import re

import pytest

from support import cage, paths
from support.waiting import wait_until

ROOT = paths.ROOT / "dist/systemd"
COMMAND = "/cage/programs/scache --config /cage/out/scache.conf -o connection_cache_sandbox=kill"

pytestmark = pytest.mark.skipif(paths.is_sanitized() or paths.measuring_coverage(),
                                reason="a unit forbids what a sanitizer does")

# A client that runs inside, and says what it was told.
CLIENT = r"""
import socket, sys
with socket.socket(socket.AF_UNIX) as sock:
    sock.settimeout(10)
    sock.connect("/run/scache/scache.sock")
    said = b""
    while not said.endswith(b"\0\0"):
        said += sock.recv(1)
    sock.sendall(b"request\0find_endp\0label\0x\0\0")
    while said.count(b"status") == 0 or not said.endswith(b"\0\0\0"):
        said += sock.recv(1)
print(said.decode().replace("\0", " "))
"""

# A version to come: stores a descriptor under a name that this one does not know.
STORE = r"""
import array, os, socket
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
    sock.connect(os.environ["NOTIFY_SOCKET"])
    fd = os.memfd_create("parcel")
    sock.sendmsg([b"FDSTORE=1\nFDNAME=scache-parcel\nFDPOLL=0"],
                 [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])
"""


def units(more=""):
    """Ours, with a log that can be read."""
    service = (paths.build() / "dist/scache.service").read_text()
    service = cage.adapt(service, ExecStart=COMMAND)
    service += "StandardError=append:/cage/out/log\n" + more
    return {"scache.service": service,
            "scache.socket": cage.adapt((ROOT / "scache.socket").read_text())}


def start(more=""):
    """A cage in which the socket waits for the first client."""
    return cage.Cage(units(more), start=["scache.socket"])


@pytest.fixture(name="inside")
def fixture_inside():
    """The same, with a configuration."""
    with start() as one:
        (one.out / "scache.conf").write_text("connection_cache_ttl_limit = 30s\n")
        yield one


def log(inside):
    """What the server has said."""
    return (inside.out / "log").read_text() if (inside.out / "log").exists() else ""


def ask(inside):
    """A client's request, which must be answered."""
    outcome = inside.run("python3", "-c", CLIENT)
    assert outcome.returncode == 0, outcome.stderr + log(inside)
    assert "status 2" in outcome.stdout
    return int(inside.show("scache.service", "MainPID"))


def test_unit_serves(inside):
    """The first client starts it, as a user of its own, who may do nothing."""
    assert inside.show("scache.service", "ActiveState") == "inactive"
    pid = ask(inside)
    assert inside.show("scache.service", "ActiveState") == "active"
    status = inside.run("cat", f"/proc/{pid}/status").stdout
    assert re.search(r"^Uid:\s+(?!0\s)\d+", status, re.M)
    assert re.search(r"^Seccomp:\s+2$", status, re.M)
    assert re.search(r"^CapBnd:\s+0+$", status, re.M)
    assert log(inside) == ""


def test_unit_is_told(inside):
    """It reads its configuration again, and says how it is."""
    pid = ask(inside)
    inside.systemctl("reload", "scache.service")
    wait_until(lambda: "configuration read again" in log(inside), 5, "a reload")
    inside.systemctl("kill", "--kill-who=main", "--signal=USR1", "scache.service")
    wait_until(lambda: "state: descriptors=" in log(inside), 5, "its state")
    assert ask(inside) == pid


def test_unit_is_restarted(inside):
    """On request, and when it was killed; the socket never goes."""
    before = ask(inside)
    inside.systemctl("restart", "scache.service")
    after = ask(inside)
    assert after != before
    inside.systemctl("kill", "--kill-who=main", "--signal=KILL", "scache.service")
    wait_until(lambda: int(inside.show("scache.service", "MainPID")) not in (0, after), 10,
               "the next one")
    ask(inside)
    assert inside.show("scache.service", "NRestarts") == "1"
    assert "fatal" not in log(inside)


def test_unit_stops_and_starts(inside):
    """Stopped it leaves nobody behind; the next client starts it again."""
    before = ask(inside)
    inside.systemctl("stop", "scache.service")
    assert inside.show("scache.service", "Result") == "success"
    assert inside.run("pgrep", "-x", "scache|scache-closer|scache-log").stdout == ""
    assert ask(inside) != before


def test_unit_after_a_downgrade():
    """What a later version has stored is ignored, with a line in the log."""
    with start("ExecStartPre=/usr/bin/python3 /cage/out/store\n"
               "SystemCallFilter=\n") as inside:
        (inside.out / "scache.conf").write_text("")
        (inside.out / "store").write_text(STORE)
        ask(inside)
        assert "descriptor 4 of the service manager is ignored: nothing here is called " \
            "scache-parcel" in log(inside)
        assert inside.show("scache.service", "NFileDescriptorStore") == "1"


def test_unit_names_what_is_not_there():
    """A configuration that is missing is a fatal error that can be read."""
    with start() as inside:
        inside.run("python3", "-c", CLIENT)
        wait_until(lambda: "fatal: " in log(inside), 5, "the reason")
        assert "/cage/out/scache.conf" in log(inside)
    assert not os.path.exists(inside.place)
