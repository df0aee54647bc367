"""What the server writes to its log: tags, statistics, severities; and nobody reading it."""

import datetime
import re
import signal
import socket
import time
import zoneinfo

import pytest

from support import launch, needs
from support.client import keep
from support.waiting import wait_until

DATE = r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
START = rf"statistics: start interval {DATE}"


def texts(server, tag="postfix/scache"):
    """The texts of all records, each of which must have the right frame."""
    frame = re.compile(rf"({DATE}) host {re.escape(tag)}\[{server.process.pid}\]: (.*)", re.S)
    matches = [frame.fullmatch(record.rstrip("\n")) for record in server.records]
    assert all(matches), server.records
    return [match.group(2) for match in matches]


def finish(server):
    """End it by TERM."""
    server.process.signal(signal.SIGTERM)
    assert server.wait_exit(2) == 0


def look_up(client):
    """Three domain look-ups, two of them hits, and three address look-ups, one a hit."""
    fars = [keep(client, f"e{n % 2}") for n in range(4)]
    assert client.save_dest("d0", "e0") == client.save_dest("d1", "e1") == 0
    assert [client.find_dest(d)[0] for d in ("d0", "d1", "d2")] == [0, 0, 2]
    assert [client.find_endp(e)[0] for e in ("e0", "e2", "e3")] == [0, 2, 2]
    for far in fars:
        far.close()


def test_statistics():
    """The four lines, exact, at the end; nothing else in normal running."""
    with launch.MasterServer() as server:
        with server.connect() as client:
            look_up(client)
        assert server.records == []
        finish(server)
        lines = texts(server)
    assert re.fullmatch(START, lines[0])
    assert lines[1:] == [
        "statistics: domain lookup hits=2 miss=1 success=66%",
        "statistics: address lookup hits=1 miss=2 success=33%",
        "statistics: max simultaneous domains=2 addresses=2 connection=4",
    ]


def test_statistics_say_only_what_is_not_zero():
    """A process that did nothing says nothing; one that only missed gives no sizes."""
    with launch.MasterServer().ready() as idle, launch.MasterServer() as missed:
        with missed.connect() as client:
            assert client.find_dest("x")[0] == 2
        finish(idle)
        finish(missed)
        assert idle.records == []
        lines = texts(missed)
    assert re.fullmatch(START, lines[0])
    assert lines[1:] == ["statistics: domain lookup hits=0 miss=1 success=0%"]


def test_statistics_by_the_clock():
    """Every connection_cache_status_update_time, counting anew; a peak is never below the size."""
    with launch.MasterServer(params={"connection_cache_status_update_time": "1s"}) as server:
        with server.connect() as client:
            far = keep(client, "x")
            assert client.find_endp("y")[0] == 2
            wait_until(lambda: server.logged().count("max simultaneous") >= 2, 4, "two intervals")
        finish(server)
        lines = [line for line in texts(server) if "start interval" not in line]
        far.close()
    assert lines[0] == "statistics: address lookup hits=0 miss=1 success=0%"
    assert set(lines[1:]) == {"statistics: max simultaneous domains=0 addresses=1 connection=1"}


def test_malformed_requests_count_as_nothing():
    """Malformed and undelivered look-ups are neither hit nor miss."""
    with launch.MasterServer() as server:
        with server.connect() as client:
            assert client.status(("request", "find_endp"), ("odd", "x")) == 1
            far = keep(client, "x")
            assert client.ask(("request", "find_endp"), ("label", "x")) == ["0", "p"]
        server.ready()
        finish(server)
        far.close()
        assert "lookup" not in server.logged()


@pytest.mark.parametrize("how, tag", [
    ({"params": {"multi_instance_name": "postfix-two"}}, "postfix-two/scache"),
    ({"params": {"syslog_name": "letters"}}, "letters/scache"),
    ({"args": ["-o", "syslog_name=other/$service_name"]}, "other/scache/scache"),
    ({"env": {"MAIL_LOGTAG": "early"}}, "postfix/scache"),
], ids=["multi_instance_name", "syslog_name", "-o", "main.cf over MAIL_LOGTAG"])
def test_tag(how, tag):
    """syslog_name/process_name[pid]."""
    with launch.MasterServer(**how) as server:
        with server.connect() as client:
            client.find_dest("x")
        finish(server)
        assert len(texts(server, tag)) == 2


@pytest.mark.parametrize("env, tag", [({"MAIL_LOGTAG": "early"}, "early/scache"),
                                      ({"MAIL_LOGTAG": None}, "postfix/scache")])
def test_tag_before_configuration(env, tag):
    """Before main.cf is read the environment's MAIL_LOGTAG serves, else postfix."""
    with launch.MasterServer(env=env, args=["-Q"]) as server:
        assert server.wait_exit(4) == 1
        assert texts(server, tag) == ["fatal: invalid option: Q"]


@pytest.mark.parametrize("also", [[], ["-c"]], ids=["plain", "chroot"])
def test_local_time(also):
    """Dates are in local time, also inside a jail without a zone file."""
    zone = "Asia/Kathmandu"
    with launch.MasterServer(args=also, env={"TZ": zone}) as server:
        with server.connect() as client:
            client.find_dest("x")
        finish(server)
        now = datetime.datetime.now(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None)
        for text in (server.records[0], texts(server)[0].partition("interval ")[2]):
            date = datetime.datetime.strptime(f"{now.year} {text[:15]}", "%Y %b %d %H:%M:%S")
            assert abs((now - date).total_seconds()) < 60


