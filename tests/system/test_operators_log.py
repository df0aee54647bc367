"""The log's reader goes away and comes back; more of it in test_master_log.py."""

import os
import re
import signal
import socket
import time

import pytest
from test_master_log import dev, start_with_dev  # noqa: F401 (a fixture)

from support import launch
from support.client import Client
from support.postfix import Postfix
from support.waiting import wait_until

LOST = r"warning: (\d+) log records before this one were lost"
NUMBER = re.compile(r'label-(\d+)')


def ask(client, first, count=200):
    """Requests of which each is logged, and told from the others; the longest time of one."""
    worst = 0
    for number in range(first, first + count):
        start = time.monotonic()
        assert client.find_endp(f"label-{number}")[0] == 2
        worst = max(worst, time.monotonic() - start)
    return worst


def read_until(sock, text):
    """All records up to the one with that text; the server goes on trying to send by the clock."""
    sock.settimeout(5)
    log = ""
    while text not in log:
        log += sock.recv(65536).decode() + "\n"
    return log


@pytest.mark.parametrize("also", [[], ["-c"]], ids=["plain", "chroot"])
def test_postlog_away_and_back(also):
    """While it is away requests are answered as ever; then the log goes on, and tells of a gap."""
    with launch.MasterServer(args=["-v", "-v", *also], read_log=False) as server, \
            server.connect() as client:
        ask(client, 0, 5)
        read_until(server.log_socket, "label-4")
        (server.queue / "public" / "postlog").unlink()
        server.log_socket.close()
        assert ask(client, 1000, 3000) < 1
        server.log_socket = server.bind_log()
        ask(client, 5000, 1)
        log = read_until(server.log_socket, LOST[:9])
        numbers = [int(number) for number in NUMBER.findall(log)]
        assert numbers[0] == 1000 and numbers == sorted(numbers)
        assert 100 < len(numbers) < 3000, "so much is kept for it, and no more"
        assert re.search(LOST, log) and int(re.search(LOST, log).group(1)) > 100
        ask(client, 6000, 1)
        read_until(server.log_socket, "label-6000")
        server.process.signal(signal.SIGTERM)
        assert server.wait_exit(1) == 0


def test_syslog_away_and_back(dev):  # noqa: F811
    """The same for /dev/log; it need not be there when the server comes up."""
    directory, sock = dev
    path = directory / "log"
    path.unlink()
    with start_with_dev(directory, ["-v", "-v"]) as server, server.connect() as client:
        assert ask(client, 0) < 1
        with socket.socket(sock.family, sock.type) as again:
            again.bind(str(path))
            path.chmod(0o666)
            ask(client, 1000, 1)
            numbers = [int(number) for number in NUMBER.findall(read_until(again, "label-1000"))]
            assert numbers == [*range(200), 1000]
        path.unlink()
        assert ask(client, 2000) < 1
        server.process.signal(signal.SIGTERM)
        assert server.process.wait(1) == 0


def ended_well(postfix, pid):
    """The cache is still the same process, and what it has to say at its end is in the log."""
    assert postfix.scache_pid() == pid
    os.kill(pid, signal.SIGTERM)
    postfix.wait_log(r"scache\[\d+\]: statistics: max simultaneous")


def queued(postfix):
    """The messages that Postfix still has."""
    return [message for name in ("maildrop", "incoming", "active", "deferred")
            for message in (postfix.queue / name).rglob("*") if message.is_file()]


def test_postlog_killed_under_postfix():
    """postlogd(8) killed between two loads of mail: mail, cache and log go on.

    Between them, since master(8) owns the log's socket and writes to it itself: with the socket's
    queue full it would wait for the reader that it alone can start, and all of Postfix with it.
    What a postlogd has read when it is killed is lost, so the log does not say how many were sent.
    """
    with Postfix(params={"service_throttle_time": "1s"}) as postfix:
        postfix.deliver(100)
        pid = postfix.scache_pid()
        for one in postfix.pids("postlogd"):
            os.kill(one, signal.SIGKILL)
        postfix.send(100)
        wait_until(lambda: not queued(postfix), 60, "an empty queue")
        ended_well(postfix, pid)


def test_postlog_stopped_under_postfix():
    """While all of Postfix waits for the reader of its log, the cache serves others."""
    with Postfix() as postfix:
        sender = postfix.start_sending(600)
        postfix.wait_delivered(100)
        pid = postfix.scache_pid()
        loggers = postfix.pids("postlogd")
        for one in loggers:
            os.kill(one, signal.SIGSTOP)
        with Client(postfix.socket_path()) as client:
            assert ask(client, 0, 2000) < 1
        for one in loggers:
            os.kill(one, signal.SIGCONT)
        assert sender.wait(60) == 0
        postfix.wait_delivered(600)
        ended_well(postfix, pid)
        assert postfix.problems() == []
