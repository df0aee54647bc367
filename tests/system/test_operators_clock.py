"""The operator's clocks: put back and forward a year, and a server that was stopped for a while.

With SCACHE_LONG=1 in the environment it is stopped for a whole minute.
"""

import datetime
import os
import re
import signal
import struct
import time

import pytest

from support import alone, launch, paths
from support.client import at_eof, encode, keep
from support.waiting import wait_until

YEAR = 365 * 24 * 3600
STOP_TIME = 60 if os.environ.get("SCACHE_LONG") else 4
FIND = encode(("request", "find_endp"), ("label", "nothing"))
MODULE = paths.build() / "tests" / "system" / "libwrong_clock.so"

pytestmark = pytest.mark.skipif(str(paths.build()).endswith("-asan"),
                                reason="a sanitizer must be loaded first")


class WrongClock:
    """The wall clock of the programs that are started with `env`."""

    def __init__(self, path):
        self.path = path
        self.put(0)
        path.chmod(0o644)
        self.env = {"LD_PRELOAD": str(MODULE), "WRONG_CLOCK": str(path), "TZ": "UTC"}

    def put(self, seconds):
        """Let it be wrong by so many seconds from now on."""
        with open(self.path, "r+b" if self.path.exists() else "wb") as file:
            file.write(struct.pack("q", seconds))


@pytest.fixture(name="clock")
def fixture_clock(tmp_path):
    """A clock that is right so far."""
    for part in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        part.chmod(0o755)
    return WrongClock(tmp_path / "clock")


@pytest.fixture(name="place")
def fixture_place():
    """A directory for one test."""
    one = alone.Place()
    yield one
    one.end()


def stamps(text):
    """The times in a log: of the records, or of the intervals."""
    dates = re.findall(r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d", text)
    year = datetime.datetime.now(datetime.timezone.utc).year
    return [datetime.datetime.strptime(f"{year} {date}", "%Y %b %d %H:%M:%S") for date in dates]


def since(moment):
    """Seconds from then to now, a whole year's difference or the year's end left out."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    seconds = (now - moment).total_seconds() % YEAR
    return min(seconds, YEAR - seconds)


@pytest.mark.parametrize("jump", [-YEAR, YEAR], ids=["back", "forward"])
def test_standalone_clock_times_to_live(place, clock, jump):
    """What is cached lives neither longer nor shorter when the clock is put wrong."""
    server = place.serve(env=clock.env)
    with server.connect() as client:
        short, far = keep(client, "short", 2), keep(client, "long", 50)
        start = time.monotonic()
        clock.put(jump)
        assert client.save_dest("d", "long") == 0
        assert not at_eof(short, 1)
        assert at_eof(short, 5)
        assert 1.8 < time.monotonic() - start < 3.5
        clock.put(-jump)
        assert not at_eof(far, 0.5)
        assert client.find_dest("d")[0] == 0
        short.close()
        far.close()
    assert server.end() == 0


@pytest.mark.parametrize("jump", [-YEAR - 7200, YEAR + 7200], ids=["back", "forward"])
def test_standalone_clock_statistics(place, clock, jump):
    """Statistics come at their interval; where it starts is what the clock said then."""
    server = place.serve("-o", "connection_cache_status_update_time=1s", env=clock.env)
    with server.connect() as client:
        assert client.find_endp("x")[0] == 2
        clock.put(jump)
        for number in range(1, 4):
            wait_until(lambda n=number: server.text().count("start interval") >= n, 3, "statistics")
            assert client.find_endp("x")[0] == 2
    assert server.end() == 0
    starts = stamps(server.text())
    assert since(starts[0]) < 60
    assert all(abs(since(start) - 7200) < 60 for start in starts[1:]), starts


@pytest.mark.parametrize("jump", [-YEAR - 7200, YEAR + 7200], ids=["back", "forward"])
def test_clock_under_master(clock, jump):
    """Records carry what the clock says; nothing else changes, the end included."""
    with launch.MasterServer(env=clock.env, params={"max_idle": "3s", "daemon_timeout": "3s"},
                             args=["-v"]) as server:
        with server.connect() as client, keep(client, "x") as far:
            clock.put(jump)
            assert client.find_endp("x")[0] == 0
            time.sleep(3.2)  # Longer than the watchdog would wait, and than idleness lasts.
            assert client.find_endp("x")[0] == 2
            assert server.process.alive()
            far.close()
        start = time.monotonic()
        assert server.wait_exit(6) == 0, "it goes when it has been idle"
        assert time.monotonic() - start > 2
        last = stamps(server.records[-1].split(" host ")[0])
        assert abs(since(last[0]) - 7200) < 60


def test_standalone_stopped_and_continued(place):
    """SIGSTOP and SIGCONT: what has expired meanwhile is not handed out, the rest is there."""
    server = place.serve("-o", "daemon_timeout=3s", "-o", "connection_cache_ttl_limit=1h")
    with server.connect() as client, server.connect() as waiting:
        short, far = keep(client, "short", 2), keep(client, "long", STOP_TIME + 60)
        # Its helpers too, as an operator's debugger or a frozen machine would do it.
        os.killpg(server.process.pid, signal.SIGSTOP)
        waiting.send(FIND)
        time.sleep(STOP_TIME)  # Longer than the watchdog would wait.
        assert not at_eof(short, 0.05)
        os.killpg(server.process.pid, signal.SIGCONT)
        assert waiting.read_list()[0][0] == ("status", "2")
        assert client.find_endp("short")[0] == 2
        assert at_eof(short, 3)
        assert client.find_endp("long")[0] == 0
        short.close()
        far.close()
    assert server.process.alive() and server.lines() == []
    assert server.end() == 0


def test_standalone_stopped_again_and_again(place):
    """Stopped and continued at odd moments for longer than the watchdog waits in all."""
    server = place.serve("-o", "daemon_timeout=3s", "-o", "connection_cache_ttl_limit=1h")
    with server.connect() as client, keep(client, "x", 2 * STOP_TIME + 10) as far:
        end = time.monotonic() + STOP_TIME + 1
        while time.monotonic() < end:
            server.process.signal(signal.SIGSTOP)
            time.sleep(0.7)
            server.process.signal(signal.SIGCONT)
            assert client.find_endp("nothing")[0] == 2
        assert client.find_endp("x")[0] == 0
        far.close()
    assert server.lines() == []
