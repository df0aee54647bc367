# SPDX-License-Identifier: BSD-2-Clause
"""The module scache for Python: caches, sockets in and out, labels, threads, forks, mistakes."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading

import pytest

from support import needs, paths
from support.launch import MasterServer, StandaloneServer
from support.script import python


@pytest.fixture(name="server")
def make_server():
    """A scache of its own."""
    with StandaloneServer() as one:
        yield one.ready()


@pytest.fixture(name="echo")
def make_echo():
    """An echo server on loopback; .connections counts those that came."""
    with Echo() as one:
        yield one


class Echo:
    """Answers each line by itself, with the connection's number in front."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections = 0
        self.accepted = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock = self.listener.accept()[0]
            except OSError:
                return
            self.connections += 1
            self.accepted.append(sock)
            threading.Thread(target=self._serve, args=(sock, self.connections), daemon=True).start()

    @staticmethod
    def _serve(sock, number):
        with contextlib.suppress(OSError), sock.makefile("rb") as lines:
            for line in lines:
                sock.sendall(b"%d %s" % (number, line))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for sock in self.accepted:
            sock.close()


TALK = """
    port = int(os.environ["PORT"])
    cache = scache.Cache()
    label = scache.Label(protocol="echo").address("127.0.0.1", port)

    def say(sock, words):
        sock.sendall(words + b"\\n")
        answer = b""
        while not answer.endswith(b"\\n"):
            more = sock.recv(100)
            if not more:
                raise ConnectionError("it has hung up")
            answer += more
        return answer.decode()

    def connect():
        return socket.create_connection(("127.0.0.1", port))
"""


PYTHON = python()
TALKING = python(TALK)


def test_three_processes_and_one_connection(server, echo):
    """A with statement is all that a program needs."""
    code = """
    with cache.borrow(label, connect) as loan:
        print(json.dumps([say(loan.socket, b"hello"), loan.is_reused, loan.property]))
        loan.property = f"used by {sys.argv[0]} and more"
    """
    seen = [TALKING.json(code, server, PORT=echo.port) for _ in range(3)]
    assert [one[:2] for one in seen] == [["1 hello\n", False], ["1 hello\n", True],
                                         ["1 hello\n", True]]
    assert seen[0][2] == "" and seen[1][2] == "used by -c and more"
    assert echo.connections == 1


@pytest.mark.parametrize("end, why", [
    ("raise SystemExit(0)", "an exception"),
    ("loan.keep = False", "not to be kept"),
    ("loan.socket.sendall(b'more\\n'); loan.socket.recv(1, socket.MSG_PEEK)", "unread"),
    ("loan.socket.shutdown(socket.SHUT_WR)", "shut"),
    ("loan.socket.close()", "closed"),
    ("loan.socket.detach()", "given away otherwise")])
def test_what_is_not_at_rest_is_not_kept(server, echo, end, why):
    """However it came to be so."""
    code = f"""
    with cache.borrow(label, connect) as loan:
        say(loan.socket, b"hello")
        {end}
    """
    TALKING.run(code, server, PORT=echo.port)
    assert TALKING.json("print(json.dumps(cache.take(label) is None))", server,
                        PORT=echo.port), why


def test_take_and_put(server, echo):
    """All texts go around; a socket is gone for whoever gives it away, and blocks for the next."""
    code = """
    sock = connect()
    sock.settimeout(5)
    assert cache.put(sock, label, "p\\udcff\\u00e9", 30, destination="d", destination_property="dp")
    assert sock.fileno() == -1
    found = cache.take(destination="d")
    assert found.property == "p\\udcff\\u00e9" and found.destination_property == "dp"
    assert found.endpoint == str(label)
    assert found.socket.gettimeout() is None and os.get_blocking(found.socket.fileno())
    assert not os.get_inheritable(found.socket.fileno())
    assert cache.reason == "none" and cache.why == ""
    assert cache.take("x", label, destination="d") is None
    assert cache.reason == "empty" and cache.path in cache.why
    assert cache.put(found.socket.detach(), b"bytes")
    found = cache.take("other", b"bytes")
    assert found.endpoint == "bytes" and say(found.socket, b"still there") == "1 still there\\n"
    assert cache.bind("d2", "bytes", ttl=9) and cache.put(found.socket, "bytes")
    assert cache.take(destination=b"d2").endpoint == "bytes"
    assert cache.ping()
    """
    TALKING.run(code, server, PORT=echo.port)


