"""What scachectl says about itself: help texts, manual page, completions."""

import re
import subprocess

import pytest

from support import paths

COMMANDS = ("ping", "save", "find", "put", "take", "shell", "run", "stats", "list", "show",
            "watch", "advise", "drop", "params", "set", "unset", "metrics")


def test_help_standalone(nobody):
    overview = nobody.out("--help")
    assert nobody.out("help") == overview
    for command in COMMANDS:
        text = nobody.out(command, "--help")
        assert text.startswith(f"scachectl {command} ")
        assert nobody.out("help", command) == text
        assert re.search(rf"^  {command} ", overview, re.M)
        assert max(map(len, text.splitlines())) <= 90
    assert re.fullmatch(r"scachectl \d+\.\d+\.\d+\n", nobody.out("--version"))


def options(nobody, command):
    """The long options that a help text explains."""
    return set(re.findall(r"^ +(?:-\w, )?--([a-z-]+)", nobody.out(command, "--help"), re.M))


def taken(nobody, command, option):
    """Whether a command knows an option; the line is wrong in any case."""
    done = nobody(command, f"--{option}", "1", "--no-such-option")
    assert done.returncode == 2
    return f"does not take --{option}" not in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_options_of_a_command_standalone(nobody, command):
    """What a command takes is in its help text and in the completions, and nothing else is."""
    every = set().union(*(options(nobody, one) for one in COMMANDS))
    assert len(every) > 15
    known = options(nobody, command)
    assert {option for option in every if taken(nobody, command, option)} == known
    assert {word[2:] for word in complete(f"scachectl {command} --")} == known


def test_options_are_documented_and_completed_standalone(nobody):
    page = (paths.ROOT / "man/scachectl.1").read_text(encoding="utf-8")
    files = {name: (paths.ROOT / "completions" / name).read_text(encoding="utf-8")
             for name in ("scachectl.bash", "_scachectl", "scachectl.fish")}
    for option in set().union(*(options(nobody, command) for command in COMMANDS)):
        assert re.search(rf"Fl Fl {option}\b", page), option
        for name, text in files.items():
            assert re.search(rf"(--|-l ){option}\b", text), (name, option)
    for command in COMMANDS:
        assert re.search(rf"^\.Cm {command}$", page, re.M)
        assert all(re.search(rf"\b{command}\b", text) for text in files.values())


def test_synopsis_standalone():
    """The two dashes in front of a program are a word of their own."""
    done = subprocess.run(["mandoc", "-Tutf8", paths.ROOT / "man/scachectl.1"], check=True,
                          stdout=subprocess.PIPE, text=True, timeout=10)
    text = re.sub(r".\x08", "", done.stdout)
    synopsis = " ".join(text.partition("SYNOPSIS")[2].partition("DESCRIPTION")[0].split())
    assert synopsis.count("-- program [arg ...]") == 3
    assert "take {-d destination | endpoint} [endpoint ...] [-- program [arg ...]]" in synopsis
    assert "find {-d destination | endpoint} [-- program [arg ...]]" in synopsis


def complete(line):
    """What bash would offer for the last word of a line."""
    script = (f"source {paths.ROOT}/completions/scachectl.bash\n"
              "COMP_WORDS=(\"$@\")\nCOMP_CWORD=$(($# - 1))\n_scachectl\n"
              'printf "%s\\n" "${COMPREPLY[@]}"\n')
    words = line.split(" ")
    done = subprocess.run(["bash", "-c", script, "bash", *words], stdout=subprocess.PIPE,
                          text=True, check=True, timeout=10)
    return done.stdout.split()


def test_bash_completion_standalone():
    assert set(complete("scachectl ")) == {*COMMANDS, "help"}
    assert complete("scachectl -s /tmp/x pi") == ["ping"]
    assert complete("scachectl run --t") == ["--to", "--ttl"]
    assert complete("scachectl --js") == ["--json"]
    assert complete("scachectl ping --t") == []
    assert complete("scachectl help sh") == ["shell", "show"]
    assert complete("scachectl list con") == ["connections"]
    assert complete("scachectl --color never drop a") == ["all"]
    assert complete("scachectl run --to un") == ["unix:"]
    assert "bash" in complete("scachectl run --to tcp:a:1 -- bas")


def test_manual_page_standalone():
    done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", paths.ROOT / "man/scachectl.1"],
                          stdout=subprocess.PIPE, text=True, check=False, timeout=10)
    assert (done.returncode, done.stdout) == (0, "")
