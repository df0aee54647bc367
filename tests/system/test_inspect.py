"""scache --check and --print-config, as whole programs: what is said of a configuration, and which
values hold."""

import os
import re
import subprocess

import pytest

from support import alone, paths

MAIN_CF = """\
queue_directory = {dir}
mail_owner = {user}
myhostname = a.example.org
"""


@pytest.fixture(name="place")
def fixture_place():
    """A directory for one test."""
    one = alone.Place()
    yield one
    one.end()


def inspect(*args, env=None, program=None):
    """(exit status, standard output, standard error) of scache with these arguments."""
    done = subprocess.run([program or paths.program(), *map(str, args)], capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=20, check=False,
                          env={"PATH": os.environ["PATH"]} | (env or {}))
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def postfix(place, more="", ours=None, user="nobody"):
    """A directory of Postfix's configuration."""
    (place / "main.cf").write_text(MAIN_CF.format(dir=place / ".", user=user) + more)
    if ours is not None:
        (place / "scache.cf").write_text(ours)
    return place / "."


def values(text):
    """name: (value, where it was set)."""
    pairs = re.findall(r"^# (.*)\n([a-z_]+) =(?: (.*))?$", text, re.MULTILINE)
    assert "".join(f"# {where}\n{name} ={' ' if value else ''}{value}\n"
                   for where, name, value in pairs) == text
    return {name: (value, where) for where, name, value in pairs}


def test_check_good(place):
    """Nothing is said, and the status is 0."""
    assert inspect("--check", "-c", postfix(place)) == (0, "", "")
    assert inspect("--check", env={"MAIL_CONFIG": str(place / ".")}) == (0, "", "")
    (place / "scache.conf").write_text("connection_cache_ttl_limit = 5m\n")
    assert inspect("--check", "--config", place / "scache.conf") == (0, "", "")
    assert inspect("--listen", place / "socket", "--check", "-v") == (0, "", "")
    assert not (place / "socket").exists()


def test_check_every_mistake(place):
    """All bad values are told, each where it stands."""
    path = postfix(place, "max_idle = 5q\n", "connection_cache_reuse_order = x\n")
    status, out, err = inspect("--check", "-c", path, "-o", "connection_cache_greeting=often")
    assert (status, out) == (1, "")
    assert sorted(err.splitlines()) == [
        f"scache: fatal: {path}/main.cf, line 4: max_idle = 5q: must be a time: digits, then s, m, "
        "h, d or w",
        f"scache: fatal: {path}/scache.cf, line 1: connection_cache_reuse_order = x: must be one of "
        "oldest, newest",
        "scache: fatal: option -o: connection_cache_greeting = often: must be one of no, yes, auto",
    ]