def test_postfixs_server_does_as_well(echo):
    """By the requests that it knows."""
    needs.postfix()
    with MasterServer(paths.POSTFIX_SCACHE).ready() as server:
        code = """
        for _ in range(2):
            with cache.borrow(label, connect) as loan:
                print(say(loan.socket, b"hello"), loan.is_reused)
        """
        assert TALKING.run(code, server, PORT=echo.port) == "1 hello\n False\n1 hello\n True\n"


def test_a_server_that_is_away_is_a_miss():
    """And says so; nothing is raised."""
    code = """
    cache = scache.Cache("/nonexistent/socket")
    assert cache.take("x") is None and cache.reason == "away"
    assert cache.why == "/nonexistent/socket: no server answers: No such file or directory"
    near, far = socket.socketpair()
    assert cache.put(near, "x") is False and cache.reason == "backing off"
    assert far.recv(1) == b""
    assert not cache.ping()
    """
    PYTHON.run(code)


def test_a_cache_in_the_process():
    """Shared by threads, empty in a child, closed when it is full or over."""
    code = """
    with scache.LocalCache(2) as cache:
        pairs = [socket.socketpair() for _ in range(3)]
        for near, _ in pairs:
            assert cache.put(near, "x", ttl=5)
        assert pairs[0][1].recv(1) == b""
        assert 0 < cache.expire() <= 5
        pid = os.fork()
        if pid == 0:
            os._exit(0 if cache.take("x") is None and cache.reason == "empty" else 1)
        assert os.waitpid(pid, 0)[1] == 0
        found = cache.take("x")
        assert found.socket.send(b"t") == 1
        taken = []
        threads = [threading.Thread(target=lambda: taken.append(cache.take("x"))) for _ in range(8)]
        [one.start() for one in threads]
        [one.join() for one in threads]
        assert sum(one is not None for one in taken) == 1
        [one.socket.close() for one in taken if one]
        found.socket.close()
        assert cache.take("x") is None and cache.expire() is None and cache.why
    for _, far in pairs:
        far.close()
    """
    PYTHON.run(code)


@pytest.mark.parametrize("call, error", [
    ('cache.put(near, "")', "ValueError"),
    ('cache.put(near, "x", ttl=0)', "ValueError"),
    ('cache.put(near, "x" * 300000)', "ValueError"),
    ('cache.put(near, "a\\0b")', "ValueError"),
    ('cache.put(near, 5)', "TypeError"),
    ('cache.put(near, "x", None)', "TypeError"),
    ('cache.put(near, "x", ttl="5")', "TypeError"),
    ('cache.put(near, "x", destination="")', "ValueError"),
    ('cache.put(near, "x", destination="d", destination_ttl=-1)', "ValueError"),
    ('closed.put(near, "x")', "ValueError")])
def test_a_mistake_is_raised_and_the_socket_is_gone(call, error):
    """Whatever is wrong with what else was given, nobody has the socket any more."""
    code = f"""
    cache, closed = scache.LocalCache(), scache.Cache("/nowhere")
    closed.close()
    near, far = socket.socketpair()
    try:
        {call}
    except {error}:
        pass
    else:
        raise AssertionError("nothing was raised")
    assert near.fileno() == -1 and far.recv(1) == b""
    far.close()
    """
    PYTHON.run(code)


