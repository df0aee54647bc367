"""Every conversation against every server it must pass against.

The waits in conversations are real, so all of them are played at the same time, a thread each,
against one server of each kind. Files that share a label are played one after the other.
"""

import threading
from pathlib import Path

import pytest

import vec
from support import launch, paths

HERE = Path(__file__).resolve().parent
SAME = sorted((HERE / "same").glob("*.vec"))
OURS = sorted((HERE / "ours").glob("*.vec"))


def start_postfix():
    """Postfix's own server."""
    return launch.MasterServer(paths.POSTFIX_SCACHE)


def start_master():
    """The build, as master(8) starts it."""
    return launch.MasterServer(paths.program())


def start_standalone():
    """The build on a socket of its own; the order is Postfix's."""
    return launch.StandaloneServer(paths.program(), args=vec.STANDALONE_ARGS)


# Postfix's server makes everybody wait while one client is in the midst of an exchange, so there
# a conversation that pauses in one has a server of its own.
PAUSING = ("byte-by-byte", "promised")
KINDS = {"postfix": (start_postfix, SAME), "master": (start_master, SAME + OURS),
         "standalone": (start_standalone, SAME + OURS)}
CASES = [pytest.param(kind, file, id=f"{kind}-{file.parent.name}-{file.stem}")
         for kind, (_, files) in KINDS.items() for file in files]


def lanes(files):
    """Lists of files, so that files with a label in common are in the same list."""
    groups = []
    for file in files:
        names, members = vec.labels(file), [file]
        for group in [g for g in groups if g[0] & names]:
            groups.remove(group)
            names, members = names | group[0], group[1] + members
        groups.append((names, members))
    return [members for _, members in groups]


class Show:
    """All selected conversations of one kind of server, played at once."""

    def __init__(self, kind, files):
        self.errors, self.servers, self.threads = {}, [], []
        alone = [f for f in files if kind == "postfix" and any(p in f.stem for p in PAUSING)]
        together = [f for f in files if f not in alone]
        for group in [together] * bool(together) + [[file] for file in alone]:
            self.begin(KINDS[kind][0], group)

    def begin(self, start, files):
        """Start a server and begin to play these files against it."""
        try:
            self.servers.append(start())
            self.servers[-1].ready()
        except (AssertionError, OSError) as error:
            self.errors |= {file: f"the server does not answer: {error!r}" for file in files}
            return
        for lane in lanes(files):
            thread = threading.Thread(target=self.play, args=(lane, self.servers[-1].path))
            self.threads.append(thread)
            thread.start()

    def play(self, lane, path):
        """Play the files of one lane, in order."""
        for file in lane:
            self.errors[file] = None
            try:
                vec.play_file(file, path)
            except Exception as error:  # Whatever it is, it belongs to this file's test.
                self.errors[file] = f"{type(error).__name__}: {error}"

    def join(self):
        """Wait until all are through."""
        for thread in self.threads:
            thread.join()

    def stop(self):
        """End the servers."""
        self.join()
        for server in self.servers:
            server.stop()


@pytest.fixture(scope="module")
def shows(request):
    """A Show of every kind that a selected test needs, all begun together."""
    wanted = {}
    for item in request.session.items:
        if item.module is request.module and item.originalname == "test_conversation":
            params = item.callspec.params
            wanted.setdefault(params["kind"], []).append(params["file"])
    begun = {kind: Show(kind, files) for kind, files in wanted.items()}
    yield begun
    for show in begun.values():
        show.stop()


@pytest.mark.parametrize("kind, file", CASES)
def test_conversation(shows, kind, file):
    """The server says exactly what the file says."""
    shows[kind].join()
    if shows[kind].errors[file]:
        pytest.fail(shows[kind].errors[file], pytrace=False)


@pytest.mark.parametrize("text", [r"a\0b\n\t\\\x80", r"\*3(ab)", r"\*2(\0x)\*0(y)z", ""])
def test_escapes(text):
    """What escape() writes, unescape() reads."""
    data = vec.unescape(text)
    assert vec.unescape(vec.escape(data)) == data


def test_repetition():
    """Long runs stay short in a file."""
    assert vec.unescape(r"a\*3(x)b") == b"axxxb"
    assert vec.escape(b"a" * 100 + b"b") == r"\*100(a)b"
