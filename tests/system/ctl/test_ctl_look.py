"""Looking at a real server: stats, list, show, watch, metrics."""

import os
import re
import select
import shutil
import signal
import subprocess
import time
import unicodedata

import pytest

from support.cached import Cached
from support.tool import PROGRAM, Tool

# What strangers may have put into a label; each ends up in a line of its own.
HOSTILE = [b'quote " and \\ backslash', b"smtp\n127.0.0.1\n25\n*\n\n", b"\xff\xfe\x80 no UTF-8",
           b"\x1b[2J\x1b]0;title\x07\x9b31m", b"} 1\nscache_up 0\n# TYPE", b" leading", b"-v",
           "wide 中文 e\u0301 \u202e \u200b".encode(), b"127.0000", b"x00000000", b"L" * 3000]


@pytest.fixture(name="cached")
def fixture_cached(standalone):
    """Something to look at."""
    return Cached(standalone)


@pytest.fixture(name="tool")
def fixture_tool(standalone):
    """The tool for that server, where lines are 80 columns wide and UTF-8 is shown."""
    return Tool(standalone.path, COLUMNS="80", LC_ALL="C.UTF-8")


def columns(text):
    """How wide a terminal shows it."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def rows(text):
    """The lines below the head."""
    return text.splitlines()[1:]


def test_stats(tool, cached):
    cached.put("e", "d")
    tool.out("take", "e")
    tool.out("take", "e", code=1)
    text = tool.out("stats")
    assert re.match(r"scache \S+, standalone, process \d+, up ", text)
    assert "\nVisits        2, reused 50.0 %, missed 50.0 %\n" in text
    assert "\nHow they end  reused 100.0 %\n" in text
    records = tool.json("stats")
    assert {one["record"] for one in records} == {"counter", "gauge", "histogram"}
    assert {"family": "acquisitions", "labels": {"result": "reused"}, "value": 1}.items() <= next(
        one for one in records if one["labels"] == {"result": "reused"}).items()


def test_stats_again_and_again(tool, cached):
    text = tool.out("stats", "--every", "1", "-n", "1")
    assert len(text.splitlines()) == 2
    cached.put("e")
    values = [one["value"] for one in tool.json("stats", "--every", "1", "-n", "1")
              if one["family"] == "connections_saved"]
    assert values == [1, 1]
    assert tool("stats", "-n", "1").returncode == 2


def test_any_label_has_one_line(tool, cached):
    for label in HOSTILE:
        cached.put(label, label)
    for kind in ("connections", "bindings", "endpoints", "destinations"):
        lines = rows(tool.out("list", kind))
        assert len(lines) == len(HOSTILE), kind
        for line in lines:
            assert columns(line) <= 80 and line.isprintable(), line
    assert any("smtp 127.0.0.1 25  " in line for line in rows(tool.out("list", "connections")))
    ascii_only = Tool(tool.env["SCACHE_SOCKET"], LC_ALL="C", COLUMNS="80")
    assert all(line.isascii() for line in rows(ascii_only.out("list", "connections")))


def test_labels_are_whole_where_programs_read(tool, cached):
    for label in HOSTILE:
        cached.put(label)
    found = set()
    for one in tool.json("list", "connections"):
        if "label_hex" in one:
            found.add(bytes.fromhex(one["label_hex"]))
        else:
            found.add(one["label"].encode())
    assert found == set(HOSTILE)
    # The exact form is the shell's.
    for line in tool.out("list", "connections", "--exact").splitlines():
        label = re.search(r' label=("(?:[^"\\]|\\.)*")', line)[1]
        assert tool.out("shell", text=f"find_endp {label}\n").startswith("find_endp: found")
    assert tool("list", "connections").returncode == 1


def test_filters(tool, cached):
    for number in range(20):
        cached.put(f"end{number % 4}\nx\n", f"dest{number % 2}")
    assert len(rows(tool.out("list", "connections", "--label", "end1\nx\n"))) == 5
    assert len(rows(tool.out("list", "bindings", "--contains", "est1"))) == 2
    first = tool.json("list", "endpoints", "--sort", "connections", "--limit", "2")
    assert [one["connections"] for one in first] == [5, 5]
    ages = [one["age_ms"] for one in tool.json("list", "connections", "--sort", "age")]
    assert len(ages) == 20 and ages == sorted(ages, reverse=True)
    assert {one["state"] for one in tool.json("list", "connections", "--long")} == {"silent"}
    cached.pairs.pop().close()
    states = [one["state"] for one in tool.json("list", "connections", "--long")]
    assert states.count("gone") <= 1
    with_properties = tool.json("list", "connections", "--properties", "--limit", "1")
    assert with_properties[0]["property"] == "p"
    assert len(rows(tool.out("list", "users", "--user", "root"))) == 1
    assert tool("list", "connections", "--user", "4321").returncode == 1
    assert tool("list", "connections", "--user", "no-such-user").returncode == 2
    assert tool("list", "connections", "--sort", "beauty").returncode == 4


def test_a_list_shows_everything_once(tool, cached):
    for number in range(400):
        cached.put(f"e{number}")
    labels = [one["label"] for one in tool.json("list", "connections")]
    assert sorted(labels) == sorted(f"e{number}" for number in range(400))


def test_show(tool, cached):
    cached.put("end\n1\n", "dest", prop="reuse_count=3\nexpire_time=99999999999\n")
    cached.put("end\n2\n", "dest")
    text = tool.out("show", "dest")
    assert text.startswith("dest\n") and text.count("  end ") == 2
    ident = next(line for line in rows(tool.out("list", "endpoints")) if " end 1 " in line).split()[0]
    assert re.fullmatch(r"x[0-9a-f]{8}", ident)
    assert tool.out("show", ident).startswith("end 1\n")
    number = next(line for line in rows(tool.out("list", "connections")) if " end 1 " in line).split()[0]
    text = tool.out("show", number)
    assert text.startswith(f"{number}\n") and "\nendpoint        end\n                1\n" in text
    assert "used 3 times before, to be used for " in text
    binding = rows(tool.out("list", "bindings"))[0].split()[0]
    assert "destination     dest" in tool.out("show", binding)
    assert tool.json("show", number)[0]["label"] == "end\n1\n"
    for word in ("nothing", "x00000000", "99999.0000"):
        assert tool("show", word).returncode == 1


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_watch(tool, cached, words):
    seen = ""
    with subprocess.Popen([PROGRAM, "watch", "--contains", "seen", *words], env=tool.env,
                          stdout=subprocess.PIPE) as watch:
        # Until it watches there is nothing to see.
        while not all(word in seen for word in ("saved", "renewed", "reused")):
            cached.put("seen\n\x1b", "dest")
            cached.put("other")
            cached.take("seen\n\x1b")
            if select.select([watch.stdout], [], [], 0.2)[0]:
                seen += os.read(watch.stdout.fileno(), 65536).decode()
        watch.terminate()
    assert "other" not in seen and "\x1b" not in seen
    assert all("seen" in line for line in seen.splitlines())


def test_watch_ends_with_its_reader_and_its_server(tool, cached, standalone):
    with subprocess.Popen([PROGRAM, "watch"], env=tool.env, stdout=subprocess.PIPE) as watch:
        watch.stdout.close()
        while watch.poll() is None:
            cached.put("e")
            time.sleep(0.01)
    assert watch.returncode == -signal.SIGPIPE
    with subprocess.Popen([PROGRAM, "watch"], env=tool.env, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as watch:
        while not select.select([watch.stdout], [], [], 0.2)[0]:
            cached.put("e")
        standalone.process.end()
        assert watch.wait(10) == 3
        assert len(watch.stderr.read().splitlines()) == 1


SAMPLE = re.compile(r'[a-z_]+(\{[a-z_]+="[^"\\\n]*"(,[a-z_]+="[^"\\\n]*")*\})? [-+0-9.eInf]+')


def test_metrics(tool, cached, tmp_path):
    for label in HOSTILE:
        cached.put(label)
    text = tool.out("metrics")
    for line in text.splitlines():
        assert line.startswith(("# HELP ", "# TYPE ")) or SAMPLE.fullmatch(line), line
    assert 'scache_connections_ended_total{cause="dead"} 0\n' in text
    assert f"\nscache_connections {len(HOSTILE)}\n" in text
    file = tmp_path / "scache.prom"
    file.write_text("before")
    assert tool.out("metrics", "--output", file) == ""
    assert file.stat().st_mode & 0o777 == 0o644
    assert file.read_text().count("# TYPE") == text.count("# TYPE")
    assert [one.name for one in tmp_path.iterdir()] == ["scache.prom"]
    assert tool("metrics", "--output", tmp_path / "missing" / "file").returncode == 4


def test_metrics_tell_that_there_is_no_server_standalone(nobody, tmp_path):
    file = tmp_path / "scache.prom"
    file.write_text("scache_up 1\nscache_connections 5\n")
    assert nobody("metrics", "--output", file).returncode == 3
    assert [line for line in file.read_text().splitlines() if line[0] != "#"] == ["scache_up 0"]
    assert nobody.out("metrics", code=3) == file.read_text()
    assert [one.name for one in tmp_path.iterdir()] == ["scache.prom"]


@pytest.mark.skipif(not shutil.which("promtool"), reason="no promtool")
def test_metrics_please_prometheus(tool, cached):
    cached.put("e")
    done = subprocess.run(["promtool", "check", "metrics"], input=tool.out("metrics"), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")