@pytest.mark.parametrize("call, error", [
    ("cache.put(None, 'x')", "TypeError"),
    ("cache.put(True, 'x')", "TypeError"),
    ("cache.put(-1, 'x')", "ValueError"),
    ("cache.put(999, 'x')", "OSError"),
    ("cache.take()", "ValueError"),
    ("cache.take('')", "ValueError"),
    ("cache.take(3)", "TypeError"),
    ("scache.Cache('')", "OSError"),
    ("scache.Cache('/' + 'x' * 200)", "OSError"),
    ("scache.Cache(deadline=-1e9, backoff=(0, 0), classic=7)", "ValueError"),
    ("scache.LocalCache(0)", "ValueError"),
    ("scache.Label(a=None)", "TypeError"),
    ("str(scache.Label())", "ValueError"),
    ("scache.Label().address('example.org', 1)", "ValueError"),
    ("scache.Label().local('/nonexistent/socket')", "FileNotFoundError"),
    ("scache.Label().peer(socket.socket())", "ValueError"),
    ("scache.look(999)", "OSError")])
def test_other_mistakes_are_raised(call, error):
    """By the kinds of exceptions that Python has for them."""
    code = f"""
    cache = scache.LocalCache()
    try:
        {call}
    except {error} as what:
        assert str(what)
    else:
        raise AssertionError("nothing was raised")
    """
    PYTHON.run(code.replace("scache.Label().peer(socket.socket())",
                            "scache.Label().peer(idle)").replace(
        "cache = scache.LocalCache()", "cache = scache.LocalCache(); idle = socket.socket()")
        + "    idle.close()\n")


def test_tls_sockets_are_refused():
    """Their keys are in the process."""
    code = """
    import ssl
    near, far = socket.socketpair()
    context = ssl.create_default_context()
    context.check_hostname = False
    secret = context.wrap_socket(near, do_handshake_on_connect=False)
    try:
        scache.LocalCache().put(secret, "x")
    except TypeError as error:
        assert "keys" in str(error)
    else:
        raise AssertionError
    assert secret.fileno() >= 0
    secret.close()
    far.close()
    """
    PYTHON.run(code)


def test_labels():
    """Fields in their order, of any kind, each list another label."""
    code = """
    label = scache.Label(service="a=b", user="\\udcff", n=5).add("raw", b"\\0")
    assert bytes(label) == b"service=a%3Db\\nuser=\\xff\\nn=5\\nraw=%00\\n"
    assert str(scache.Label(a=1, b=2)) != str(scache.Label(b=2, a=1))
    place = str(scache.Label().host("localhost", 25))
    assert "host=localhost\\nport=25\\n" in place and place.startswith("network=")
    six = str(scache.Label().address("fe80::1", 25, 7))
    assert "address=fe80::1\\nscope=7\\nport=25\\n" in six
    listener = socket.create_server(("127.0.0.1", 0))
    sock = socket.create_connection(listener.getsockname())
    assert bytes(scache.Label().peer(sock)) == \
        bytes(scache.Label().address(*listener.getsockname()))
    assert "abstract=name" in str(scache.Label().local("\\0name"))
    assert "Label" in repr(label)
    sock.close(), listener.close()
    """
    PYTHON.run(code)


def test_looks():
    """What the kernel knows, in a word."""
    code = """
    near, far = socket.socketpair()
    assert scache.look(near) == "unknown" and scache.look(near, quiet=True) == "idle"
    far.sendall(b"x")
    assert scache.look(near.fileno(), quiet=True, wait=False) == "unread"
    far.close()
    near.recv(1)
    assert scache.look(near) == "closed"
    near.close()
    """
    PYTHON.run(code)


def test_threads_share_a_cache(server, echo):
    """Each is given its own connections, and its own reason."""
    code = """
    errors = []
    def work(n):
        try:
            mine = scache.Label(thread=n)
            for i in range(50):
                with cache.borrow(mine, connect) as loan:
                    assert say(loan.socket, b"%d" % n).split()[1] == str(n)
                    assert loan.property in ("", str(n))
                    loan.property = str(n)
            assert cache.take("nothing") is None and cache.reason == "empty"
        except BaseException as error:
            errors.append(error)
    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert not errors, errors
    assert cache.reason == "none"
    cache.close()
    """
    TALKING.run(code, server, PORT=echo.port)
    assert echo.connections <= 8


