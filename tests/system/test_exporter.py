# SPDX-License-Identifier: BSD-2-Clause
"""scache-exporter against real servers: what it tells, whom it asks, and what it leaves behind."""

import os
import signal
import socket
import stat
import time

import pytest

from support.alone import Place
from support.client import Client, encode
from support.exporter import Exporter, once, promtool, run, series
from support.waiting import wait_until

HOSTILE = [b'"', b"\\", b"a\nb", b"\xff", b"\x1b[2J", b"} 1\nscache_up 0", b'",x="', b"x" * 200000]


@pytest.fixture(name="place")
def fixture_place():
    """A directory for servers."""
    where = Place()
    yield where
    where.end()


@pytest.fixture(name="exporters")
def fixture_exporters():
    """Exporters to be ended."""
    started = []
    yield started
    for one in started:
        one.end()


def put(client, label):
    """Cache a connection; returns its far end."""
    near, far = socket.socketpair()
    data = encode(("request", "put"), ("ttl", "50"), ("label", label), ("property", label[:1000]))
    socket.send_fds(client.sock, [data], [near.fileno()])
    assert client.read_list()[0][0] == ("status", "0")
    near.close()
    return far


def figures(server, name="c"):
    """Once, all that is told of a server, by the name without its label."""
    done = once("--control", f"{name}={server.path}.control")
    assert done.returncode == 0 and not done.stderr, done.stderr
    return {key.replace(f'cache="{name}",', "").replace(f'{{cache="{name}"}}', ""): value
            for key, value in series(done.stdout.decode()).items()}


def test_figures_are_those_of_the_server(place):
    """Counted, and told under the names that the manual gives."""
    server = place.serve()
    with Client(server.path) as client:
        far = put(client, b"label")
        told = figures(server)
        far.close()
    assert told["scache_up"] == 1
    assert told['scache_build_info{version="0.1.0",mode="standalone"}'] == 1
    assert told['scache_requests_total{request="put",status="done"}'] == 1
    assert told["scache_connections_saved_total"] == told["scache_connections"] == 1
    assert told["scache_control_clients"] == 1
    assert told["scache_exporter_skipped_records"] == 0
    assert told["scache_accept_paused_seconds_total"] == 0
    assert abs(told["scache_start_time_seconds"] - time.time()) < 60


def test_process_is_the_servers(place):
    """Processor time, memory and descriptors as proc(5) has them."""
    server = place.serve()
    told = figures(server)
    pid = server.process.pid
    pages = int(open(f"/proc/{pid}/statm", encoding="ascii").read().split()[1])
    assert told["scache_process_resident_memory_bytes"] == pytest.approx(
        pages * os.sysconf("SC_PAGESIZE"), rel=0.5)
    assert told["scache_process_cpu_seconds_total"] >= 0
    assert told["scache_process_max_fds"] > 10
    if "scache_process_open_fds" in told:
        # One more while it was asked.
        assert told["scache_process_open_fds"] >= len(os.listdir(f"/proc/{pid}/fd"))


def test_histograms_add_up(place):
    """Buckets only grow, and the last is the count."""
    server = place.serve()
    text = once("--control", f"c={server.path}.control").stdout.decode()
    for family in ("loop_turn_duration_seconds", "reuse_idle_seconds", "uses_per_connection"):
        lines = [line for line in text.splitlines() if line.startswith(f"scache_{family}_")]
        counts = [int(line.rsplit(" ", 1)[1]) for line in lines if "_bucket" in line]
        assert len(counts) == 15 and counts == sorted(counts)
        assert 'le="+Inf"' in lines[14]
        assert series("\n".join(lines))[f'scache_{family}_count{{cache="c"}}'] == counts[-1]


def test_promtool_is_content_whatever_is_cached(place):
    """Labels of strangers, and names of servers, that try to break the text."""
    server = place.serve()
    with Client(server.path) as client:
        ends = [put(client, label) for label in HOSTILE]
        names = [b"--control=" + name[:100] + b"=" + os.fsencode(f"{server.path}.control")
                 for name in HOSTILE if b"=" not in name]
        done = once(*map(os.fsdecode, names))
        for end in ends:
            end.close()
    assert done.returncode == 0, done.stderr
    judged = promtool("check", "metrics", data=done.stdout)
    assert judged.returncode == 0 and not judged.stdout, judged.stdout + judged.stderr
    up = [line for line in done.stdout.splitlines() if line.startswith(b"scache_up")]
    assert len(up) == len(names) and all(line.endswith(b"} 1") for line in up)


def test_a_server_that_is_away_is_not_up(place):
    """That alone is told of it, and why on standard error."""
    done = once("--control", f"c={place / 'nobody'}")
    assert done.returncode == 0
    assert series(done.stdout.decode()) == {'scache_up{cache="c"}': 0}
    assert str(place / "nobody").encode() in done.stderr


