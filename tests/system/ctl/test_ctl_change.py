"""Changing what a real server has and does: drop, params, set, unset; and who may not."""

import os

import pytest

from support.alone import Place, as_user
from support.cached import Cached
from support.tool import Tool

ALICE, BOB, WATCHER = 4201, 4202, 4203


@pytest.fixture(name="cached")
def fixture_cached(standalone):
    """Something to change."""
    return Cached(standalone)


@pytest.fixture(name="tool")
def fixture_tool(standalone):
    """The tool for that server."""
    return Tool(standalone.path, LC_ALL="C.UTF-8")


def idents(tool, kind, *words):
    """The IDs of a list, by label."""
    shown = [line.split()[0] for line in tool.out("list", kind, *words).splitlines()[1:]]
    labels = [one["label"] for one in tool.json("list", kind, *words)]
    return dict(zip(labels, shown))


def left(tool):
    """The labels of what is cached."""
    done = tool("--json", "list", "connections")
    assert done.returncode in (0, 1)
    return sorted(one["label"] for one in tool.json("list", "connections", code=done.returncode))


def test_drop_hits_what_was_shown(tool, cached):
    for name in ("a", "b", "c", "d\n\n"):
        cached.put(name, f"to {name}")
    shown = idents(tool, "connections")
    assert tool.json("drop", "connections", shown["b"], "--dry-run") == [
        {"command": "drop", "result": "would drop", "count": 1}]
    assert left(tool) == ["a", "b", "c", "d\n\n"]
    assert tool.out("drop", "connections", shown["b"]) == "drop: dropped count=1\n"
    assert left(tool) == ["a", "c", "d\n\n"]
    assert tool("drop", "connections", shown["b"]).returncode == 1
    tool.out("drop", "endpoints", idents(tool, "endpoints")["d\n\n"])
    assert left(tool) == ["a", "c"]
    tool.out("drop", "endpoints", "a")
    assert left(tool) == ["c"]
    assert tool("drop", "endpoints", "x00000000").returncode == 1
    tool.out("drop", "destinations", idents(tool, "destinations")["to c"])
    assert left(tool) == []
    assert cached.take("c") != 0
    assert tool("drop", "all").returncode == 0, "bindings were left"
    assert tool("drop", "all").returncode == 1


def test_an_id_of_another_instance_drops_nothing(tool, cached):
    cached.put("a")
    number, _, tag = idents(tool, "connections")["a"].partition(".")
    other = f"{(int(tag, 16) + 1) % 65536:04x}"
    done = tool("drop", "connections", f"{number}.{other}")
    assert done.returncode == 1 and "list again" in done.stderr
    assert left(tool) == ["a"]


@pytest.mark.parametrize("words", [
    ("drop",), ("drop", "everything"), ("drop", "connections"), ("drop", "connections", "label"),
    ("drop", "connections", "5"), ("drop", "bindings", "x12345678"), ("drop", "endpoints"),
    ("drop", "all", "x"), ("drop", "clients"), ("list",), ("list", "all"), ("show",), ("set", "a"),
    ("set", "=5", "--for", "1m"), ("set", "a=5"), ("set", "a=5", "--for", "5x"),
    ("set", "a=5", "--for", "0"), ("set", "a=5", "--for", "2d"), ("unset",), ("params", "a", "b"),
    ("stats", "--color", "perhaps"), ("stats", "--ttl", "5"), ("ping", "--every", "5"),
    ("stats", "--control", ""), ("stats", "--control", "x" * 200),
], ids=" ".join)
def test_misuse_standalone(nobody, words):
    done = nobody(*words)
    assert done.returncode == 2 and done.stdout == "", done
    assert done.stderr.startswith("scachectl: ") and len(done.stderr.splitlines()) == 1