MISTAKES = {
    "file": ("", {"more": "words\n"}, "main.cf, line 4: missing '='"),
    "other file": ("", {"ours": "\nwords\n"}, "scache.cf, line 2: missing '='"),
    "reference": ("", {"more": "syslog_name = ${\n"}, "main.cf, line 4: syslog_name: unclosed"),
    "user": ("", {"user": "nosuchuser"}, "main.cf, line 2: mail_owner = nosuchuser: no such user"),
    "root": ("", {"user": "root"}, "main.cf, line 2: mail_owner = root: that is root"),
    "queue": ("-o queue_directory=/nowhere", {}, "option -o: queue_directory = /nowhere: No such"),
    "queue file": ("-o queue_directory=/etc/passwd", {}, "queue_directory = /etc/passwd: Not a dir"),
    "log": ("-o maillog_file=/nowhere/log", {}, "maillog_file = /nowhere/log: begins with none"),
    "times": ("-o ipc_timeout=x", {}, "option -o: ipc_timeout = x: must be a time"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_check_postfix(place, name):
    """What would keep a server of Postfix's from starting."""
    args, how, wanted = MISTAKES[name]
    status, out, err = inspect("--check", "-c", postfix(place, **how), *args.split())
    assert (status, out, len(err.splitlines())) == (1, "", 1), err
    assert err.startswith("scache: fatal: ") and wanted in err


ALONE = {
    "users": ("-o connection_cache_authorized_users=daemon,nosuchuser", "no such user: nosuchuser"),
    "sharers": ("-o connection_cache_shared_users=nosuchuser", "no such user: nosuchuser"),
    "file": ("--config /nowhere/scache.conf", "open /nowhere/scache.conf: No such file"),
    "directory": ("--config /tmp", "open /tmp: Is a directory"),
    "option": ("--config /dev/null --nonsense", "invalid option: --nonsense"),
    "word": ("nonsense", "unexpected argument: nonsense"),
    "mode": ("--mode 9", "--mode 9: not an octal mode"),
    "postfix's": ("-c /etc/postfix", "-c /etc/postfix: is for Postfix's configuration only"),
    "only set": ("-n", "option -n is for --print-config only"),
}


@pytest.mark.parametrize("name", ALONE)
def test_check_alone(name):
    """The same for one on its own; a wrong command line is told too."""
    args, wanted = ALONE[name]
    status, out, err = inspect("--listen", "socket", "--check", *args.split())
    assert (status, out, len(err.splitlines())) == (1, "", 1), err
    assert err.startswith("scache: fatal: ") and wanted in err


def test_check_no_postfix():
    """Where there is no Postfix the file that was looked for is named."""
    status, _, err = inspect("--check", "-c", "/nowhere")
    assert (status, err) == (1, "scache: fatal: open /nowhere/main.cf: No such file or directory\n")


def test_check_warnings_are_no_mistakes(place):
    """A name that nobody knows, one set twice, a byte order mark: status 0."""
    more = "connection_cache_tll_limit = 5\nmax_idle = 5\nmax_idle = 6\n"
    path = postfix(place, more)
    status, out, err = inspect("--check", "-c", path)
    assert (status, out) == (0, "")
    assert sorted(err.splitlines()) == [
        f"scache: warning: {path}/main.cf, line 4: unknown parameter connection_cache_tll_limit; "
        "the nearest known one is connection_cache_ttl_limit",
        f"scache: warning: {path}/main.cf, line 6: overriding earlier entry: max_idle=5",
    ]
    main = path / "main.cf"
    main.write_bytes(b"\xef\xbb\xbf" + main.read_bytes().splitlines(keepends=True)[0])
    status, _, err = inspect("--check", "-c", path, "-o", "queue_directory=/tmp",
                             "-o", "mail_owner=nobody")
    assert (status, err.count("\n")) == (0, 1)
    assert "a byte order mark stands in front" in err


def test_check_bytes_do_not_reach_the_terminal(place):
    """Control characters of a configuration are shown as question marks."""
    status, _, err = inspect("--check", "-c", postfix(place, "max_idle = \x1b[2J\x07\x7f\n"))
    assert status == 1 and "max_idle = ?[2J??: must be a time" in err


def test_check_needs_no_rights(place):
    """Anybody may look at what he can read."""
    if os.geteuid() != 0:
        pytest.skip("takes root")
    path = postfix(place)
    os.chmod(place / ".", 0o755)
    done = subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                           paths.program(), "--check", "-c", path], capture_output=True,
                          check=False)
    if b"Permission denied" in done.stderr and b"setpriv" in done.stderr:
        pytest.skip("the build is not readable for others")
    assert (done.returncode, done.stderr) == (0, b"")


def test_print_config_is_what_holds(place):
    """Values after references, units and files, each with the place that decided."""
    path = postfix(place, "idle = 2m\nmax_idle = $idle\nconnection_cache_ttl_limit = 5\n",
                   "\nconnection_cache_ttl_limit = 7\nconnection_cache_greeting = NO\n")
    status, out, err = inspect("--print-config", "-c", path, "-o", "ipc_timeout = 1h")
    assert (status, err) == (0, "")
    found = values(out)
    assert list(found) == sorted(found)
    assert found["max_idle"] == ("120s", f"{path}/main.cf, line 5")
    assert found["connection_cache_ttl_limit"] == ("7s", f"{path}/scache.cf, line 2")
    assert found["connection_cache_greeting"] == ("no", f"{path}/scache.cf, line 3")
    assert found["ipc_timeout"] == ("3600s", "option -o")
    assert found["syslog_name"] == ("postfix", "default")
    assert found["maillog_file"] == ("", "default")
    assert found["connection_cache_reuse_order"] == ("oldest", "default")
    assert "connection_cache_user_session_limit" not in found, "it has no effect here"
    assert "idle" not in found and "process_id" not in found


