"""Where the programs under test are.

SCACHE_PROGRAM names the server under test outright, SCACHE_BUILD the build directory (default:
build/ of this checkout). Naming Postfix's own server as SCACHE_PROGRAM is a way to try the
tests themselves.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
POSTFIX_DAEMONS = Path("/usr/lib/postfix/sbin")
POSTFIX_SCACHE = POSTFIX_DAEMONS / "scache"


def build():
    """The build directory."""
    return Path(os.environ.get("SCACHE_BUILD") or ROOT / "build").resolve()


def program():
    """The server under test, as an absolute path; it need not exist."""
    return Path(os.environ.get("SCACHE_PROGRAM") or build() / "scache").absolute()


def measuring_coverage():
    """Whether processes under test are to write down at their end what they have run."""
    return str(build()).endswith("-coverage")


def is_sanitized():
    """Whether processes under test do more than they would by themselves, which a sandbox forbids."""
    return str(build()).endswith("-asan")


def sandbox_arguments():
    """What every server under test is told: what is forbidden to it ends it.

    But figures of coverage are files that it writes at its end; and a sanitizer forks and traces.
    """
    mode = "log" if measuring_coverage() else "no" if is_sanitized() else "kill"
    return ["-o", f"connection_cache_sandbox={mode}"]


def testing_postfix():
    """Whether the server under test is Postfix's own."""
    return program().resolve() == POSTFIX_SCACHE.resolve()
