# SPDX-License-Identifier: BSD-2-Clause
"""systemd as the first process of namespaces of its own, to run real units.

Its first acts empty /tmp and write to /sys, /proc/sys and /dev; so it gets a root of its own, an
overlay over the machine's in which none of that is the machine's, and this is looked at before it
is started. Where one of the steps is not allowed the test is skipped.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from . import needs, paths
from .process import children
from .waiting import wait_until

SYSTEMD = "/lib/systemd/systemd"
TARGET = "cage.target"

# Options of units that make further name spaces, for which there is no room here.
MORE_NAMESPACES = ("PrivateNetwork", "PrivateDevices", "PrivateTmp", "ProtectHome", "ProtectClock",
                   "ProtectControlGroups", "ProtectHostname", "ProtectKernelLogs", "ProtectProc",
                   "ProtectKernelModules", "ProtectKernelTunables", "ProtectSystem")

# What is done as the first process: a root, checked to be its own, and then systemd.
ENTER = r"""
made=$1 units=$2 out=$3 programs=$4
mount -t tmpfs none "$made"
mkdir "$made/upper" "$made/work" "$made/root"
root=$made/root
mount -t overlay none -o "lowerdir=/,upperdir=$made/upper,workdir=$made/work" "$root"
mkdir -p "$root/cage/out" "$root/cage/programs"
mount --bind "$out" "$root/cage/out"
mount --bind "$programs" "$root/cage/programs"
cp -r "$units" "$made/units"
for name in tmp run var/tmp dev; do mount -t tmpfs none "$root/$name"; done
cp -r "$made/units" "$root/run/units"
while read -r name major minor; do
    mknod -m 666 "$root/dev/$name" c "$major" "$minor"
done <<END
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
END
mkdir "$root/dev/shm" "$root/dev/pts"
ln -s /proc/self/fd "$root/dev/fd"
ln -s null "$root/dev/console"
mount -t proc none "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro none "$root/sys"
mount -t cgroup2 none "$root/sys/fs/cgroup"
cd "$root"
mkdir -p before
pivot_root . before
umount -l /before
cd /
[ -z "$(ls /tmp)" ]
[ -z "$(ls /run | grep -vxE 'units|mount')" ]
[ ! -e /dev/sda ] && [ ! -e /dev/vda ] && [ -c /dev/null ]
exec "$5" --system "--unit=$6" --log-target=null --show-status=no
"""


def control_groups():
    """Where groups of version 2 are, or the test is skipped."""
    for place in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
        if os.path.exists(f"{place}/cgroup.procs") and os.access(place, os.W_OK):
            return Path(place)
    return needs.skip("takes control groups of version 2")


class Cage:
    """While the context lasts, systemd runs these units: name -> text.

    `out` is a directory that the units know as /cage/out; what was built is /cage/programs.
    """

    def __init__(self, units, start=()):
        needs.root(65534)
        needs.program("unshare")
        needs.program(SYSTEMD, "/lib/systemd")
        self.place = Path(tempfile.mkdtemp(prefix="scache-cage-"))
        self.place.chmod(0o755)
        self.out = self.place / "out"
        self._make_directories(units, start)
        self.group = control_groups() / f"scache-cage-{os.getpid()}-{time.monotonic_ns()}"
        self.process = self.first = None
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _make_directories(self, units, start):
        for name in ("out", "units", "root", "programs"):
            (self.place / name).mkdir()
        self.out.chmod(0o777)
        shutil.copy(paths.program(), self.place / "programs" / "scache")
        target = "[Unit]\nDefaultDependencies=no\nWants=" + " ".join(start) + "\n"
        for name, text in (units | {TARGET: target}).items():
            (self.place / "units" / name).write_text(text)

    def _start(self):
        self.group.mkdir()
        words = ["unshare", "--fork", "--kill-child", "--pid", "--mount", "--uts", "--ipc",
                 "--cgroup", "--net", "--propagation", "private", "sh", "-eu", "-c", ENTER, "sh",
                 *(str(self.place / name) for name in ("root", "units", "out", "programs")),
                 SYSTEMD, TARGET]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "container": "cage",
                       "SYSTEMD_UNIT_PATH": "/run/units"}
        with open(self.place / "said", "wb") as said:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                words, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                preexec_fn=self._join_group)
        wait_until(lambda: self._is_up() or self.process.poll() is not None, 30, "systemd")
        if self.process.poll() is not None:
            needs.skip("takes namespaces: " + (self.place / "said").read_text().strip()[-80:])

    def _join_group(self):
        (self.group / "cgroup.procs").write_text("0")

    def _is_up(self):
        inside = children(self.process.pid)
        self.first = inside[0] if inside else None
        return self.first and self.run("systemctl", "is-active", TARGET).returncode == 0

    def run(self, *words, **more):
        """Run a command inside; its outcome with what it said."""
        return subprocess.run(["nsenter", "-t", str(self.first), "-m", "-u", "-i", "-p", "-C", "-n",
                               *map(str, words)], check=False, capture_output=True, text=True,
                              **more)

    def systemctl(self, *words):
        """Have something done, which must succeed; what it said."""
        outcome = self.run("systemctl", "--no-pager", *words)
        assert outcome.returncode == 0, outcome.stderr
        return outcome.stdout

    def show(self, unit, name):
        """A property of a unit."""
        return self.systemctl("show", "--value", "-p", name, unit).strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """End all that is inside."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        if self.process:
            self.process.wait()
        wait_until(self._remove_groups, 10, "the end of all that is inside")
        shutil.rmtree(self.place, ignore_errors=True)

    def _remove_groups(self):
        """A group can be removed when nobody is in it any more."""
        for directory, _, _ in os.walk(self.group, topdown=False):
            try:
                os.rmdir(directory)
            except OSError:
                return False
        return True


def adapt(text, **replaced):
    """A unit of ours as it can run inside: without more namespaces, and other words replaced."""
    lines = [line for line in text.splitlines()
             if not line.startswith(tuple(f"{name}=" for name in MORE_NAMESPACES))]
    lines.insert(lines.index("[Unit]") + 1, "DefaultDependencies=no")
    for name, value in replaced.items():
        lines = [f"{name}={value}" if line.startswith(f"{name}=") else line for line in lines]
    return "\n".join(lines) + "\n"
