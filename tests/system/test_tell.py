"""What a server tells of itself: with -v its start and end, at SIGUSR1 how it is."""

import re
import signal

import pytest

from support import alone, launch
from support.client import keep
from support.waiting import wait_until

STATE = [
    r"state: connections=1 held=0 endpoints=1 destinations=1 bindings=1 text=\d+ bytes",
    r"state: clients=1 of \d+ users=1 unread=0 closing=0",
    r"state: descriptors=\d+ room for connections=\d+",
]
STATISTICS = [
    r"statistics: start interval .*",
    r"statistics: domain lookup hits=0 miss=1 success=0%",
    r"statistics: max simultaneous domains=1 addresses=1 connection=1",
]


@pytest.fixture(name="place")
def fixture_place():
    """A directory for one test."""
    one = alone.Place()
    yield one
    one.end()


def standalone_texts(server):
    """What it has logged."""
    return [line.removeprefix("scache: ") for line in server.text().splitlines()]


def master_texts(server):
    """The same under master(8)."""
    return [record.partition("]: ")[2] for record in server.records]


def ask(server, texts):
    """Have it tell how it is, with something in it; what it tells."""
    with server.connect() as client, keep(client, "e"):
        assert client.save_dest("d", "e") == 0
        assert client.find_dest("other")[0] == 2
        for times in (1, 2):
            server.process.signal(signal.SIGUSR1)
            wait_until(lambda n=times: sum("state: descriptors" in text for text in texts(server))
                       == n, 5, "its state")
        assert client.find_endp("e")[0] == 0
    return texts(server)


def check(texts):
    """Twice the state, and statistics of an interval that began when they were written."""
    wanted = STATISTICS + STATE + [STATISTICS[0], STATISTICS[2]] + STATE
    assert len(texts) == len(wanted), texts
    for text, pattern in zip(texts, wanted):
        assert re.fullmatch(pattern, text), (text, pattern)


def test_standalone_tells_how_it_is(place):
    """SIGUSR1 ends nothing."""
    server = place.serve()
    check(ask(server, standalone_texts))
    assert server.end() == 0


@pytest.mark.parametrize("also", [[], ["-c"]], ids=["plain", "chroot"])
def test_tells_how_it_is(also):
    """The same under master(8)."""
    with launch.MasterServer(args=also) as server:
        check(ask(server, master_texts))
        server.hang_up()
        assert server.wait_exit(5) == 0


def test_standalone_start_and_end(place):
    """With -v, with its version; without it nothing."""
    server = place.serve("-v")
    server.says("has started")
    first = standalone_texts(server)[0]
    assert re.fullmatch(r"scache \d+\.\d+\.\d+ has started", first)
    assert server.end() == 0
    assert standalone_texts(server)[-1] == first.replace("has started", "ends")


def test_start_and_end():
    """Under master(8) too."""
    with launch.MasterServer(args=["-v"]).ready() as server:
        server.hang_up()
        assert server.wait_exit(5) == 0
        texts = master_texts(server)
    assert re.fullmatch(r"scache \d+\.\d+\.\d+ has started", texts[0])
    assert texts[-1] == texts[0].replace("has started", "ends")
