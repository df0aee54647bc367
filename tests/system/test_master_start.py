"""Starting under master(8): arguments, parameters, and what is said when they are wrong."""

import os
import pty
import re
import subprocess
import time

import pytest

from support import launch
from support.client import keep
from support.paths import POSTFIX_DAEMONS


def option(text):
    """Arguments with one -o added."""
    return {"args": ["-o", text]}


def cf(line):
    """A main.cf whose last line, the fourth, is this one."""
    return {"main_cf": ("maillog_file = {dir}/mail.log\nmaillog_file_prefixes = {dir}\n"
                        "queue_directory = {dir}/queue\n" + line + "\n")}


# What is wrong, how the server is started, and what the fatal record must say.
FATAL = {
    "no -l": ({"arguments": ["-n", "scache", "-t", "unix", "-u"]},
              ["service scache requires a process limit of 1"]),
    "no -l, other name": ({"arguments": ["-n", "other", "-t", "unix", "-u"]},
                          ["service other requires a process limit of 1"]),
    "no -t": ({"arguments": ["-l", "-n", "scache", "-u"]}, ["no transport type specified"]),
    "-t inet": ({"arguments": ["-l", "-n", "scache", "-t", "inet", "-u"]},
                ["unsupported transport type: inet"]),
    "-t foo": ({"arguments": ["-l", "-n", "scache", "-t", "foo", "-u"]},
               ["unsupported transport type: foo"]),
    "-Q": ({"args": ["-Q"]}, ["invalid option: Q"]),
    "surplus": ({"args": ["surplus"]}, ["surplus"]),
    "-s 0": ({"args": ["-s", "0"]}, ["0"]),
    "-s x": ({"args": ["-s", "x"]}, ["x"]),
    "-i 0": ({"args": ["-i", "0"]}, ["max_idle", "0"]),
    "-i x": ({"args": ["-i", "x"]}, ["max_idle", "x"]),
    "-o without =": (option("nonsense"), ["nonsense"]),
    "-o bad value": (option("connection_cache_ttl_limit=2parsecs"),
                     ["connection_cache_ttl_limit", "2parsecs"]),
    "ttl limit 0": (cf("connection_cache_ttl_limit = 0"),
                    ["main.cf", "line 4", "connection_cache_ttl_limit", "0"]),
    "ttl limit text": (cf("connection_cache_ttl_limit = long"),
                       ["main.cf", "line 4", "connection_cache_ttl_limit", "long"]),
    "update time": (cf("connection_cache_status_update_time = 5x"),
                    ["main.cf", "line 4", "connection_cache_status_update_time", "5x"]),
    "max_idle 0": (cf("max_idle = 0s"), ["main.cf", "line 4", "max_idle", "0s"]),
    "daemon_timeout": (cf("daemon_timeout = never"),
                       ["main.cf", "line 4", "daemon_timeout", "never"]),
    "ipc_timeout": (cf("ipc_timeout = -5"), ["main.cf", "line 4", "ipc_timeout", "-5"]),
    "limit": (cf("connection_cache_session_limit = many"),
              ["main.cf", "line 4", "connection_cache_session_limit", "many"]),
    "yes or no": (cf("connection_cache_greeting = perhaps"),
                  ["main.cf", "line 4", "connection_cache_greeting", "perhaps"]),
    "order": (cf("connection_cache_reuse_order = random"),
              ["main.cf", "line 4", "connection_cache_reuse_order", "random"]),
    "facility": (cf("syslog_facility = letterbox"),
                 ["main.cf", "line 4", "syslog_facility", "letterbox"]),
    "owner": (cf("mail_owner = nosuchuser"), ["main.cf", "line 4", "mail_owner", "nosuchuser"]),
    "owner is root": (cf("mail_owner = root"), ["main.cf", "line 4", "mail_owner", "root"]),
    "by reference": (cf("odd = 3q\nmax_idle = $odd"), ["main.cf", "line 5", "max_idle", "3q"]),
    "no =": (cf("just words"), ["main.cf", "line 4"]),
    "open brace": (cf("syslog_name = ${mail_owner"), ["syslog_name"]),
    "empty name": (cf("syslog_name = ${}"), ["syslog_name"]),
    "itself": (cf("syslog_name = a$syslog_name"), ["syslog_name"]),
    "log file elsewhere": (option("maillog_file=/nowhere/mail.log"),
                           ["maillog_file", "/nowhere/mail.log", "maillog_file_prefixes"]),
    "no main.cf": ({"env": {"MAIL_CONFIG": "/nowhere"}}, ["/nowhere/main.cf"]),
}


def outcome(server, start):
    """(exit status, seconds, all that was said) of a server that should not run."""
    status = server.wait_exit(6)
    took = time.monotonic() - start
    text = server.logged() + "\n" + server.text()
    server.stop()
    return status, took, text


@pytest.fixture(scope="module")
def refused():
    """The outcome of every case of FATAL; all are started together, because each pauses."""
    start, servers = time.monotonic(), {}
    for name, (how, _) in FATAL.items():
        servers[name] = launch.MasterServer(**how)
    return {name: outcome(server, start) for name, server in servers.items()}


@pytest.mark.parametrize("name", FATAL)
def test_fatal(refused, name):
    """A fatal record that says what is wrong, and exit status 1 after a pause."""
    status, took, text = refused[name]
    fatal = [line for line in text.splitlines() if "fatal: " in line]
    assert len(fatal) == 1, text
    for part in FATAL[name][1]:
        assert part in fatal[0]
    assert status == 1
    assert took >= 1, "master respawns at once what does not pause"


