"""Who may connect by group, or at all; who shares; and identities that are nobody's."""

import os
import shutil
import subprocess

import pytest

from support import alone, needs
from support.client import Client
from support.waiting import wait_until

ALICE, BOB, EVE = 12001, 12002, 12003
MAIL, OTHER = 13001, 13002
NOBODY = 65534


@pytest.fixture(name="place")
def fixture_place():
    """A directory for one test."""
    one = alone.Place()
    yield one
    one.end()


def ask(path, action):
    """What an action with a client gives; "refused" when nobody speaks to it."""
    try:
        with Client(path, 2) as client:
            return action(client)
    except (OSError, EOFError, AssertionError):
        return "refused"


def look(path):
    """Any request."""
    return lambda: ask(path, lambda client: client.find_endp("x")[0])


def save(path, label, text):
    """Save a pipe that has the text in it."""
    def action(client):
        near, far = os.pipe()
        os.write(far, text.encode())
        os.close(far)
        done = client.save_endp(label, near)
        os.close(near)
        return done
    return lambda: ask(path, action)


def find(path, label):
    """The text in the pipe that was found, or None."""
    def action(client):
        fd = client.find_endp(label)[-1]
        return None if fd < 0 else os.read(fd, 100).decode()
    return lambda: ask(path, action)


def serve(place, authorized, shared="", **more):
    """A server with such lists, at a socket that all may write to."""
    return place.serve("--mode", "0666", f"-oconnection_cache_authorized_users={authorized}",
                       f"-oconnection_cache_shared_users={shared}", **more)


def test_standalone_groups_may_connect(place):
    """By primary or another group; nobody else."""
    server = serve(place, f"@{MAIL}, %{OTHER}")
    for groups, wanted in (([MAIL], 2), ([OTHER], 2), ([1, 2, MAIL], 2), ([1, 2], "refused")):
        assert alone.as_user(ALICE, look(server.path), groups) == wanted
    assert server.lines() == [f"scache: warning: user {ALICE} may not connect: not in "
                              "connection_cache_authorized_users"]


def test_standalone_everybody_may_connect(place):
    """And has labels of their own all the same."""
    server = serve(place, "everybody")
    assert alone.as_user(ALICE, save(server.path, "x", "alice's")) == 0
    assert alone.as_user(BOB, find(server.path, "x")) is None
    assert alone.as_user(ALICE, find(server.path, "x")) == "alice's"


def test_standalone_sets_of_sharers(place):
    """Each shares among itself; groups do too."""
    server = serve(place, "everybody", f"{ALICE} {BOB}; @{MAIL}")
    alone.as_user(ALICE, save(server.path, "x", "of the first"))
    alone.as_user(EVE, save(server.path, "x", "of the second"), [MAIL])
    assert alone.as_user(EVE, find(server.path, "x")) is None
    assert alone.as_user(NOBODY - 1, find(server.path, "x"), [1, MAIL]) == "of the second"
    assert alone.as_user(BOB, find(server.path, "x")) == "of the first"


def test_standalone_refused_users_are_named_once(place):
    """Each, however often they come."""
    server = serve(place, ALICE)
    for user in 3 * [BOB, EVE]:
        assert alone.as_user(user, look(server.path)) == "refused"
    assert server.lines() == [f"scache: warning: user {user} may not connect: not in "
                              "connection_cache_authorized_users" for user in (BOB, EVE)]


def test_standalone_sharers_who_may_not_connect(place):
    """Sharing is no permission, and who thinks so is told."""
    server = serve(place, "", ALICE)
    assert server.lines() == [
        "scache: warning: option -o: connection_cache_shared_users = "
        f"{ALICE}: user {ALICE} may not connect"]


def in_namespace(*maps):
    """A command that runs a server in a user namespace of its own, or skips."""
    needs.root()
    needs.program("unshare")
    command = ["unshare", "--user", *maps]
    if not shutil.which("newuidmap") and any("map-users" in word for word in maps):
        pytest.skip("takes uidmap")
    if subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody make a user namespace")
    return command


@pytest.mark.parametrize("authorized", ["", NOBODY, "everybody", f"@{NOBODY}"])
def test_standalone_in_a_user_namespace(place, authorized):
    """Whom it does not map it takes for nobody, even where nobody may connect."""
    server = serve(place, authorized, prefix=in_namespace("--map-root-user"))
    warning, *rest = server.lines()
    assert "this user namespace does not map all users" in warning and rest == []
    for user in (ALICE, BOB, NOBODY):
        assert alone.as_user(user, look(server.path), [MAIL]) == "refused"
    assert look(server.path)() == 2
    assert server.lines()[1:] == [
        f"scache: warning: user {NOBODY} may not connect: it stands for all whom this user "
        "namespace does not map"]


def test_standalone_that_is_nobody(place):
    """A server that runs as nobody, because it is not mapped, takes no stranger for itself."""
    place.path.chmod(0o777)
    server = place.start("--mode", "0666", prefix=in_namespace())
    wait_until(lambda: alone.as_user(ALICE, look(server.path)) == "refused" and
               f"user {NOBODY} may not connect" in server.text(), 5, "a refusal")
    assert look(server.path)() == "refused"
    assert server.end() == 0
