# SPDX-License-Identifier: BSD-2-Clause
"""Python's own libraries and other people's, with a cache: many processes, one connection.

It is the server's own log that says how many connections there were. What must not be shared is
tried too: other users, half-read answers, exceptions in the midst, connections that are dead.
"""

import re
import subprocess

import pytest

from support import needs
from support.launch import StandaloneServer
from support.postfix import Postfix
from support.real import dovecot, nginx, redis
from support.script import python
from support.waiting import wait_until

PYTHON = python()


@pytest.fixture(name="cache")
def make_cache():
    """A scache of its own."""
    with StandaloneServer() as server:
        yield server.ready()


def module(name):
    """Skip without a library that is not Python's own."""
    if subprocess.run(["/usr/bin/python3", "-c", f"import {name}"], check=False,
                      capture_output=True, timeout=60).returncode:
        needs.skip(f"takes Python's {name}")


def log_of(server, count):
    """nginx's log once it has so many lines: [connection, its requests, status, page]."""
    wait_until(lambda: server.read("access.log").count("\n") >= count, 5, "the access log")
    return [line.split() for line in server.read("access.log").splitlines()]


HTTP = {
    "http.client": """
        from scache.http import HTTPConnection
        with HTTPConnection("127.0.0.1", port) as client:
            for page in pages:
                client.request(method, page)
                response = client.getresponse()
                print(response.status, response.read().decode(), end="")
    """,
    "urllib3": """
        from scache.requests import PoolManager
        manager = PoolManager(retries=False)
        for page in pages:
            response = manager.request(method, f"http://127.0.0.1:{port}{page}")
            print(response.status, response.data.decode(), end="")
    """,
    "requests": """
        import requests
        from scache.requests import Adapter
        with requests.Session() as session:
            session.mount("http://", Adapter())
            for page in pages:
                response = session.request(method, f"http://127.0.0.1:{port}{page}")
                print(response.status_code, response.text, end="")
    """,
}


def visit(kind, cache, port, *pages, method="GET", then=""):
    """One process that asks for these pages."""
    if kind != "http.client":
        module(kind)
    code = python(f"port, pages, method = {port}, {pages!r}, {method!r}")
    return code.run(HTTP[kind] + then, cache)


@pytest.mark.parametrize("kind", HTTP)
def test_http(cache, kind):
    """Three processes, two requests each, and one connection; any of the adapters shares it."""
    with nginx() as server:
        server.wait_listening()
        for name in "abc":
            assert visit(kind, cache, server.port, f"/{name}", "/again") == \
                f"200 page /{name}\n200 page /again\n"
        log = log_of(server, 6)
        assert [line[1] for line in log] == list("123456")
        assert len({line[0] for line in log}) == 1


@pytest.mark.parametrize("kind", HTTP)
def test_http_connections_that_end(cache, kind):
    """What the server closes is not kept, and no next request fails of it."""
    with nginx() as server:
        server.wait_listening()
        for _ in range(2):
            assert visit(kind, cache, server.port, "/close", "/a") == \
                "200 last page\n200 page /a\n"
        log = log_of(server, 4)
        assert [line[1] for line in log] == ["1", "1", "2", "1"]


@pytest.mark.parametrize("kind", HTTP)
def test_http_without_a_cache(kind):
    """A server that is away is none of the program's concern."""
    with nginx() as server:
        server.wait_listening()
        assert visit(kind, "/nonexistent/socket", server.port, "/a") == "200 page /a\n"


DYING = """
    listener = socket.create_server(("127.0.0.1", 0))
    served = []
    def begin(rounds):
        threading.Thread(target=serve, args=(rounds,), daemon=True).start()
    def serve(rounds):
        for how in rounds:
            sock = listener.accept()[0]
            for answer in how:
                head = b""
                while b"\\r\\n\\r\\n" not in head and (more := sock.recv(1000)):
                    head += more
                if not head:
                    break
                served.append(head.split()[0].decode())
                if answer is None:
                    break
                sock.sendall(answer)
            sock.close()
    def answer(text, status="200 OK", more=""):
        length = f"Content-Length: {len(text)}\\r\\n"
        return f"HTTP/1.1 {status}\\r\\n{length}{more}\\r\\n{text}".encode()
    from scache.http import HTTPConnection
    port = listener.getsockname()[1]
    cache = scache.Cache()
    def ask(method="GET", body=None, read=True):
        client = HTTPConnection("127.0.0.1", port, timeout=20, cache=cache)
        try:
            client.request(method, "/", body)
            response = client.getresponse()
            return client.is_reused, response.read(None if read else 1).decode()
        finally:
            client.close()
"""


