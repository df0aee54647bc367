"""The manual against what it describes: the header, the options, the parameters, the units."""

import os
import re
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from support import launch, paths

MAN = paths.ROOT / "man"
HEADER = (paths.ROOT / "include" / "scache.h").read_text(encoding="utf-8")
CODE = re.sub(r"/\*.*?\*/|^SCACHE_MUST_CHECK ", "", HEADER, flags=re.S | re.M)
FUNCTIONS = set(re.findall(r"\b(scache_\w+)\(", CODE))
CONSTANTS = set(re.findall(r"#define (SCACHE_\w+) ", CODE)) | set(
    re.findall(r"\b(SCACHE_\w+) =", CODE))
PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted(MAN.glob("*.3"))}
SERVER = (MAN / "scache.8").read_text(encoding="utf-8")
LIBRARY = paths.build() / "src" / "lib"
HELP = subprocess.run([paths.program(), "--help"], capture_output=True, text=True, timeout=5,
                      check=True).stdout
PARAMETERS = set(re.findall(r"^  ([a-z_]+)  ", HELP.partition("\nParameters:\n")[2], re.M))

# Parameters that are Postfix's affair, and that scache(8) speaks of.
POSTFIX = {"daemon_directory", "connection_cache_service_name", "smtp_connection_cache_on_demand",
           "smtp_connection_cache_destinations", "smtp_connection_cache_time_limit",
           "smtp_connection_reuse_count_limit", "smtp_connection_reuse_time_limit",
           "smtp_tls_connection_reuse"}


def section(page, title):
    """The text of one section of a page."""
    return re.search(rf"^\.Sh {title}\n(.*?)(?=^\.Sh |\Z)", page, re.M | re.S).group(1)


def names(page):
    """What a page's first section says it describes."""
    return re.findall(r"^\.Nm (\S+)", section(page, "NAME"), re.M)


def declaration(function, text):
    """A function's type and its arguments, as the header writes them."""
    found = re.search(rf"^([\w *]+?) ?\b{function}\(([^)]*)\)", text, re.M)
    return squeeze(found.group(1)), [squeeze(word) for word in found.group(2).split(",")]


def squeeze(text):
    """Blanks made equal: one between words, none after a star."""
    return re.sub(r"\* ", "*", " ".join(text.split()))


def synopsis(function, page):
    """The same from a manual page."""
    text = section(page, "SYNOPSIS")
    one = re.search(rf'^\.Ft (.+)\n\.Fn {function}( .*)?$', text, re.M)
    if one:
        quoted = re.findall(r'"([^"]*)"|(\S+)', one.group(2) or "")
        arguments = [a or b for a, b in quoted]
    else:
        one = re.search(rf"^\.Ft ([^\n]+)\n\.Fo {function}\n(.*?)^\.Fc", text, re.M | re.S)
        assert one, f"{function} is not in the synopsis"
        arguments = re.findall(r'^\.Fa "(.*)"', one.group(2), re.M)
    return squeeze(one.group(1).strip('"')), [squeeze(word) for word in arguments]


def lint(path):
    """What mandoc has to say against a page, matters of style aside."""
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", path], capture_output=True,
                          text=True, timeout=20, check=False)
    return done.stdout


def built_page():
    """scache.cf(5) as the build made it."""
    return paths.build() / "man" / "scache.cf.5"


def test_manual_describes_each_function_once():
    """Each function of the header is in the NAME section of one page; no page has others."""
    described = [name for page in PAGES.values() for name in names(page)]
    assert sorted(described) == sorted(FUNCTIONS | {"libscache"})


@pytest.mark.parametrize("page", [name for name in PAGES if name != "libscache.3"])
def test_manual_synopsis(page):
    """The synopsis of each function is its declaration."""
    for function in names(PAGES[page]):
        assert synopsis(function, PAGES[page]) == declaration(function, CODE), function


def test_no_structure_is_laid_out():
    """What is opaque can grow; so nothing in the header shows what is in it."""
    assert not re.search(r"struct \w+ *\{", CODE)


def test_manual_names_only_what_is_there():
    """Pages name no function, constant or variable of the environment that does not exist."""
    text = "".join(PAGES.values())
    assert set(re.findall(r"^\.(?:Fn|Fo) (\w+)", text, re.M)) == FUNCTIONS
    known = CONSTANTS | set(re.findall(r"SCACHE_[A-Z]+", HEADER))
    assert set(re.findall(r"\bSCACHE_[A-Z_]+", re.sub(r"^\.Dt .*", "", text, flags=re.M))) <= known
    for constant in CONSTANTS:
        assert constant in text, constant


def test_manual_references_lead_somewhere():
    """References between our own pages lead to pages that exist."""
    ours = {(p.stem, p.suffix[1:]) for p in MAN.glob("*.[0-9]")} | {("scache.cf", "5")}
    for page in [*PAGES.values(), SERVER]:
        for name, number in re.findall(r"^\.Xr (lib\w+|scache\S*) (\d)", page, re.M):
            assert (name, number) in ours, name


def test_manual_has_each_option():
    """Each option of --help is in scache(8), and the other way round."""
    shown = set(re.findall(r"^  (--?[\w-]+)", HELP, re.M))
    alone = section(SERVER, "ON ITS OWN")
    written = "".join(re.search(rf"^{start}\n(.*?)^\.El", alone, re.M | re.S).group(1)
                      for start in ("Its options are:", ".Ss Looking at a configuration"))
    assert {"-" + name for name in re.findall(r"^\.It Fl (\S+)", written, re.M)} - {"-c"} == shown