def test_the_interpreter_goes_on_while_a_thread_waits(server):
    """A server that hangs holds nobody else up."""
    os.kill(server.process.pid, signal.SIGSTOP)
    code = """
    cache = scache.Cache(deadline=3600, hints=False)
    thread = threading.Thread(target=cache.take, args=("x",), daemon=True)
    thread.start()
    # What runs here runs while that one waits.
    assert thread.is_alive()
    assert sum(range(100000)) == 4999950000
    print("went on", flush=True)
    os._exit(0)
    """
    try:
        assert PYTHON.run(code, server) == "went on\n"
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def test_two_threads_and_one_handle():
    """The handle itself says so; the cache never lets it happen."""
    code = """
    from scache import _scache
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"/tmp/scache-python-{os.getpid()}")
    listener.listen()
    path = listener.getsockname()
    try:
        handle = _scache.Handle(path.encode())
        handle.set_option(_scache.OPT_DEADLINE_MS, 10**8)
        handle.set_option(_scache.OPT_HINTS, 0)
        thread = threading.Thread(target=handle.ping, daemon=True)
        thread.start()
        client = listener.accept()[0]
        for call in (handle.ping, handle.close, handle.miss, handle.wait):
            try:
                call()
            except RuntimeError:
                continue
            raise AssertionError(call)
        client.close()
        thread.join()
        assert handle.miss()[0] == "refused"
        handle.close()
    finally:
        os.unlink(path)
        listener.close()
    """
    PYTHON.run(code)


def test_a_fork_shares_nothing(server, echo):
    """Parent and child both go on, each with connections of its own."""
    code = """
    with cache.borrow(label, connect) as loan:
        say(loan.socket, b"before")
    children = []
    for n in range(4):
        pid = os.fork()
        if pid == 0:
            try:
                for i in range(50):
                    mine = scache.Label(child=n)
                    with cache.borrow(mine, connect) as loan:
                        assert say(loan.socket, b"%d" % n).split()[1] == str(n)
                os._exit(0)
            except BaseException as error:
                print(error, file=sys.stderr)
                os._exit(1)
        children.append(pid)
    for i in range(50):
        with cache.borrow(label, connect) as loan:
            assert say(loan.socket, b"parent").split()[1] == "parent"
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * 4
    """
    TALKING.run(code, server, PORT=echo.port)
    assert echo.connections == 5


def test_nothing_leaks(server, echo):
    """No descriptor and no memory, over many rounds, misses and mistakes among them."""
    code = """
    import gc
    def rounds(count):
        for i in range(count):
            with cache.borrow(label, connect) as loan:
                say(loan.socket, b"hello")
            cache.take("nothing")
            for wrong in ("", "x" * 300000):
                near, far = socket.socketpair()
                try:
                    cache.put(near, wrong)
                except ValueError:
                    pass
                far.close()
            scache.LocalCache().close()
            scache.Label(a="b").host("h", 1)
        gc.collect()
        with open("/proc/self/statm") as file:
            pages = int(file.read().split()[1])
        return len(os.listdir("/proc/self/fd")), sys.getallocatedblocks(), pages
    rounds(50)
    before = rounds(20)
    after = rounds(400)
    assert after[0] == before[0], (before, after)
    assert after[1] - before[1] < 200, (before, after)
    assert after[2] - before[2] < 512, (before, after)
    """
    TALKING.run(code, server, PORT=echo.port)


def test_asyncio(server, echo):
    """Tasks share a cache; streams are kept, unless something speaks against it."""
    code = """
    import asyncio, scache.aio
    port = int(os.environ["PORT"])
    async def visit(cache, n, spoil=None):
        stream = await scache.aio.open_connection(cache, "127.0.0.1", port, scache.Label(task=n))
        stream.writer.write(b"%d\\n" % n)
        line = await stream.reader.readline()
        assert line.split()[1] == b"%d" % n, line
        if spoil == "unread":
            stream.writer.write(b"more\\n")
            await stream.reader._wait_for_data("test")
        return stream.is_reused, await stream.keep()
    async def main():
        cache = scache.aio.Cache()
        assert await asyncio.gather(*(visit(cache, n) for n in range(6))) == [(False, True)] * 6
        assert await asyncio.gather(*(visit(cache, n) for n in range(6))) == [(True, True)] * 6
        assert await visit(cache, 1, "unread") == (True, False)
        assert await visit(cache, 1) == (False, True)
        assert await cache.take("nothing") is None and cache.reason == "empty" and cache.why
        near, far = socket.socketpair()
        assert await cache.put(near, "x", "p") and await cache.ping()
        found = await cache.take("x")
        assert found.property == "p"
        found.socket.close(), far.close()
        cache.close()
    asyncio.run(main())
    """
    PYTHON.run(code, server, PORT=echo.port)
    assert echo.connections == 7


