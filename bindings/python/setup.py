# SPDX-License-Identifier: BSD-2-Clause
"""Builds the wheel, with libscache and its header where pkg-config or the compiler finds them."""

import glob
import shlex
import shutil
import subprocess

from setuptools import Extension, setup


def flags(kind):
    """What pkg-config says of libscache, if it knows it."""
    if not shutil.which("pkg-config"):
        return []
    done = subprocess.run(["pkg-config", kind, "libscache"], capture_output=True, text=True,
                          check=False)
    return shlex.split(done.stdout) if done.returncode == 0 else []


setup(
    ext_modules=[Extension("scache._scache", sorted(glob.glob("src/*.c")), py_limited_api=True,
                           libraries=["scache"], extra_compile_args=flags("--cflags"),
                           extra_link_args=flags("--libs"))],
    options={"bdist_wheel": {"py_limited_api": "cp39"}})