@pytest.mark.parametrize("code, served", [
    # The far end hangs up instead of answering: harmless to repeat.
    ("""begin([[answer("1"), None], [answer("2")]])
        assert ask() == (False, "1")
        assert ask() == (False, "2")""", "GET GET GET"),
    ("""begin([[answer("1"), None], [answer("2")]])
        ask()
        assert ask("PUT", b"body") == (False, "2")""", "GET PUT PUT"),
    # Not harmless: whoever asks decides.
    ("""begin([[answer("1"), None]])
        ask()
        try:
            ask("POST", b"body")
        except ConnectionError:
            pass
        else:
            raise AssertionError""", "GET POST"),
    # A body that is read only once cannot be sent twice.
    ("""import io
        begin([[answer("1"), None]])
        ask()
        try:
            ask("PUT", io.BytesIO(b""))
        except ConnectionError:
            pass
        else:
            raise AssertionError""", "GET PUT"),
    # The server had waited too long.
    ("""begin([[answer("1"), answer("", "408 Request Timeout", "Connection: close\\r\\n")],
                [answer("2")]])
        ask()
        assert ask() == (False, "2")""", "GET GET GET"),
    # Half an answer was read.
    ("""begin([[answer("12345")], [answer("2")]])
        assert ask(read=False) == (False, "1")
        assert ask() == (False, "2")""", "GET GET"),
    # None was read.
    ("""begin([[answer("1")], [answer("2")]])
        client = HTTPConnection("127.0.0.1", port, cache=cache)
        client.request("GET", "/")
        client.close()
        assert ask() == (False, "2")""", "GET GET"),
    # An exception in the midst of a request.
    ("""begin([[None], [answer("2")]])
        client = HTTPConnection("127.0.0.1", port, cache=cache)
        client.connect()
        client.putrequest("GET", "/")
        client.close()
        assert ask() == (False, "2")""", "GET"),
    # A second answer that nobody has asked for.
    ("""begin([[answer("1") + answer("1")], [answer("2")]])
        ask()
        assert ask() == (False, "2")""", "GET GET"),
])
def test_http_where_something_goes_wrong(cache, code, served):
    """What is repeated, what is kept, and what is not."""
    ending = f"\n        listener.close()\n        assert ' '.join(served) == {served!r}, served\n"
    python(DYING).run("        " + code + ending, cache)


def test_http_labels(cache):
    """Another host or source address is another place, in whatever way it is reached."""
    with nginx() as server:
        server.wait_listening()
        code = f"""
        from scache.http import HTTPConnection
        here = "127.0.0.1"
        for host, source in ((here, None), ("localhost", None), (here, ("127.0.0.2", 0))):
            with HTTPConnection(host, {server.port}, source_address=source) as client:
                client.request("GET", "/")
                client.getresponse().read()
                print(client.is_reused)
        """
        assert PYTHON.run(code, cache) == "False\nFalse\nFalse\n"
        assert PYTHON.run(code, cache) == "True\nTrue\nTrue\n"


def connects(postfix):
    """How often somebody has connected to a private Postfix."""
    return len(re.findall(r"smtpd\[\d+\]: connect from", postfix.log()))


SMTP = """
    from scache.smtp import SMTP
    def send(to="a@example.com", end="", **more):
        with SMTP("127.0.0.1", port, **more) as session:
            refused = session.sendmail("b@example.com", [to], "Subject: x\\r\\n\\r\\nbody\\r\\n")
            return session.is_reused
"""


def test_smtp(cache):
    """Three processes with two messages each, and one session."""
    with Postfix() as postfix:
        mail = python(SMTP + f"    port = {postfix.smtpd_port}\n")
        seen = [mail.json("print(json.dumps([send(), send()]))", cache) for _ in range(3)]
        assert seen == [[False, True], [True, True], [True, True]]
        postfix.wait_delivered(6)
        assert connects(postfix) == 1


def test_smtp_begins_anew(cache):
    """Half a transaction, refusals and exceptions are not the next user's."""
    with Postfix() as postfix:
        mail = python(SMTP + f"    port = {postfix.smtpd_port}\n")
        mail.run("""
        import smtplib
        session = SMTP("127.0.0.1", port)
        session.ehlo()
        session.mail("left@example.com")
        session.quit()
        session = SMTP("127.0.0.1", port)
        assert session.is_reused
        try:
            session.sendmail("b@example.com", [""], "x")
        except smtplib.SMTPRecipientsRefused:
            pass
        assert session.rcpt("a@example.com")[0] == 503
        session.close()
        assert send()
        # In the midst of a message.
        session = SMTP("127.0.0.1", port)
        assert session.is_reused
        session.ehlo(), session.mail("b@example.com"), session.rcpt("a@example.com")
        session.putcmd("data")
        session.close()
        assert not send()
        # A reply that nobody has read.
        session = SMTP("127.0.0.1", port)
        assert session.is_reused
        session.putcmd("noop")
        session.close()
        assert not send() and send()
        # Another user, and another name, is another session.
        assert not SMTP("127.0.0.1", port, user="alice").is_reused
        assert not SMTP("127.0.0.1", port, local_hostname="other.example.com").is_reused
        """, cache)


