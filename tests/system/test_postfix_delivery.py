"""Mail through a private Postfix whose cache service is the build."""

import datetime
import os
import re
import signal
import subprocess
import zoneinfo

import pytest

from support import paths
from support.postfix import Postfix, free_port, service
from support.process import session_members
from support.waiting import wait_until

DATE = r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
TAG = rf"^{DATE} host (\S+)/scache\[\d+\]: "
STATISTICS = [
    rf"statistics: start interval {DATE}",
    r"statistics: domain lookup hits=\d+ miss=\d+ success=\d+%",
    r"statistics: address lookup hits=\d+ miss=\d+ success=\d+%",
    r"statistics: max simultaneous domains=1 addresses=1 connection=\d+",
]


def own_lines(postfix, tag="postfix"):
    """What the cache server logged, without time, host and tag."""
    lines = [re.match(TAG + r"(.*)", line) for line in postfix.log().splitlines()]
    found = [line for line in lines if line]
    assert all(line.group(1) == tag for line in found)
    return [line.group(2) for line in found]


def finish_cache(postfix, tag="postfix"):
    """End the cache server and wait for its statistics; returns all that it logged."""
    os.kill(postfix.scache_pid(), signal.SIGTERM)
    postfix.wait_log(rf" {tag}/scache\[\d+\]: statistics: max simultaneous")
    return own_lines(postfix, tag)


def counted(lines, what):
    """Hits and misses of the statistics line for that kind of look-up."""
    for line in lines:
        found = re.fullmatch(rf"statistics: {what} lookup hits=(\d+) miss=(\d+) .*", line)
        if found:
            return [int(number) for number in found.groups()]
    return [0, 0]


def test_a_thousand_messages():
    """At least nine of ten over cached connections, no warning, and statistics that fit."""
    with Postfix() as postfix:
        postfix.deliver(1000)
        assert postfix.delivered() == 1000
        assert postfix.reused() >= 900
        lines = finish_cache(postfix)
        assert len(lines) >= 3
        assert all(any(re.fullmatch(s, line) for s in STATISTICS) for line in lines), lines
        assert re.fullmatch(STATISTICS[0], lines[0])
        assert re.fullmatch(STATISTICS[3], lines[-1])
        hits = counted(lines, "domain")[0] + counted(lines, "address")[0]
        assert hits == postfix.reused()
        assert postfix.problems() == []
        postfix.shut_down()
        wanted = (1000 - postfix.reused(), 1000)
        wait_until(lambda: postfix.sink.counters() == wanted, 2, f"the sink's {wanted}")


def test_nothing_is_left():
    """After stop() no process of it runs, its directory is gone, the machine's is untouched."""
    before = os.stat("/var/spool/postfix").st_mtime_ns
    postfix = Postfix()
    postfix.deliver(5)
    session, sink = postfix.master.pid, postfix.sink.process.pid
    assert len(session_members(session)) > 5
    postfix.stop()
    assert session_members(session) == session_members(sink) == []
    assert not postfix.directory.exists()
    assert os.stat("/var/spool/postfix").st_mtime_ns == before


def test_chrooted_in_another_time_zone():
    """As Debian ships the service, and with local dates: the jail holds no zone file."""
    zone = "Asia/Kathmandu"
    with Postfix(service(paths.program(), chroot=True), env={"TZ": zone}) as postfix:
        postfix.deliver(100)
        assert os.readlink(f"/proc/{postfix.scache_pid()}/root") == str(postfix.queue)
        lines = finish_cache(postfix)
        assert postfix.reused() >= 60
        assert postfix.problems() == []
    now = datetime.datetime.now(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None)
    date = datetime.datetime.strptime(f"{now.year} {lines[0][-15:]}", "%Y %b %d %H:%M:%S")
    assert abs((now - date).total_seconds()) < 120


def test_verbose_with_another_name():
    """-v -v tells much, under the tag that multi_instance_name makes, and warns of nothing."""
    with Postfix(service(paths.program(), arguments="-v -v"),
                 params={"multi_instance_name": "postfix-two"}) as postfix:
        postfix.deliver(50)
        lines = finish_cache(postfix, "postfix-two")
        assert any("find_dest" in line for line in lines)
        assert any("reuse_count=" in line for line in lines)
        assert postfix.reused() >= 25
        # So much is said that postlogd(8) need not keep up; records may be lost, not time.
        lost = r"warning: \d+ log records before this one were lost"
        assert [line for line in postfix.problems() if not re.search(lost, line)] == []


def test_second_service_with_its_own_tag():
    """connection_cache_service_name points at a second service, beside Postfix's own."""
    lines = (service(paths.POSTFIX_SCACHE)
             + service(paths.program(), name="other", arguments="-o syslog_name=try/out"))
    with Postfix(lines, params={"connection_cache_service_name": "other"}) as postfix:
        postfix.deliver(100)
        pid = postfix.scache_pid()
        assert os.path.samefile(f"/proc/{pid}/exe", paths.program())
        assert len(postfix.pids()) == 1
        assert any("statistics: domain lookup" in line for line in finish_cache(postfix, "try/out"))
        assert postfix.reused() >= 60
        assert postfix.problems() == []


def make_certificate(directory):
    """A throw-away key and certificate in one file."""
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=sink.test.invalid", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    both = directory / "both.pem"
    both.write_text(key.read_text() + certificate.read_text())
    return both


@pytest.fixture
def tls_postfix(tmp_path):
    """A Postfix that relays, encrypted, to a second smtpd of its own which discards."""
    port, certificate = free_port(), make_certificate(tmp_path)
    receiver = (f"127.0.0.1:{port} inet n - n - - smtpd -o smtpd_tls_security_level=may"
                f" -o smtpd_tls_chain_files={certificate}"
                " -o smtpd_recipient_restrictions=check_client_access,static:discard"
                " -o myhostname=sink.test.invalid -o syslog_name=receiver\n")
    params = {"smtp_tls_security_level": "encrypt", "smtp_tls_connection_reuse": "yes",
              "smtp_tls_loglevel": "1", "tlsproxy_tls_security_level": "may",
              "tlsproxy_tls_chain_files": certificate}
    with Postfix(master_cf=receiver, params=params, relay_port=port) as postfix:
        yield postfix


def test_tls_by_way_of_tlsproxy(tls_postfix):
    """Encrypted connections are cached too: what is passed on is the socket to tlsproxy."""
    tls_postfix.deliver(100)
    assert tls_postfix.reused() >= 60
    assert tls_postfix.lines(r"TLS connection reused to 127\.0\.0\.1")
    assert counted(finish_cache(tls_postfix), "domain")[0] > 0
    assert tls_postfix.problems() == []