def test_a_server_that_hangs_is_not_up(place):
    """Others are told beside it."""
    server, other = place.serve(), place.serve("--listen", place / "other")
    server.process.signal(signal.SIGSTOP)
    for _ in range(10):  # On a busy machine the other may be late, and then is not up either.
        done = once("--control", f"a={place / 'socket.control'}",
                    "--control", f"b={place / 'other.control'}")
        told = series(done.stdout.decode())
        assert told['scache_up{cache="a"}'] == 0
        if told['scache_up{cache="b"}'] == 1:
            break
    server.process.signal(signal.SIGCONT)
    assert told['scache_up{cache="b"}'] == 1
    assert told['scache_connections{cache="b"}'] == 0 and other.process.alive()
    assert 'scache_connections{cache="a"}' not in told


def test_file_is_replaced_in_one_step(place, tmp_path):
    """Readable by the collector, and nothing else is left."""
    server = place.serve()
    target = tmp_path / "scache.prom"
    target.write_text("old\n")
    with open(target, encoding="ascii") as before:
        done = once("--control", f"c={server.path}.control", output=target)
        assert done.returncode == 0 and before.read() == "old\n"
    assert series(target.read_text())['scache_up{cache="c"}'] == 1
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [target]


def test_file_stays_when_it_cannot_be_replaced(place, tmp_path):
    """The status says so."""
    server = place.serve()
    (tmp_path / "directory").mkdir()
    done = once("--control", f"c={server.path}.control", output=tmp_path / "directory")
    assert done.returncode == 1 and b"directory" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["directory"]


@pytest.mark.parametrize("words", [
    [], ["--listen", "127.0.0.1:0"], ["--control", "/a"],
    ["--listen", "127.0.0.1:0", "--output", "-", "--control", "/a"],
    ["--output", "-", "--control", "a="], ["--output", "-", "--control", "=/a"],
    ["--output", "-", "--control", "/a", "--control", "/a"],
    ["--output", "-", "--control", "/a", "more"], ["--wrong"]])
def test_wrong_words(words):
    """Status 2, and a word on it."""
    done = run(*words)
    assert done.returncode == 2 and b"--help" in done.stderr


@pytest.mark.parametrize("where", ["", "127.0.0.1", "127.0.0.1:", ":80", "localhost:0", "::1:0",
                                   "[]:0", "127.0.0.1:x", "unix:", "unix:" + "x" * 200])
def test_wrong_places(where):
    """Nothing is looked up."""
    done = run("--listen", where, "--control", "/a")
    assert done.returncode == 1 and done.stderr.startswith(b"scache-exporter: ")


def test_served_over_tcp(place, exporters):
    """The figures, what is beside them, and what is not allowed."""
    server = place.serve()
    exporters.append(Exporter(place.path, "--control", f"c={server.path}.control"))
    status, headers, text = exporters[0].ask()
    assert status == 200 and series(text)['scache_up{cache="c"}'] == 1
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert exporters[0].ask("/")[0] == 200
    assert exporters[0].ask("/metrics/x")[0] == 404
    assert exporters[0].ask(method="HEAD")[2] == ""
    assert exporters[0].ask(method="POST", body="x" * 100000)[0] == 405


def test_served_over_a_socket_file(place, exporters):
    """Replaced when it was left behind, kept when somebody listens, removed at the end."""
    server = place.serve()
    path = place / "metrics"
    words = ["--control", f"c={server.path}.control"]
    exporters.append(Exporter(place.path, *words, listen=f"unix:{path}"))
    assert exporters[0].series()['scache_up{cache="c"}'] == 1
    assert run("--listen", f"unix:{path}", *words).returncode == 1
    exporters[0].process.kill()
    exporters[0].output.unlink()
    assert path.exists()
    exporters.append(Exporter(place.path, *words, listen=f"unix:{path}"))
    assert exporters[1].series()['scache_up{cache="c"}'] == 1
    exporters[1].process.signal(signal.SIGTERM)
    assert exporters[1].process.wait(10) == 0
    assert not path.exists()


def test_a_restarted_server_is_found_again(place, exporters):
    """Each change is said once."""
    server = place.serve()
    exporters.append(Exporter(place.path, "--control", f"c={server.path}.control"))
    name = 'scache_up{cache="c"}'
    assert exporters[0].series()[name] == 1
    server.end()
    wait_until(lambda: exporters[0].series()[name] == 0, 10, "the server to be missed", 0.2)
    place.serve()
    wait_until(lambda: exporters[0].series()[name] == 1, 10, "the server to be found", 0.2)
    said = exporters[0].text()
    assert said.count("no server answers") == 1 and said.count("answers again") == 1


def test_no_number_of_readers_makes_work(place, exporters):
    """A hundred answers of one second are one question to the server."""
    server = place.serve()
    exporters.append(Exporter(place.path, "--control", f"c={server.path}.control"))
    begin = time.monotonic()
    texts = {exporters[0].ask()[2] for _ in range(100)}
    assert len(texts) <= 1 + int(time.monotonic() - begin) + 1


def test_silent_readers_are_many_and_hold_nobody(place, exporters):
    """Those who connect and say nothing leave room for one who asks."""
    server = place.serve()
    exporters.append(Exporter(place.path, "--control", f"c={server.path}.control"))
    host, port = exporters[0].place.rsplit(":", 1)
    silent = [socket.create_connection((host, int(port))) for _ in range(40)]
    assert exporters[0].series()['scache_up{cache="c"}'] == 1
    for one in silent:
        one.close()