def test_print_config_only_what_was_set(place):
    """-n, as postconf(1) has it; -o counts."""
    path = postfix(place, "max_idle = 100s\n")
    status, out, _ = inspect("--print-config", "-n", "-c", path, "-o", "connection_cache_greeting=no")
    assert status == 0
    assert values(out) == {
        "queue_directory": (str(path), f"{path}/main.cf, line 1"),
        "mail_owner": ("nobody", f"{path}/main.cf, line 2"),
        "myhostname": ("a.example.org", f"{path}/main.cf, line 3"),
        "max_idle": ("100s", f"{path}/main.cf, line 4"),
        "connection_cache_greeting": ("no", "option -o"),
    }


def test_print_config_alone(place):
    """The defaults of a server on its own; Postfix's parameters have no effect there."""
    status, out, err = inspect("--listen", "socket", "--print-config")
    found = values(out)
    assert (status, err) == (0, "")
    assert found["connection_cache_ttl_limit"] == ("60s", "default")
    assert found["connection_cache_endpoint_session_limit"] == ("16", "default")
    assert "connection_cache_user_session_limit" in found and "mail_owner" not in found
    (place / "scache.conf").write_text("# hello\nconnection_cache_shared_users = $a\na = b, c\n")
    status, out, _ = inspect("--config", place / "scache.conf", "--print-config", "-n")
    assert values(out) == {"connection_cache_shared_users": ("b, c", f"{place / 'scache.conf'}, line 2")}


def test_print_config_is_a_configuration(place):
    """What was printed means the same when it is read."""
    path = postfix(place, "max_idle = 2h\nconnection_cache_check_peer = NO\n", "syslog_name = a  b\n")
    printed = inspect("--print-config", "-c", path)[1]
    (place / "main.cf").write_text(printed)
    (place / "scache.cf").unlink()
    again = values(inspect("--print-config", "-c", path)[1])
    assert {name: pair[0] for name, pair in again.items()} == {
        name: pair[0] for name, pair in values(printed).items()}


def test_print_config_of_the_file_that_is_installed(place):
    """Every line of it that is a comment shows a name that there is, with its default."""
    text = (paths.ROOT / "dist/scache.conf").read_text()
    shown = dict(re.findall(r"^#([a-z_]+) = ?(.*)$", text, re.MULTILINE))
    assert len(shown) >= 8
    (place / "empty").write_text("")
    defaults = values(inspect("--config", place / "empty", "--print-config")[1])
    examples = {"connection_cache_authorized_users"}
    for name in shown.keys() - examples:
        assert defaults[name] == (shown[name], "default"), name
    assert examples < defaults.keys()
    (place / "all").write_text(re.sub(r"^#([a-z_]+ =)", r"\1", text, flags=re.MULTILINE))
    status, out, err = inspect("--config", place / "all", "--print-config", "-n")
    assert (status, err) == (0, "") and values(out).keys() == shown.keys()


def test_print_config_of_a_wrong_one(place):
    """There is nothing to print, and status 1."""
    status, out, err = inspect("--print-config", "-c", postfix(place, "max_idle = x\n"))
    assert (status, out) == (1, "") and "line 4: max_idle = x" in err


def test_print_config_line_by_line(place):
    """A value of the command line that has two lines is printed on one."""
    out = inspect("--print-config", "-n", "-c", postfix(place), "-o", "syslog_name=a\nb = c")[1]
    assert values(out)["syslog_name"] == ("a?b = c", "option -o")


def test_print_config_to_a_full_disk(place):
    """What was not written is told by the status."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run([paths.program(), "--print-config", "-c", postfix(place)],
                              stdout=full, check=False)
    assert done.returncode == 1