def test_params_set_unset(tool):
    name = "connection_cache_ttl_limit"
    usual = tool.json("params", name)[0]
    assert usual["adjustable"] is True and "seconds" not in usual
    assert len(tool.json("params")) > 20
    text = tool.out("set", f"{name}=5s", "--for", "10m")
    assert text.startswith(f"{name} = 5s  # for 10m00s, then {usual['value']}") or "9m59s" in text
    changed = tool.json("params", name)[0]
    assert changed["value"] == "5s" and changed["configured"] == usual["value"]
    assert 590 <= changed["seconds"] <= 600
    assert tool.out("unset", name).startswith(f"{name} = {usual['value']}  # ")
    for words, code in (((f"{name}=5s", "--for", "1d"), 0), ((f"{name}=fast", "--for", "1m"), 1),
                        (("nonsense=5", "--for", "1m"), 1),
                        (("connection_cache_user=root", "--for", "1m"), 5)):
        done = tool("set", *words)
        assert done.returncode == code, done
    assert tool("unset", name).returncode == 0
    assert tool("unset", name).returncode == 1
    assert tool("params", "nonsense").returncode == 1


def test_no_server_standalone(nobody):
    for words in (("stats",), ("list", "users"), ("show", "a"), ("watch",), ("advise",),
                  ("drop", "all"), ("params",), ("set", "a=5", "--for", "1m"), ("unset", "a")):
        done = nobody(*words)
        assert done.returncode == 3 and done.stdout == "", done
        assert len(done.stderr.splitlines()) == 1 and ".control" in done.stderr


def test_postfix_starts_it_by_itself_standalone(tmp_path):
    (tmp_path / "private").mkdir()
    done = Tool(tmp_path / "private/scache")("stats")
    assert done.returncode == 3 and "the next delivery starts it" in done.stderr


def test_colours(tool, cached):
    cached.put("a")
    tool.env["TERM"] = "xterm"
    assert "\x1b[" not in tool.out("list", "connections")
    assert "\x1b[" in tool.out("list", "connections", "--color", "always")
    assert "\x1b[" in tool.out("--color=always", "stats")
    tool.env["NO_COLOR"] = "1"
    assert "\x1b[" not in tool.out("list", "connections", "--color", "auto")


def test_control_socket_elsewhere(tool, tmp_path):
    os.symlink(f"{tool.env['SCACHE_SOCKET']}.control", tmp_path / "elsewhere")
    tool.env["SCACHE_SOCKET"] = "/nonexistent"
    assert tool("stats").returncode == 3
    assert tool("--control", tmp_path / "elsewhere", "stats").returncode == 0


def test_each_user_may_do_what_is_his():
    place = Place()
    try:
        server = place.serve("--mode", "0666",
                             "-o", f"connection_cache_authorized_users={ALICE},{BOB}",
                             "-o", f"connection_cache_stats_users={WATCHER}")
        tool = Tool(server.path)

        def of_alice():
            Cached(server).put("of alice")
            return [tool(*words).returncode for words in (
                ("list", "connections"), ("show", "of alice"), ("stats",), ("list", "users"),
                ("list", "connections", "--properties"), ("drop", "all", "--dry-run"))]

        def of_bob():
            return [tool(*words).returncode for words in (
                ("list", "connections"), ("drop", "all"), ("params",),
                ("drop", "all", "--user", str(ALICE)))]

        def of_watcher():
            return [tool(*words).returncode for words in (
                ("list", "connections"), ("stats",), ("params",), ("drop", "all"),
                ("set", "connection_cache_ttl_limit=5s", "--for", "1m"))]

        def of_nobody():
            return [tool(*words).returncode for words in (("list", "connections"), ("stats",))]

        assert as_user(ALICE, of_alice) == [0, 0, 5, 5, 5, 0]
        assert as_user(BOB, of_bob) == [1, 1, 5, 5]
        assert as_user(WATCHER, of_watcher) == [0, 0, 0, 5, 5]
        assert as_user(4209, of_nobody) == [5, 5]
        assert tool("list", "connections", "--user", str(ALICE)).returncode == 0
        assert tool.out("drop", "all", "--user", str(ALICE)) == "drop: dropped count=1\n"
    finally:
        place.end()