def test_verbose():
    """-v tells of clients, requests and outcomes, -v -v of attributes; no warning, no error."""
    sizes = []
    for flags in (["-v"], ["-v", "-v"]):
        with launch.MasterServer(args=flags) as server:
            with server.connect() as client:
                far = keep(client, "one-label", prop="its-property")
                client.find_endp("one-label")
            finish(server)
            log = server.logged()
            far.close()
        assert "find_endp" in log and "save_endp" in log
        assert not re.search(r"\]: (warning|error|fatal|panic): ", log)
        sizes.append(len(log))
    assert "one-label" in log and "its-property" in log
    assert sizes[1] > sizes[0]


def test_also_to_standard_error():
    """-V: the log goes to standard error as well."""
    with launch.MasterServer(args=["-V"]) as server:
        with server.connect() as client:
            client.find_dest("x")
        finish(server)
        assert "statistics: domain lookup hits=0 miss=1 success=0%" in server.text()
        assert "statistics: domain lookup hits=0 miss=1 success=0%" in server.logged()


def test_malformed_input_is_warned_of_once():
    """Malformed input draws one warning, not one a request."""
    with launch.MasterServer() as server:
        with server.connect() as client:
            for _ in range(200):
                assert client.status(("request", "find_endp"), ("odd", "x\x01\x80")) == 1
        server.ready()
        finish(server)
        warnings = [text for text in texts(server) if text.startswith("warning: ")]
    assert 1 <= len(warnings) <= 3


def ask_often(server, count=300):
    """Requests that each make the log longer; returns how long they took."""
    start = time.monotonic()
    with server.connect() as client:
        for number in range(count):
            assert client.find_endp(f"label-{number}")[0] == 2
    return time.monotonic() - start


def test_nobody_reads_the_log():
    """A full postlog socket makes nobody wait, and what was lost is told later."""
    with launch.MasterServer(args=["-v", "-v"], read_log=False) as server:
        assert ask_often(server, 3000) < 10
        assert server.process.alive()
        server.log_socket.settimeout(0.2)
        log = drain(server.log_socket)
        assert ask_often(server, 2) < 1
        assert re.search(r"warning: \d+ log records before this one were lost",
                         log + drain(server.log_socket))
        server.process.signal(signal.SIGTERM)
        assert server.wait_exit(1) == 0


@pytest.mark.parametrize("also", [[], ["-c"]], ids=["plain", "chroot"])
def test_log_socket_made_anew(also):
    """When the postlog socket is replaced the server finds the new one, inside a jail too."""
    with launch.MasterServer(args=also, read_log=False) as server:
        with server.connect() as client:
            client.find_dest("x")
        path = server.queue / "public" / "postlog"
        path.unlink()
        server.log_socket.close()
        server.log_socket = server.bind_log()
        server.log_socket.settimeout(0.2)
        server.process.signal(signal.SIGTERM)
        assert server.wait_exit(1) == 0
        assert "statistics: domain lookup hits=0 miss=1" in drain(server.log_socket)


def drain(sock):
    """All records that are there, one a line."""
    text = ""
    try:
        while True:
            text += sock.recv(65536).decode("utf-8", "replace") + "\n"
    except (TimeoutError, BlockingIOError):
        return text


# A file system of its own for /dev, with a log socket in it that is ours.
PRIVATE_DEV = r"""
for name in null zero random urandom tty; do
    touch "$1/$name" && mount --bind "/dev/$name" "$1/$name" || exit 99
done
mount --rbind "$1" /dev || exit 99
shift
exec "$@"
"""


@pytest.fixture
def dev(tmp_path):
    """A directory to mount on /dev, and the socket /dev/log in it."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(str(tmp_path / "log"))
    (tmp_path / "log").chmod(0o666)
    tmp_path.chmod(0o755)
    yield tmp_path, sock
    sock.close()


def start_with_dev(directory, args=()):
    """A server that logs by syslog, to a /dev/log of its own."""
    prefix = ["unshare", "-m", "--", "sh", "-c", PRIVATE_DEV, "sh", directory]
    server = launch.MasterServer(prefix=prefix, args=args,
                                 params={"maillog_file": ""}, read_log=False,
                                 env={"POSTLOG_SERVICE": None, "POSTLOG_HOSTNAME": None})
    if server.process.wait(0.3) in (1, 99):
        server.stop()
        needs.skip("takes leave to mount")
    return server


def test_syslog(dev):
    """Records to /dev/log carry facility mail, a priority by severity, and the tag."""
    with start_with_dev(dev[0]) as server:
        with server.connect() as client:
            client.find_dest("x")
        server.process.signal(signal.SIGTERM)
        assert server.process.wait(2) == 0
        dev[1].settimeout(0.2)
        lines = drain(dev[1]).rstrip("\n").split("\n")
        pid = server.process.pid
    assert re.fullmatch(rf"<22>{DATE} postfix/scache\[{pid}\]: {START}\0?", lines[0])
    assert len(lines) == 2


def test_syslog_facility_and_priority(dev):
    """syslog_facility decides, and a warning has priority 4."""
    with start_with_dev(dev[0], ["-D", "-o", "syslog_facility=local3"]) as server:
        server.ready()
        dev[1].settimeout(0.5)
        assert re.match(rf"<{(16 + 3) * 8 + 4}>{DATE} postfix/scache\[\d+\]: warning: ",
                        drain(dev[1]))


def test_nobody_reads_syslog(dev):
    """glibc's syslog would hang; the server must not."""
    with start_with_dev(dev[0], ["-v", "-v"]) as server:
        assert ask_often(server) < 2
        server.process.signal(signal.SIGTERM)
        assert server.process.wait(1) == 0
