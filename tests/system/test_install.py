"""make install and make uninstall: what is put where, that it works there, and that it all goes."""

import json
import os
import re
import shutil
import subprocess

import pytest

from support import paths

INSTALL = paths.ROOT / "tools" / "install"

pytestmark = pytest.mark.skipif(
    not shutil.which("meson") or str(paths.build()).endswith(("-asan", "-coverage")),
    reason="installing: takes meson and an ordinary build")


def run(*words, env=None):
    """Run tools/install; returns what it said."""
    done = subprocess.run([INSTALL, *words], capture_output=True, text=True, timeout=300,
                          env=env or os.environ, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tree(directory):
    """All that is in a directory, with what tells whether it has changed."""
    return {str(path.relative_to(directory)): (path.lstat().st_mtime_ns, path.lstat().st_ino)
            for path in directory.rglob("*")}


@pytest.fixture(name="place", scope="module")
def make_place(tmp_path_factory):
    """A prefix that something was installed under, from a build that was configured otherwise."""
    place = tmp_path_factory.mktemp("install") / "made" / "by it"
    before = tree(paths.build())
    said = run(paths.build(), place, "", "-Dbuildtype=plain")  # The sooner it is built.
    assert "in a directory of its own" in said
    assert tree(paths.build()) == before
    return place


def test_standalone_install_works_at_once(place):
    """Without LD_LIBRARY_PATH and without ldconfig."""
    env = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    for program in ("bin/scachectl", "sbin/scache"):
        done = subprocess.run([place / program, "--version"], env=env, capture_output=True,
                              text=True, timeout=10, check=False)
        assert done.returncode == 0, done.stderr


def test_standalone_install_manual_knows_where_it_is(place):
    """No path that is not the one configured."""
    page = (place / "share/man/man8/scache.8").read_text(encoding="utf-8")
    assert f"{place}/sbin/scache" in page
    assert "/usr/local" not in page and not re.search(r"@\w+@", page)


def test_standalone_uninstall_removes_that_and_nothing_else(place):
    """Foreign files, changed ones and what was there before stay; another DESTDIR is not meant."""
    listed = place / "share/scache/installed"
    foreign, configuration = place / "bin/foreign", place / "etc/scache/scache.conf"
    foreign.write_text("not ours")
    configuration.write_text("mine\n")
    run("--remove", place, "/nonexistent")
    assert listed.exists()
    said = run("--remove", place, "")
    assert f"{configuration}: has been changed since, and stays" in said
    left = sorted(path for path in place.rglob("*") if not path.is_dir())
    assert left == [foreign, configuration]
    assert "Nothing was installed" in run("--remove", place, "")
    foreign.unlink()
    configuration.unlink()


def test_standalone_install_twice_and_uninstall_leaves_nothing(tmp_path):
    """With DESTDIR, which is made and goes too; the builder's tree is not written to."""
    destdir = tmp_path / "root"
    options = json.loads(subprocess.run(["meson", "introspect", "--buildoptions", paths.build()],
                                        capture_output=True, timeout=60, check=True).stdout)
    prefix = next(option["value"] for option in options if option["name"] == "prefix")
    before = tree(paths.build())
    run(paths.build(), prefix, destdir)
    configuration = next(destdir.rglob("scache.conf"))
    sample = configuration.read_text(encoding="utf-8")
    configuration.write_text("mine\n", encoding="utf-8")
    assert f"{configuration}: stays as it is" in run(paths.build(), prefix, destdir)
    assert configuration.read_text(encoding="utf-8") == "mine\n"
    configuration.write_text(sample, encoding="utf-8")
    assert (destdir / prefix[1:] / "sbin/scache").exists()
    if os.geteuid() == 0:
        assert tree(paths.build()) == before
    run("--remove", prefix, destdir)
    assert not destdir.exists()