IMAP = """
    from scache.imap import IMAP4
    def look(user, box="INBOX"):
        with IMAP4("127.0.0.1", port, user=user) as session:
            assert session.login(user, "secret")[0] == "OK"
            assert session.select(box)[0] == "OK"
            return session.is_reused
"""


def logins(server):
    """Who has logged in, in this order."""
    return re.findall(r"Login: user=<(\w+)>", server.read("log"))


def test_imap(cache):
    """A session for each user, whoever comes, and whatever mailbox was open."""
    with dovecot() as server:
        mail = python(IMAP + f"    port = {server.port}\n")
        code = "print(json.dumps([look('alice'), look('bob'), look('alice')]))"
        assert mail.json(code, cache) == [False, False, True]
        assert mail.json(code, cache) == [True, True, True]
        assert logins(server) == ["alice", "bob"]
        mail.run("""
        session = IMAP4("127.0.0.1", port, user="alice")
        assert session.is_reused and session.state == "AUTH"
        for wrong in ("bob", "carol"):
            try:
                session.login(wrong, "secret")
            except ValueError:
                continue
            raise AssertionError
        # An answer that nobody has read.
        session.send(b"x NOOP\\r\\n")
        session.file.peek(1)
        session.logout()
        # Nobody who does not say who it is.
        session = IMAP4("127.0.0.1", port)
        assert not session.is_reused and session.state == "NONAUTH"
        session.login("alice", "secret")
        session.logout()
        assert look("alice")
        """, cache)
        assert logins(server) == ["alice", "bob", "alice"]


def test_imap_sessions_that_are_dead(cache):
    """A new one is opened."""
    with dovecot() as server:
        mail = python(IMAP + f"    port = {server.port}\n")
        mail.run("""
        assert not look("alice")
        session = IMAP4("127.0.0.1", port, user="alice")
        copy = session.sock.dup()
        session.logout()
        # Whoever has a copy can say what it should not, after the cache has looked.
        copy.sendall(b"x LOGOUT\\r\\n")
        copy.close()
        look("alice")
        assert look("alice")
        """, cache)


REDIS = """
    import redis
    from scache.redis import ConnectionPool
    def client(**more):
        return redis.Redis(connection_pool=ConnectionPool(host="127.0.0.1", port=port, **more))
"""


def accepted(server):
    """How many connections Redis has accepted, but for this look."""
    done = subprocess.run(["redis-cli", "-p", str(server.port), "INFO", "stats"],
                          capture_output=True, text=True, timeout=20, check=True)
    server.looks = getattr(server, "looks", 0) + 1
    return int(re.search(r"total_connections_received:(\d+)", done.stdout).group(1)) - server.looks


def test_redis(cache):
    """Three processes, many commands, one connection."""
    module("redis")
    with redis() as server:
        code = python(REDIS + f"    port = {server.port}\n")
        for n in range(3):
            assert code.json("""
            one = client()
            answers = [one.incr("n"), one.get("n").decode(), one.ping()]
            with one.pipeline() as pipe:
                pipe.set("*", "\\r\\n*5\\r\\n").get("*").keys("*")
                answers.append(len(pipe.execute()))
            print(json.dumps(answers))
            """, cache) == [n + 1, str(n + 1), True, 3]
        assert accepted(server) == 1


def test_redis_begins_anew(cache):
    """Databases, transactions, names and log-ins are those of whoever asks."""
    module("redis")
    with redis() as server:
        code = python(REDIS + f"    port = {server.port}\n")
        code.run("""
        client().config_set("requirepass", "")
        client().execute_command("ACL", "SETUSER", "alice", "on", ">word", "~*", "+@all")
        assert client(db=1).set("a", "one") and client(db=2).set("a", "two")
        assert client(db=1).get("a") == b"one" and client().get("a") is None
        alice = client(username="alice", password="word")
        assert alice.execute_command("ACL", "WHOAMI") == b"alice"
        assert client().execute_command("ACL", "WHOAMI") == b"default"
        one = client()
        one.execute_command("SELECT", 2)
        assert client().get("a") is None
        with one.pipeline() as pipe:
            pipe.watch("a")
            pipe.multi()
            pipe.set("a", "three")
        assert one.get("a") is None
        assert one.client_setname("me") and one.client_getname() is None
        """, cache)
        assert accepted(server) == 1
        code.run("""
        # What RESET leaves behind.
        one = client()
        one.execute_command("CLIENT", "NO-EVICT", "on")
        one.ping()
        """, cache)
        assert accepted(server) == 2
        code.run("""
        # A subscription, and an answer that nobody has read.
        one = client()
        with one.pubsub() as listening:
            listening.subscribe("x")
            listening.get_message(timeout=5)
        connection = one.connection_pool.get_connection("PING")
        connection.send_command("PING")
        one.connection_pool.release(connection)
        assert one.get("a") is None
        """, cache)
        assert accepted(server) <= 5