def test_manual_has_each_option_of_master():
    """Each letter that the program takes under master(8) is in scache(8)."""
    source = (paths.ROOT / "src" / "host" / "options.c").read_text(encoding="utf-8")
    letters = set(re.search(r'getopt\(argc, argv, "\+:([^"]+)"', source).group(1)) - {":"}
    part = section(SERVER, r"UNDER MASTER\(8\)")
    items = " ".join(re.findall(r"^\.It (.*Fl .*)", part, re.M))
    assert set(re.findall(r"Fl (\w)\b", items)) == letters


def test_manual_has_each_parameter():
    """Each parameter of --help is in scache.cf(5), and what scache(8) names is one."""
    page = built_page().read_text(encoding="utf-8")
    assert len(PARAMETERS) > 20
    assert set(re.findall(r"^\.It Va (\w+)", page, re.M)) == PARAMETERS
    assert set(re.findall(r"^\.Va (\w+)", SERVER, re.M)) <= PARAMETERS | POSTFIX


@pytest.mark.parametrize("page", [p.name for p in sorted(MAN.glob("*.[0-9]"))] + ["scache.cf.5"])
def test_manual_lint(page):
    """Nothing worse than a matter of style."""
    assert lint(built_page() if page == "scache.cf.5" else MAN / page) == ""


def test_manual_pages_are_installed():
    """man/meson.build installs each page, and a name for each function."""
    rules = (MAN / "meson.build").read_text(encoding="utf-8")
    for page in MAN.glob("*.[0-9]"):
        assert f"'{page.name}'" in rules or f"'{page.stem}': [" in rules, page.name
    for function in FUNCTIONS:
        assert f"'{function}'" in rules, function


class Echo(threading.Thread):
    """An echo server that counts its connections."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.accepted = []
        self.start()

    def run(self):
        while True:
            try:
                sock = self.listener.accept()[0]
            except OSError:
                return
            self.accepted.append(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    @staticmethod
    def _serve(sock):
        while data := sock.recv(64):
            sock.sendall(data)

    def stop(self):
        """Accept nobody any more."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture(name="echo")
def fixture_echo():
    """An echo server for one test."""
    one = Echo()
    yield one
    one.stop()


def example(directory, compiler):
    """The example of libscache(3), compiled."""
    text = re.search(r"^\.Bd -literal\n(.*?)^\.Ed", section(PAGES["libscache.3"], "EXAMPLES"),
                     re.M | re.S).group(1)
    source, program = directory / "example.c", directory / "example"
    source.write_text(text.replace("\\e", "\\"), encoding="utf-8")
    command = [compiler, "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror",
               f"-I{paths.ROOT / 'include'}", source, f"-L{LIBRARY}", "-lscache", "-o", program]
    options = (paths.build() / "compile_commands.json").read_text(encoding="utf-8")
    if "-fsanitize=" in options:
        command.append(re.search(r"-fsanitize=[\w,]+", options).group())
    subprocess.run(command, check=True, timeout=60)
    return program


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_manual_example(tmp_path, echo, compiler):
    """The example compiles strictly; the second process goes on with the first's connection."""
    if not shutil.which(compiler):
        pytest.skip(f"takes {compiler}")
    program = example(tmp_path, compiler)
    with launch.StandaloneServer() as server:
        env = os.environ | {"LD_LIBRARY_PATH": str(LIBRARY), "SCACHE_SOCKET": str(server.path)}
        said = [subprocess.run([program, str(echo.port)], env=env, capture_output=True, text=True,
                               timeout=10, check=True).stdout for _ in range(3)]
    assert said == ["opened a connection\n"] + 2 * ["reused a connection\n"]
    assert len(echo.accepted) == 1


def test_manual_example_without_server(tmp_path, echo):
    """With no server it opens a connection each time, and that is all."""
    program = example(tmp_path, "gcc")
    env = os.environ | {"LD_LIBRARY_PATH": str(LIBRARY),
                        "SCACHE_SOCKET": str(tmp_path / "nothing")}
    for _ in range(2):
        done = subprocess.run([program, str(echo.port)], env=env, capture_output=True, text=True,
                              timeout=10, check=True)
        assert done.stdout == "opened a connection\n"
    assert len(echo.accepted) == 2


@pytest.mark.parametrize("scope", ["system", "user"])
def test_manual_units(tmp_path, scope):
    """systemd takes the units without a word."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("takes systemd")
    part = Path("systemd/user" if scope == "user" else "systemd")
    service = "scache.service"
    built = paths.build() / "dist" / (part / service if scope == "user" else service)
    text = built.read_text(encoding="utf-8")
    assert "@SBINDIR@" not in text and "@SYSCONFDIR@" not in text
    (tmp_path / service).write_text(
        re.sub(r"^ExecStart=\S+", f"ExecStart={paths.program()}", text, flags=re.M),
        encoding="utf-8")
    shutil.copy(paths.ROOT / "dist" / part / "scache.socket", tmp_path)
    (tmp_path / "run").mkdir(mode=0o700)
    env = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path / "run")}
    done = subprocess.run(
        ["systemd-analyze", f"--{scope}", "--man=no", "verify", tmp_path / service,
         tmp_path / "scache.socket"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_manual_sample_configuration(tmp_path):
    """Each line of the sample, its hash mark removed, is one that the server takes."""
    sample = (paths.ROOT / "dist" / "scache.conf").read_text(encoding="utf-8")
    lines = re.findall(r"^#(\w+ =.*)", sample, re.M)
    assert len(lines) > 5 and {line.split()[0] for line in lines} <= PARAMETERS
    live = [line for line in lines if "authorized_users" not in line]
    (tmp_path / "scache.conf").write_text("\n".join(live) + "\n", encoding="utf-8")
    with launch.StandaloneServer(args=["--config", tmp_path / "scache.conf"]) as server:
        server.ready()
        assert server.text() == ""
