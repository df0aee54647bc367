"""The library, against the in-process cache and real servers, through one common suite.

The suite is the program client_cases of the build directory; CLIENT_CASES names another.
"""

import os
import subprocess

import pytest

from support import paths
from support.launch import MasterServer, StandaloneServer

PROGRAM = os.environ.get("CLIENT_CASES") or str(paths.build() / "tests/system/client_cases")

pytestmark = pytest.mark.skipif(not os.access(PROGRAM, os.X_OK), reason="client_cases: not built")


def run(place, **env):
    """Run the suite against one place; a cache that hangs is a failure too."""
    result = subprocess.run([PROGRAM, str(place)], env=os.environ | env, timeout=60,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                            encoding="utf-8", errors="replace")
    assert result.returncode == 0, result.stdout


def test_in_process():
    run("local")


@pytest.mark.skipif(not paths.POSTFIX_SCACHE.exists(), reason="Postfix is not installed")
def test_postfix_server():
    with MasterServer(paths.POSTFIX_SCACHE).ready() as server:
        run(server.path)


@pytest.mark.skipif(not paths.POSTFIX_SCACHE.exists(), reason="Postfix is not installed")
def test_postfix_server_is_not_probed_when_told():
    with MasterServer(paths.POSTFIX_SCACHE).ready() as server:
        run(server.path, SCACHE_CLASSIC="1")
        server.process.kill()
        server.wait_exit(5)
        assert "take" not in server.logged()


@pytest.mark.skipif(not paths.program().exists(), reason="the server is not built")
def test_standalone():
    with StandaloneServer() as server:
        run(server.path)


@pytest.mark.skipif(not paths.program().exists(), reason="the server is not built")
def test_standalone_by_classic_requests():
    with StandaloneServer() as server:
        run(server.path, SCACHE_CLASSIC="1")


@pytest.mark.skipif(not paths.program().exists(), reason="the server is not built")
def test_under_master():
    with MasterServer().ready() as server:
        run(server.path)
