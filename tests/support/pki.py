# SPDX-License-Identifier: BSD-2-Clause
"""Authorities and certificates for tests, made by openssl(1), each once a run."""

import functools
import hashlib
import subprocess
import tempfile
from pathlib import Path

from . import needs


def openssl(*words, **more):
    """What openssl(1) says to that."""
    needs.program("openssl")
    return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True,
                          **more).stdout


class Certificate:
    """A certificate and its key, as files and as text."""

    def __init__(self, directory, name):
        self.cert = directory / f"{name}.pem"
        self.key = directory / f"{name}.key"

    @property
    def pem(self):
        """The certificate as text."""
        return self.cert.read_text()

    @property
    def client_pem(self):
        """The certificate and its key, as a caller says who it is."""
        return self.cert.read_text() + self.key.read_text()

    @property
    def pin(self):
        """Its key, as pins are written."""
        public = openssl("x509", "-in", self.cert, "-noout", "-pubkey")
        der = openssl("pkey", "-pubin", "-outform", "DER", input=public)
        return "sha256:" + hashlib.sha256(der).hexdigest()


class Authority(Certificate):
    """Something that signs certificates."""

    def __init__(self, directory, name):
        super().__init__(directory, name)
        self.directory = directory
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", self.key, "-out", self.cert, "-subj", f"/CN={name}", "-days", "30")

    def sign(self, name, names="", days=30, kind="ec"):
        """A certificate for those names, such as "DNS:localhost,IP:127.0.0.1"."""
        made = Certificate(self.directory, f"{self.cert.stem}-{name}")
        curve = ["-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec" else []
        request = openssl("req", "-newkey", kind, *curve, "-nodes", "-keyout", made.key, "-subj",
                          f"/CN={name}")
        extensions = self.directory / f"{made.cert.stem}.ext"
        extensions.write_text((f"subjectAltName={names}\n" if names else "")
                              + "basicConstraints=CA:FALSE\n")
        openssl("x509", "-req", "-CA", self.cert, "-CAkey", self.key, "-CAcreateserial", "-out",
                made.cert, "-days", days, "-extfile", extensions, input=request)
        return made


class Pki:
    """All that tests have in common; the directory is there until the run ends."""

    def __init__(self):
        self._temporary = tempfile.TemporaryDirectory(prefix="scache-pki-")
        self.directory = Path(self._temporary.name)
        self.directory.chmod(0o755)
        self.authority = Authority(self.directory, "authority")
        self.other = Authority(self.directory, "other")
        self.server = self.authority.sign("server", "DNS:localhost,IP:127.0.0.1,IP:::1")
        self.rsa = self.authority.sign("rsa", "DNS:localhost,IP:127.0.0.1", kind="rsa:2048")
        self.wrong = self.authority.sign("wrong", "DNS:elsewhere.example")
        self.foreign = self.other.sign("foreign", "DNS:localhost,IP:127.0.0.1")
        self.client = self.authority.sign("client")
        for key in self.directory.glob("*.key"):
            key.chmod(0o644)


@functools.lru_cache
def pki():
    """The one of this run."""
    return Pki()
