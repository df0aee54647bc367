# SPDX-License-Identifier: BSD-2-Clause
"""What scache-tls refuses, and that it then gives nothing away: never a session, never plaintext."""

import contextlib
import os
import socket
import ssl
import time

import pytest

from support.pki import openssl, pki
from support.process import tree
from support.tls_client import WISHES, encode
from support.tls_server import FarEnd, TlsServer, dial, echo, listen, read_all
from support.waiting import wait_until

PIN = "sha256:" + 64 * "0"


@pytest.fixture(name="server", scope="module")
def fixture_server():
    """One for all of these tests, none of which it may be harmed by."""
    with TlsServer() as server:
        yield server.ready()


@pytest.fixture(name="far", scope="module")
def fixture_far():
    """A far end that is as it should be."""
    with FarEnd(echo) as far:
        yield far


def refused(server, port, **wishes):
    """Why there is no session. The connection was closed, and nothing was given."""
    connection = dial(port)
    watched = connection.dup()
    with server.connect() as client:
        answer = client.open(connection, **{"name": "localhost"} | wishes)
        assert answer.sock is None and not client.fds
        assert (answer["session"], answer["report"], answer["policy"]) == ("", "", "")
        assert answer["text"] and answer["text"].isprintable() and len(answer["text"]) <= 1000
    watched.settimeout(10)
    # Ours is the last copy but this one: when the far end is told, all others are closed.
    with contextlib.suppress(ConnectionResetError, OSError):
        watched.shutdown(socket.SHUT_WR)
        read_all(watched)
    watched.close()
    return answer.why


@pytest.mark.parametrize("wishes, reason", [
    ({"level": ""}, "level"), ({"level": "none"}, "level"), ({"level": "dane"}, "level"),
    ({"level": "verify2"}, "level"), ({"level": "VERIFY"}, "level"),
    ({"name": ""}, "name"), ({"name": "."}, "name"), ({"name": ".localhost"}, "name"),
    ({"name": "*"}, "name"), ({"name": "*.localhost"}, "name"), ({"name": "local host"}, "name"),
    ({"name": "localhost\n"}, "name"), ({"name": "127.1"}, "name"), ({"name": "[::1]"}, "name"),
    ({"sni": "127.0.0.1"}, "sni"), ({"sni": "::1"}, "sni"), ({"sni": "a..b"}, "sni"),
    ({"alpn": "h2"}, "alpn"), ({"alpn": "http/1.1,h2"}, "alpn"), ({"alpn": ","}, "alpn"),
    ({"protocols": "TLSv1.2"}, "protocols"), ({"protocols": ">=TLSv1.1"}, "protocols"),
    ({"protocols": ">=SSLv3"}, "protocols"), ({"protocols": ">=TLSv1.4"}, "protocols"),
    ({"ca_pem": "x"}, "pem"), ({"client_pem": "x"}, "pem"),
    ({"level": "pin"}, "pins"), ({"pins": "sha1:00"}, "pins"), ({"pins": PIN + ","}, "pins"),
    ({"handshake_ms": "0"}, "handshake_ms"), ({"handshake_ms": "-1"}, "handshake_ms"),
    ({"handshake_ms": "1s"}, "handshake_ms"),
])
def test_what_is_malformed(server, far, wishes, reason):
    """What is not understood is never passed over."""
    assert refused(server, far.port, **wishes) == (1, reason)


def test_certificates_that_do_not_fit(server, far):
    """A key of another certificate, a certificate alone, a key alone, one with a password."""
    client, other = pki().client, pki().server
    locked = openssl("pkey", "-in", client.key, "-aes128", "-passout", "pass:x").decode()
    for pem in (client.pem + other.key.read_text(), client.pem, client.key.read_text(),
                client.pem + locked, client.client_pem.replace("A", "!", 5)):
        assert refused(server, far.port, client_pem=pem) == (1, "pem")
    for pem in (client.key.read_text(), client.pem + "-----BEGIN CERTIFICATE-----\nx\n"):
        assert refused(server, far.port, ca_pem=pem) == (1, "pem")


def test_sizes_at_their_limit(server, far):
    """64 kB of certificates are taken, a byte more is not."""
    pem = pki().authority.pem
    room = 65536 - len(pem)
    with server.connect() as client:
        answer = client.open(dial(far.port), name="localhost", ca_pem=pem + "x" * room,
                             client_pem=pki().client.client_pem)
        assert answer.why == (0, "")
    assert refused(server, far.port, ca_pem=pem + "x" * (room + 1)) == (1, "pem")


