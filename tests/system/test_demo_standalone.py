"""tools/demo, with few messages: what it prints, and that nothing is left of it."""

import json
import os
import signal
import subprocess
import sys

import pytest

from support import paths
from support.process import Process, session_members
from support.waiting import wait_until

DEMO = paths.ROOT / "tools" / "demo"


@pytest.fixture(name="env")
def make_env(tmp_path):
    """An environment in which all temporary files of the demonstration are in one directory."""
    if not (paths.build() / "examples" / "smtp-submit").exists():
        pytest.skip("the examples are not built")
    yield dict(os.environ, TMPDIR=str(tmp_path), SCACHE_BUILD=str(paths.build()))
    assert not list(tmp_path.glob("scache-demo-*"))


def demo(env, *words):
    """Run it to its end; returns what it printed."""
    done = subprocess.run([sys.executable, DEMO, *words], env=env, capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_standalone_demo_json(env):
    result = json.loads(demo(env, "--messages", "40", "--json"))
    none, ours = result["runs"]
    assert (none["run"], none["messages"], none["connections"]) == ("without cache", 40, 40)
    assert (ours["run"], ours["messages"]) == ("with scache", 40)
    # As many as there are senders at a time, which is fewer when one is quick to leave.
    assert 1 <= ours["connections"] <= result["at_once"]
    assert result["found_in_cache"] == 40 - ours["connections"]
    # Five round trips without the cache, two with it: connect, greeting, EHLO are saved.
    assert none["ms_per_message"] >= 5 * result["round_trip_ms"]
    assert 2 * result["round_trip_ms"] <= ours["ms_per_message"] < none["ms_per_message"]
    assert ours["seconds"] < none["seconds"]


def test_standalone_demo_text(env):
    text = demo(env | {"PYTHONIOENCODING": "ascii"}, "--messages", "16")
    assert "without cache 16 of 16, 16 connections" in text
    assert "60 ms" in text and "simulated" in text
    assert "\r" not in text and "\033" not in text and text.isascii()
    assert max(map(len, text.splitlines())) < 80


def test_standalone_demo_one_message(env):
    assert [row["connections"] for row in
            json.loads(demo(env, "--messages", "1", "--json"))["runs"]] == [1, 1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_standalone_demo_interrupted(env, tmp_path, number):
    """It ends at once, and takes the server and all senders with it."""
    process = Process([sys.executable, DEMO, "--messages", "80"], env=env,
                      output=tmp_path / "output")
    wait_until(lambda: "  with scache " in process.text(), 30, "the second run")
    process.signal(number)
    assert process.wait(5) == 130
    assert "Interrupted" in process.text() and "Traceback" not in process.text()
    assert not session_members(process.pid)


def test_standalone_demo_bad_number(env):
    done = subprocess.run([sys.executable, DEMO, "--messages", "0"], env=env, capture_output=True,
                          text=True, timeout=10, check=False)
    assert done.returncode == 2
    assert "at least 1" in done.stderr
