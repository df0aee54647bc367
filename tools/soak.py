#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Very much mail through a private Postfix, with misbehaving clients beside it all the time.

    soak.py [--messages N] [--json FILE] [--place DIRECTORY]

A private Postfix delivers the messages to several destinations through the cache server under
test, while crowds of rude clients (tests/support/rude.py) plague its socket. Prints progress, and
in the end what was delivered, how many messages went over a connection that had been used
before, what was warned of, and whether memory and descriptors stayed level. Exit status 0 when
all that is promised held. SCACHE_BUILD names the build directory when it is not build/.
"""

import argparse
import json
import os
import re
import signal
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support import paths  # noqa: E402
from support.postfix import PROBLEM, REUSED, SENT, Postfix, Sink, service  # noqa: E402
from support.process import Process, descriptors, resident_kb, tree  # noqa: E402
from support.rude import Rabble  # noqa: E402

CROWDS = {"stuck": 200, "deaf": 10, "trickle": 50, "half-closed": 50, "vanish": 1, "miscount": 1,
          "undue": 1, "oversized": 2, "storm": 2, "dead": 1}
DESTINATIONS = ("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5")
BATCH, BACKLOG, SESSIONS = 500, 3000, 4
SAMPLE_TIME, SHOW_TIME, PATIENCE = 1, 10, 120
QUIET_TIME = 20  # Longer than anything is cached or any rude client stays.
# What a level line may still rise by; memory is the allocator's, clients come and go.
SLACK_KB, SLACK_FDS = 1024, 128
LEFT_OVER = 8
# Our own warnings that rude clients deserve; any other, and anybody else's, is a failure.
DESERVED = re.compile(r"/scache\[\d+\]: warning: (malformed |a client broke the protocol"
                      r"|all \d+ clients are busy|\d+ more like this)")

# cleanup(8) compares the time of a file with the clock to the second: a matter of the machine.
CLOCK = re.compile(r"/cleanup\[\d+\]: warning: (file system clock is|resetting file time stamps)")


class Tail:
    """Counts what happens in a growing log, reading each line once."""

    def __init__(self, path):
        self.path, self.offset = path, 0
        self.sent = self.reused = self.deserved = self.clock = 0
        self.problems = []

    def read(self):
        """Take in what is new."""
        with open(self.path, "rb") as file:
            file.seek(self.offset)
            data = file.read()
        data = data[:data.rfind(b"\n") + 1]
        self.offset += len(data)
        for line in data.decode(errors="replace").splitlines():
            self.take(line)

    def take(self, line):
        """One line."""
        if SENT.search(line):
            self.sent += 1
            self.reused += bool(REUSED.search(line))
        elif PROBLEM.search(line):
            if DESERVED.search(line):
                self.deserved += 1
            elif CLOCK.search(line):
                self.clock += 1
            else:
                self.problems.append(line)


class Samples:
    """The size of the server over time."""

    def __init__(self, postfix):
        self.postfix, self.rows, self.pids = postfix, [], set()
        self.start = time.monotonic()

    def size(self):
        """(resident kB, descriptors) of the server and its helpers now."""
        main = self.postfix.pids()
        self.pids.update(main)
        every = [pid for one in main for pid in tree(one)]
        return sum(map(resident_kb, every)), sum(map(descriptors, every))

    def take(self):
        """Take a sample if it is time."""
        now = time.monotonic() - self.start
        if not self.rows or now - self.rows[-1][0] >= SAMPLE_TIME:
            self.rows.append((round(now, 1), *self.size()))

    def quarters(self, column):
        """The greatest value in each quarter of the time."""
        values = [row[column] for row in self.rows]
        count = max(len(values) // 4, 1)
        return [max(values[n * count:(n + 1) * count] or [0]) for n in range(4)]

    def level(self, column, slack):
        """Whether the last quarter is no higher than the second."""
        quarters = self.quarters(column)
        return quarters[3] <= quarters[1] + slack


class Source:
    """Sends to one destination, a batch at a time."""

    def __init__(self, postfix, number, total):
        self.postfix, self.number, self.total = postfix, number, total
        self.begun, self.process = 0, None

    def busy(self):
        """Whether a batch is under way."""
        if self.process and self.process.wait(0) not in (None, 0):
            raise RuntimeError(f"smtp-source: {self.process.text()}")
        return bool(self.process and self.process.alive())

    def go_on(self):
        """Begin the next batch, if one is left and none is under way."""
        count = min(BATCH, self.total - self.begun)
        if count > 0 and not self.busy():
            self.begun += count
            self.process = Process(
                ["smtp-source", "-d", "-s", min(SESSIONS, count), "-m", count, "-l", 500, "-f",
                 "from@example.invalid", "-t", f"to@d{self.number}.invalid",
                 f"127.0.0.1:{self.postfix.smtpd_port}"],
                output=self.postfix.directory / f"source{self.number}.out")


class Instance(Postfix):
    """A private Postfix for very much mail."""

    def __init__(self, sinks, place):
        maps = ",".join(f"{{d{n}.invalid=smtp:[{sink.address}]:{sink.port}}}"
                        for n, sink in enumerate(sinks))
        super().__init__(service(paths.program()), place=place, params={
            "transport_maps": f"inline:{{{maps}}}",
            "default_destination_concurrency_limit": "10",
            "initial_destination_concurrency": "10",
            "default_process_limit": "50",
            "smtpd_client_connection_count_limit": "0",
            "smtpd_client_connection_rate_limit": "0",
        })

    def write_master_cf(self, scache, more=""):
        """The queue manager hears of all new mail; waking it every second is too much for it."""
        super().write_master_cf(scache, more)
        path = self.config / "master.cf"
        path.write_text(re.sub(r"(?m)^(qmgr .*n) 1( +1 qmgr)$", r"\1 300\2", path.read_text()))


class Run:
    """One run: what goes on, and what came of it."""

    def __init__(self, postfix, messages):
        self.postfix, self.messages = postfix, messages
        self.tail = Tail(postfix.directory / "mail.log")
        self.tail.read()
        self.tail.sent = self.tail.reused = 0  # What came before it began.
        self.samples = Samples(postfix)
        share = len(DESTINATIONS)
        self.sources = [Source(postfix, n, messages // share + (n < messages % share))
                        for n in range(share)]
        self.shown = self.moved = time.monotonic()

    def deliver(self):
        """Send everything and see it arrive."""
        while self.tail.sent < self.messages:
            for source in self.sources:
                if sum(one.begun for one in self.sources) - self.tail.sent < BACKLOG:
                    source.go_on()
            time.sleep(0.2)
            self.look()

    def look(self):
        """Read the log, take a sample, say how far it is."""
        before, now = self.tail.sent, time.monotonic()
        self.tail.read()
        self.samples.take()
        if self.tail.sent > before:
            self.moved = now
        elif now - self.moved > PATIENCE:
            raise TimeoutError(f"nothing was delivered for {PATIENCE} s")
        if now - self.shown >= SHOW_TIME:
            self.shown = now
            self.show()

    def show(self):
        """A line of progress."""
        seconds, kilobytes, fds = self.samples.rows[-1]
        print(f"{seconds:7.0f} s  {self.tail.sent:7} of {self.messages} messages"
              f"  {self.tail.sent / max(seconds, 0.1):5.0f} a second  {kilobytes:6} kB"
              f"  {fds:5} descriptors  {len(self.tail.problems)} warnings", flush=True)

    def settle(self, base):
        """Once everybody has gone, wait until the descriptors are back; how many are too many.

        An smtp(8) that waits for its turn to accept runs no timers, so each may keep its client.
        """
        end = time.monotonic() + QUIET_TIME
        while True:
            left = self.samples.size()[1] - base - len(self.postfix.pids("smtp"))
            if left <= 0 or time.monotonic() > end:
                return max(left, 0)
            time.sleep(0.2)


def soak(postfix, messages):
    """The whole of it; returns the figures."""
    postfix.deliver(1)
    run = Run(postfix, messages)
    base = run.samples.size()[1]
    start = time.monotonic()
    with Rabble(postfix.socket_path(), CROWDS) as rabble:
        run.deliver()
        seconds = time.monotonic() - start
        acts = rabble.stop()
    left_over = run.settle(base)
    postfix.shut_down()
    run.tail.read()
    return figures(run, seconds, acts, left_over)


def figures(run, seconds, acts, left_over):
    """What came of it, for people and machines."""
    tail, samples = run.tail, run.samples
    result = {
        "messages": tail.sent, "seconds": round(seconds, 1),
        "messages_a_second": round(tail.sent / seconds, 1), "reused": tail.reused,
        "warnings": tail.problems[:100], "deserved_warnings": tail.deserved,
        "clock_warnings": tail.clock, "rude_acts": acts,
        "servers": len(samples.pids), "resident_kb": samples.quarters(1),
        "descriptors": samples.quarters(2), "descriptors_left_over": left_over,
        "statistics": Counter(line.partition("]: ")[2].split("=")[0] for line in
                              run.postfix.lines(r"/scache\[\d+\]: statistics: .* lookup")),
        "samples": samples.rows,
    }
    result["failures"] = failures(run, result)
    return result


def failures(run, result):
    """What was promised and did not hold, as texts."""
    wrong = {
        f"{len(run.tail.problems)} warnings": run.tail.problems,
        f"{result['servers']} processes served, not one": result["servers"] != 1,
        f"resident size rose: {result['resident_kb']} kB": not run.samples.level(1, SLACK_KB),
        f"descriptors rose: {result['descriptors']}": not run.samples.level(2, SLACK_FDS),
        f"{result['descriptors_left_over']} descriptors are left over":
            result["descriptors_left_over"] > LEFT_OVER,
        f"only {result['reused']} messages went over a cached connection":
            result["reused"] < result["messages"] // 2,
        f"{result['messages']} messages were delivered, not {run.messages}":
            result["messages"] != run.messages,
    }
    return [text for text, is_so in wrong.items() if is_so]


def report(result):
    """The result as text."""
    acts = ", ".join(f"{kind} {count}" for kind, count in result["rude_acts"].items())
    lines = [
        f"{result['messages']} messages in {result['seconds']} s,"
        f" {result['messages_a_second']} a second; {result['reused']} over cached connections",
        f"rude clients: {acts}",
        f"warnings: {len(result['warnings'])}; {result['deserved_warnings']} more that rude"
        f" clients deserved; {result['clock_warnings']} of this machine's clock",
        *result["warnings"][:20],
        f"resident size, greatest in each quarter: {result['resident_kb']} kB",
        f"descriptors, greatest in each quarter: {result['descriptors']};"
        f" left over: {result['descriptors_left_over']}",
        *(f"FAILED: {text}" for text in result["failures"]),
    ]
    return "\n".join(lines if result["failures"] else lines + ["soak: all is well"])


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--messages", type=int, default=100000, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--place", default="/tmp", help="where the queue is made")
    args = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("soak: Postfix's master can only be started by root")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sinks = []
    try:
        # Its own directory is not there yet, and the sinks must be first.
        sinks = [Sink(Path(args.place), address) for address in DESTINATIONS]
        with Instance(sinks, args.place) as postfix:
            result = soak(postfix, args.messages)
    finally:
        for sink in sinks:
            sink.stop()
            Path(sink.process.output).unlink(missing_ok=True)
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(report(result))
    sys.exit(bool(result["failures"]))


if __name__ == "__main__":
    main()