def test_attributes_that_are_missing_or_out_of_place(server, far):
    """An older server answers malformed to what a newer client restricts by another name."""
    whole = [("request", "tls_client"), ("level", "verify"), ("name", "localhost")]
    whole += [(name, "") for name in WISHES[2:]]
    variants = [whole[:i] + whole[i + 1:] for i in range(1, len(whole))]
    variants += [whole[:1] + [("mode", "strict")] + whole[1:], whole[:1] + whole[:0:-1]]
    for pairs in variants:
        with server.connect() as client, dial(far.port) as connection:
            client.send(encode(pairs), [connection.fileno()])
            assert client.finish().why == (1, "request")
    with server.connect() as client, dial(far.port) as connection:
        client.send(encode(whole + [("later", "x")]), [connection.fileno()])
        assert client.finish().why == (0, "")
    with server.connect() as client:
        client.send(encode([("request", "tls_client_strict"), *whole[1:]]))
        assert client.finish().why == (1, "request")


def test_what_is_no_connected_stream_socket(server, far):
    """Whatever it is, it is closed."""
    listener = socket.create_server(("127.0.0.1", 0))
    pipe, datagram = os.pipe(), socket.socketpair(type=socket.SOCK_DGRAM)
    fresh = socket.socket()
    connecting = socket.socket()
    connecting.setblocking(False)
    connecting.connect_ex(("198.51.100.1", 9))
    for fd in (listener.fileno(), pipe[0], pipe[1], datagram[0].fileno(), fresh.fileno(),
               os.open("/dev/null", os.O_RDWR), os.open("/etc/passwd", os.O_RDONLY)):
        with server.connect() as client:
            client.send(encode([("request", "tls_client"), ("level", "verify"),
                                ("name", "localhost"), *((name, "") for name in WISHES[2:])]),
                        [fd])
            assert client.finish().why == (1, "descriptor")
    with server.connect() as client:
        client.start(None, name="localhost")
        assert client.finish().why == (1, "descriptor")
        assert client.open(dial(far.port), name="localhost").why == (0, "")
    for one in (listener, *datagram, fresh, connecting):
        one.close()


def test_descriptors_that_belong_to_nothing_end_the_conversation(server, far):
    """Two at once, one with another request, one between requests."""
    def sent(data, fds):
        with server.connect() as client:
            client.send(data, fds)
            with pytest.raises(ConnectionError):
                client.read_list()

    with dial(far.port) as one, dial(far.port) as two:
        both = [one.fileno(), two.fileno()]
        request = encode([("request", "tls_client"), ("level", "verify"), ("name", "localhost"),
                          *((name, "") for name in WISHES[2:])])
        sent(request, both)
        sent(encode([("request", "tls_ping")]), both[:1])
        sent(encode([("request", "tls_list"), ("session", "")]), both[:1])
        sent(b"\0", both[:1])
        sent(encode([("dummy", "")]), both[:1])
        with server.connect() as client:
            client.send(request[:20], both[:1])
            client.send(request[20:40], both[1:])
            with pytest.raises(ConnectionError):
                client.read_list()
    wait_until(lambda: server.connect().ask("tls_ping").status == 0, 5)


@pytest.mark.parametrize("certificate, wishes, why", [
    ("wrong", {}, (4, "name")),
    ("server", {"name": "elsewhere.example"}, (4, "name")),
    ("server", {"name": "127.0.0.2"}, (4, "name")),
    ("server", {"name": "example", "sni": "localhost"}, (4, "name")),
    ("foreign", {}, (4, "authority")),
    ("server", {"ca_pem": "other"}, (4, "authority")),
    ("server", {"level": "pin", "pins": PIN}, (4, "pin")),
    ("server", {"pins": PIN}, (4, "pin")),
    ("server", {"level": "unverified"}, (2, "forbidden")),
    ("foreign", {"level": "unverified"}, (2, "forbidden")),
])
def test_whom_nobody_vouches_for(server, certificate, wishes, why):
    """Each for its reason."""
    if "ca_pem" in wishes:
        wishes = wishes | {"ca_pem": pki().other.pem}
    with FarEnd(echo, certificate=getattr(pki(), certificate)) as far:
        assert refused(server, far.port, **wishes) == why