def test_asyncio_waits_for_nobody(server):
    """A request to a server that hangs can be cancelled, and ends by its deadline."""
    os.kill(server.process.pid, signal.SIGSTOP)
    code = """
    import asyncio, scache.aio
    async def main():
        cache = scache.aio.Cache(deadline=3600, hints=False)
        near, far = socket.socketpair()
        waiting = asyncio.ensure_future(cache.put(near, "x"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not waiting.done()
        waiting.cancel()
        try:
            await waiting
        except asyncio.CancelledError:
            pass
        assert far.recv(1) == b"" and cache.reason == "given up"
        far.close()
        cache.close()
        soon = scache.aio.Cache(deadline=0.01, hints=False)
        assert await soon.take("x") is None and soon.reason == "slow"
        soon.close()
    asyncio.run(main())
    """
    try:
        PYTHON.run(code, server)
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def test_types():
    """The annotations and the stub are what is there, to the strictest of type checkers."""
    if not shutil.which("mypy"):
        needs.skip("takes mypy")
    place = paths.ROOT / "bindings/python"
    done = subprocess.run(["mypy", "--config-file", place / "pyproject.toml", "--cache-dir",
                           os.devnull, "-p", "scache"], capture_output=True, text=True, timeout=300,
                          env=os.environ | {"MYPYPATH": str(place)}, check=False)
    assert done.returncode == 0, done.stdout
    names = PYTHON.json("from scache import _scache; print(json.dumps("
                        "[n for n in dir(_scache.Handle) + dir(_scache) if n[0] != '_']))")
    stub = (place / "scache/_scache.pyi").read_text(encoding="utf-8")
    assert [name for name in names if name not in stub] == []


def test_wheel(tmp_path):
    """One file for every Python from 3.9 on, which works where it was installed."""
    if not PYTHON.module.exists():
        needs.skip("takes the headers of Python")
    source = tmp_path / "source"
    shutil.copytree(paths.ROOT / "bindings/python", source)
    build = paths.build() / "src/lib"
    done = subprocess.run(
        ["/usr/bin/python3", "-m", "pip", "wheel", "--no-deps", "--no-build-isolation",
         "--no-index", "-w", tmp_path, source], capture_output=True, text=True, timeout=300,
        env=os.environ | {"CFLAGS": f"-I{paths.ROOT}/include", "LDFLAGS": f"-L{build}",
                          "PIP_DISABLE_PIP_VERSION_CHECK": "1"}, check=False)
    if "No module named pip" in done.stderr:
        needs.skip("takes pip")
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("scache-*-cp39-abi3-*.whl")
    subprocess.run(["/usr/bin/python3", "-m", "zipfile", "-e", wheel, tmp_path / "installed"],
                   timeout=60, check=True)
    assert PYTHON.run("print(scache.__file__)", PYTHONPATH=tmp_path / "installed").startswith(
        str(tmp_path))


def test_example(server, echo):
    """The file that a reader copies: twice, over one connection."""
    if not PYTHON.module.exists():
        needs.skip("takes the headers of Python")
    example = paths.ROOT / "bindings/python/examples/echo.py"
    said = [subprocess.run(
        ["/usr/bin/python3", example, "127.0.0.1", str(echo.port)],
        capture_output=True, text=True, timeout=60, check=True,
        env=os.environ | PYTHON.environment | {"LD_LIBRARY_PATH": str(paths.build() / "src/lib"),
                                               "SCACHE_SOCKET": str(server.path)}).stdout
            for _ in range(2)]
    assert said[0].startswith("1 hello\nopened a connection: ") and "nothing" in said[0]
    assert said[1] == "1 hello\nreused a connection\n"