def test_fatal_pauses_one_second():
    """One alone, so that the time can be told."""
    start = time.monotonic()
    status, took, _ = outcome(launch.MasterServer(args=["-Q"]), start)
    assert status == 1
    assert 1 <= took < 1.6


def test_not_by_hand():
    """With a terminal as standard input it says so, and mentions --listen."""
    master, slave = pty.openpty()
    with launch.MasterServer(stdin=slave) as server:
        status = server.wait_exit(4)
        assert "do not run this command by hand" in server.text()
        assert "--listen" in server.text()
        assert status == 1
    os.close(master)
    os.close(slave)


def test_terminal_allowed():
    """-d: no check for a terminal."""
    master, slave = pty.openpty()
    with launch.MasterServer(stdin=slave, args=["-d"]) as server:
        server.ready()
    os.close(master)
    os.close(slave)


def test_ignored_options():
    """-m with its value, -z and a generous -i and -s mean nothing special."""
    with launch.MasterServer(args=["-m", "5", "-z", "-i", "50", "-s", "1"]) as server:
        server.ready()
        assert server.records == []


def test_debugger_option_warns():
    """-D is ignored, with a warning."""
    with launch.MasterServer(args=["-D"]) as server:
        server.ready()
        assert len(server.records) == 1
        assert "warning: " in server.records[0]


def test_override_with_blanks():
    """-o 'name = value': blanks around both are dropped, and main.cf is overridden."""
    with launch.MasterServer(args=["-o", "connection_cache_greeting = no"],
                             params={"connection_cache_greeting": "yes"}) as server:
        with server.connect(greeting=False) as client:
            assert client.find_endp("x") == (2, "", -1)


def test_greeting_off():
    """For Postfix 3.5 and earlier the server says nothing first."""
    with launch.MasterServer(params={"connection_cache_greeting": "no"}) as server:
        with server.connect(greeting=False) as client:
            assert client.find_dest("x") == (2, "", "", -1)


def test_several_sockets():
    """-s 2: both listening sockets lead to the same cache."""
    with launch.MasterServer(args=["-s", "2"], sockets=2) as server:
        with launch.Client(server.sockets[0]) as one, launch.Client(server.sockets[1]) as two:
            far = keep(one, "several")
            assert two.find_endp("several")[:2] == (0, "p")
            far.close()


@pytest.mark.parametrize("also", [[], ["-c"]], ids=["plain", "chroot"])
def test_runs_as_mail_owner(also):
    """-u: user and group of mail_owner; -c: the root is the queue directory."""
    with launch.MasterServer(args=also).ready() as server:
        with open(f"/proc/{server.process.pid}/status", encoding="utf-8") as file:
            fields = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        uid, gid = ids("postfix")
        assert fields["Uid"].split() == [uid] * 4
        assert fields["Gid"].split() == [gid] * 4
        assert "0" not in fields["Groups"].split()
        root = os.readlink(f"/proc/{server.process.pid}/root")
        assert root == (str(server.queue) if also else "/")


def ids(user):
    """User and group id as text."""
    return [subprocess.check_output(["id", flag, user], text=True).strip() for flag in ("-u", "-g")]


def all_defaults(directory):
    """A main.cf of every line that `postconf -d` prints, but for the private places."""
    lines = subprocess.run(["postconf", "-d"], capture_output=True, text=True, check=True).stdout
    own = {"queue_directory": "queue", "data_directory": "data", "config_directory": "config",
           "maillog_file": "mail.log", "maillog_file_prefixes": ""}
    for name, path in own.items():
        lines = re.sub(rf"(?m)^{name} =.*$", f"{name} = {directory}/{path}", lines)
    return lines


def test_main_cf_of_all_defaults():
    """A main.cf made of every line of `postconf -d` is read without a word."""
    with launch.MasterServer(main_cf=all_defaults("{dir}")) as server:
        server.ready()
        assert server.records == []
        assert server.text() == ""


def test_real_main_cf_text():
    """Comments, continued lines, carriage returns, references and conditions."""
    text = ("# a comment\r\n"
            "\r\n"
            "maillog_file_prefixes = {dir}\r\n"
            "maillog_file =\n"
            "# a comment in the midst of it\n"
            "\n"
            "    {dir}/mail.log\n"
            "queue_directory = {dir}/queue\n"
            "limit = 1\n"
            "connection_cache_ttl_limit = ${{$limit} == {1} ? {${limit}0} : {5}}s\n")
    with launch.MasterServer(main_cf=text) as server:
        with server.connect() as client:
            far = keep(client, "x")
            assert client.find_endp("x")[0] == 0
            far.close()
        assert server.records == []


def test_warnings_of_main_cf():
    """A first line that begins with white space, and a name set twice, draw a warning each."""
    text = (" stray = 1\nmaillog_file_prefixes = {dir}\nmaillog_file = {dir}/mail.log\n"
            "queue_directory = {dir}/queue\nmax_idle = 50s\nmax_idle = 60s\n")
    with launch.MasterServer(main_cf=text) as server:
        server.ready()
        warnings = [line for line in server.records if "warning: " in line]
        assert len(warnings) == len(server.records) == 2
        assert any("max_idle" in line for line in warnings)


def test_postfix_is_where_it_should_be():
    """These tests compare with Postfix's own server."""
    assert (POSTFIX_DAEMONS / "scache").exists()
