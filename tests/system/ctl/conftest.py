"""What the tests of scachectl start with; see support/tool.py."""

import os

import pytest

from support.launch import StandaloneServer
from support.tool import PROGRAM, Echo, Tool, start


def pytest_collection_modifyitems(items):
    """Without the program there is nothing to test."""
    if not os.access(PROGRAM, os.X_OK):
        for item in items:
            item.add_marker(pytest.mark.skip(reason="scachectl: not built"))


@pytest.fixture(name="server", scope="module", params=["standalone", "standalone-classic",
                                                       "postfix"])
def fixture_server(request):
    """Each kind of server in turn, for all tests."""
    with start(request.param) as server:
        server.kind = request.param
        yield server


@pytest.fixture(name="tool")
def fixture_tool(server):
    """The tool for that server."""
    classic = {"SCACHE_CLASSIC": "1"} if server.kind == "standalone-classic" else {}
    return Tool(server.path, **classic)


@pytest.fixture(name="standalone")
def fixture_standalone():
    """A server of its own for one test."""
    with StandaloneServer() as server:
        yield server


@pytest.fixture(name="echo")
def fixture_echo():
    """A server to connect to."""
    with Echo() as server:
        yield server


@pytest.fixture(name="nobody")
def fixture_nobody(tmp_path):
    """The tool, with no server at all."""
    return Tool(tmp_path / "nobody")
