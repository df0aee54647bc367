# SPDX-License-Identifier: BSD-2-Clause
"""Short programs in other languages, each a process of its own, with libscache in them."""

import json
import os
import subprocess
import textwrap

from . import needs, paths


class Language:
    """An interpreter that finds the binding in the build directory."""

    def __init__(self, name, command, module, environment, prelude=""):
        self.name = name
        self.command = command
        self.module = module
        self.environment = environment
        self.prelude = prelude

    def start(self, code, server=None, **env):
        """Start one; `server` is where it finds a cache."""
        if not self.module.exists():
            needs.skip(f"takes the headers of {self.name}")
        place = {} if server is None else {"SCACHE_SOCKET": str(getattr(server, "path", server))}
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("SCACHE_", "XDG_", "PYTHON"))}
        environment |= {"LD_LIBRARY_PATH": str(paths.build() / "src/lib")}
        environment |= self.environment | place | {key: str(word) for key, word in env.items()}
        return subprocess.Popen([*self.command, self.prelude + textwrap.dedent(code)],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env=environment)

    def run(self, code, server=None, **env):
        """Run one to its end; returns what it printed."""
        process = self.start(code, server, **env)
        try:
            out, said = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        assert process.returncode == 0, said or out
        return out

    def json(self, code, server=None, **env):
        """Run one that prints a value as JSON."""
        return json.loads(self.run(code, server, **env))


def python(before=""):
    """Python, with the package of the build directory; `before` is run before each program."""
    place = paths.build() / "bindings/python"
    return Language("Python", ["/usr/bin/python3", "-X", "dev", "-W", "error", "-c"],
                    place / "scache/_scache.abi3.so",
                    {"PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"},
                    "import json, os, socket, sys, threading\nimport scache\n"
                    + textwrap.dedent(before))
