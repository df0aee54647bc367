# SPDX-License-Identifier: BSD-2-Clause
"""What a test takes that not every machine or user has; where it is missing the test is skipped.

Each is asked where it is needed, by what needs it, so that no test has to say so by its name.
"""

import functools
import os
import pwd
import shutil
import unittest

from . import paths

ROOT = "takes root"


def skip(why):
    """Skip the test that runs; all with the same reason are one line of the report."""
    raise unittest.SkipTest(why)


@functools.lru_cache
def may_become(uid):
    """Whether this process could be another user: root can, but not in every namespace."""
    if os.geteuid() != 0:
        return False
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresuid(uid, uid, uid)
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def root(uid=1):
    """To start something as root, as another user, or to look into what may not be looked into."""
    if not may_become(uid):
        skip(ROOT)


def user(name):
    """To be that user, who has to exist."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        skip(f"takes a user {name}")
    root(entry.pw_uid)


def program(name, path=None):
    """A program of Debian's."""
    if not shutil.which(name, path=path):
        skip(f"takes {os.path.basename(name)}")


def postfix():
    """Postfix's programs and its user."""
    if not paths.POSTFIX_SCACHE.exists():
        skip("takes Postfix")
    user("postfix")