def test_whom_somebody_vouches_for(server):
    """The other side of each of those."""
    for certificate, wishes in [
            ("server", {"name": "LocalHost."}), ("server", {"name": "127.0.0.1"}),
            ("server", {"name": "0:0:0:0:0:0:0:1"}),
            ("foreign", {"ca_pem": pki().other.pem}),
            ("foreign", {"level": "pin", "pins": pki().foreign.pin}),
            ("server", {"pins": PIN + "," + pki().server.pin.upper().replace("SHA256", "sha256")}),
            ("wrong", {"level": "pin", "pins": pki().wrong.pin, "name": ""})]:
        with FarEnd(echo, certificate=getattr(pki(), certificate)) as far, \
                server.connect() as client:
            answer = client.open(dial(far.port), **{"name": "localhost"} | wishes)
            assert answer.why == (0, ""), (certificate, wishes, answer)
            verified = answer.report["verified_name"]
            assert bool(verified) == (answer.report["level"] == "verify")


def test_old_versions(server):
    """Below what was asked for, and below what is allowed."""
    with FarEnd(echo, version=ssl.TLSVersion.TLSv1_2) as far:
        assert refused(server, far.port, protocols=">=TLSv1.3")[0] == 3
        assert server.open(far.port, protocols=">=TLSv1.2").status == 0
        with TlsServer(protocols=">=TLSv1.3") as strict:
            assert refused(strict.ready(), far.port)[0] == 3
            assert refused(strict, far.port, protocols=">=TLSv1.2")[0] == 3


def test_application_protocols(server):
    """What the far end chooses is told; what it refuses is a failure."""
    with FarEnd(echo, alpn=["http/1.1"]) as far:
        assert server.open(far.port, alpn="x,http/1.1").report["alpn"] == "http/1.1"
        assert server.open(far.port).report["alpn"] == ""


def test_far_ends_that_are_none(server):
    """Silence, words in the clear, an end of file, a reset."""
    def speaks(sock):
        sock.sendall(b"220 mail.example ESMTP\r\n")
        sock.recv(1000)

    def leaves(sock):
        sock.recv(1000)

    with FarEnd(listen, tls=False) as far:
        before = time.monotonic()
        assert refused(server, far.port, handshake_ms="300") == (3, "time")
        assert time.monotonic() - before >= 0.3
    with FarEnd(speaks, tls=False) as far:
        assert refused(server, far.port) == (3, "protocol")
    with FarEnd(leaves, tls=False) as far:
        assert refused(server, far.port) == (3, "lost")


def test_plaintext_injected_before_tls(server):
    """Words that somebody puts in front of the far end's TLS are no part of it."""
    def inject(sock):
        sock.sendall(b"250 injected\r\n")

    with FarEnd(echo, preface=inject) as far:
        assert refused(server, far.port) == (3, "protocol")


def test_without_authorities_of_the_operator(far):
    """Clients bring their own, or get nothing."""
    with TlsServer(ca_file="/nonexistent") as server:
        server.ready()
        server.says("clients must bring authorities of their own")
        assert refused(server, far.port) == (2, "forbidden")
        assert server.open(far.port, ca_pem=pki().authority.pem).status == 0


def test_a_policy_that_is_no_good_is_fatal(tmp_path):
    """At the start, not at the first session."""
    broken = tmp_path / "ca.pem"
    broken.write_text(pki().authority.pem + "-----BEGIN CERTIFICATE-----\n!\n")
    for params in ({"ciphers": "nonsense"}, {"ca_file": broken}, {"ca_file": "/dev/null"},
                   {"protocols": ">=TLSv1.1"}, {"allow_unverified": "perhaps"}):
        with TlsServer(**params) as server:
            assert server.process.wait(10) == 1
            assert "fatal: " in server.text()


def test_unverified_where_it_is_allowed():
    """And the report does not say otherwise."""
    with TlsServer(allow_unverified="yes") as server, \
            FarEnd(echo, certificate=pki().foreign) as far:
        server.ready()
        report = server.open(far.port, level="unverified").report
        assert (report["level"], report["verified_name"]) == ("unverified", "")
        assert server.open(far.port).why == (4, "authority")


def test_policies_have_digests():
    """The same for the same, another for another."""
    digests = []
    for params in ({}, {}, {"protocols": ">=TLSv1.3"}, {"ciphers": "ECDHE"},
                   {"ca_file": pki().other.cert}):
        with TlsServer(**params) as server, server.ready().connect() as client:
            digests.append(client.ask("tls_ping")["policy"])
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4


def test_nothing_is_left_of_what_was_refused(server, far):
    """Neither a descriptor nor a process."""
    with server.connect() as client:
        def count():
            return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in tree(server.process.pid))

        client.open(dial(far.port), name="elsewhere.example")
        before = wait_until(count, 5)
        for _ in range(50):
            client.open(dial(far.port), name="elsewhere.example")
            client.open(dial(far.port), name="")
            client.open(dial(far.port), name="localhost", client_pem="x")
        wait_until(lambda: count() <= before, 10, "all to be closed")
