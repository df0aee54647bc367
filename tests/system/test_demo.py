"""tools/postfix_demo.py, with few messages."""

import json
import os
import subprocess
import sys

from support import needs, paths

DEMO = paths.ROOT / "tools" / "postfix_demo.py"


def test_demo_json():
    """Three rows; every message arrives, by fewer connections when there is a cache."""
    needs.postfix()
    done = subprocess.run([sys.executable, DEMO, "--messages", "60", "--json"],
                          env=os.environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    none, postfix, ours = json.loads(done.stdout)
    assert (none["connections"], none["reused"], none["warnings"]) == (60, 0, 0)
    for row in (postfix, ours):
        assert row["connections"] + row["reused"] == 60
        assert row["reused"] >= 30
        assert row["warnings"] == 0
    assert "no cache: 60 of 60" in done.stderr
