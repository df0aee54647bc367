"""scache.h, as the compilers and the linker see it: every language it promises, nothing it hides.

The interface is kept in tests/abi: what stands there was promised to programs that exist, so it may
grow but not change.
"""

import re
import shutil
import subprocess

import pytest

from support import paths

HEADER = paths.ROOT / "include" / "scache.h"
MAP = paths.ROOT / "src" / "lib" / "libscache.map"
KEPT = paths.ROOT / "tests" / "abi" / "libscache.so.1"
LIBRARY = paths.build() / "src" / "lib" / "libscache.so.1"

C = ["c89", "c99", "c11", "c17", "c2x"]
CXX = ["c++98", "c++11", "c++14", "c++17", "c++20"]
LANGUAGES = [(compiler, std) for compiler in ("gcc", "clang") for std in C] + [
    (compiler, std) for compiler in ("g++", "clang++") for std in CXX]
WARNINGS = ["-pedantic", "-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wundef", "-Wconversion"]

# What a server does, and what no library may do behind its caller's back.
FOREIGN = {"fork", "vfork", "execve", "posix_spawn", "posix_spawnp", "listen", "accept", "accept4",
           "bind", "chown", "lchown", "fchown", "chmod", "fchmod", "setuid", "setgid",
           "initgroups", "chroot", "chdir", "signal", "sigaction", "kill", "pthread_create",
           "pthread_atfork", "exit", "_exit", "abort", "syslog", "openlog", "setenv", "putenv",
           "getenv", "perror", "printf", "puts", "stderr", "stdout", "alarm", "timer_create"}


def compile_text(compiler, std, text):
    """Compile, and return what was said against it."""
    if not shutil.which(compiler):
        pytest.skip(f"{compiler} is not installed")
    language = "c++" if std.startswith("c++") else "c"
    done = subprocess.run(
        [compiler, f"-std={std}", "-x", language, *WARNINGS, "-I", HEADER.parent,
         "-c", "-o", "/dev/null", "-"],
        input=text, capture_output=True, text=True, timeout=60, check=False)
    return done.stderr if done.returncode else ""


def opening_example():
    """The program that the header begins with."""
    text = HEADER.read_text(encoding="utf-8")
    return "\n".join(line[7:] for line in text.splitlines() if line.startswith(" *     "))\
        .partition("scache_close(cache);")[0] + "scache_close(cache);\n"


@pytest.mark.parametrize("compiler, std", LANGUAGES)
def test_header_is_taken_as(compiler, std):
    """By itself and twice, without a warning."""
    assert compile_text(compiler, std,
                        '#include "scache.h"\n#include "scache.h"\nint unused_unit;\n') == ""


@pytest.mark.parametrize("compiler, std", LANGUAGES)
def test_opening_example_is_taken_as(compiler, std):
    """What a reader copies first compiles as it stands."""
    program = f"""
#include "scache.h"
int connect_and_log_in(void);
void speak(int fd);
void example(const char *label);
void example(const char *label)
{{
{opening_example()}}}
"""
    assert "scache_take" in program and "scache_put" in program
    assert compile_text(compiler, std, program) == ""


@pytest.mark.parametrize("call", [
    "scache_take(cache, &fd, label)", "scache_steal_fd(cache)", "scache_open(0)",
    "scache_start_put(cache, fd, label, \"\", 1)", "scache_label_text(builder)",
    "scache_set_option(cache, SCACHE_OPT_CLASSIC, 1)"])
@pytest.mark.parametrize("compiler, std", [("gcc", "c17"), ("clang", "c17"), ("clang++", "c++17")])
def test_ignoring_what_matters_is_a_warning(compiler, std, call):
    """A descriptor or an outcome that nobody looks at is a bug."""
    program = f"""
#include "scache.h"
void example(struct scache *cache, int fd, const char *label, struct scache_label *builder);
void example(struct scache *cache, int fd, const char *label, struct scache_label *builder)
{{
    (void)cache; (void)fd; (void)label; (void)builder;
    {call};
}}
"""
    assert "unused-result" in compile_text(compiler, std, program)


def test_readers_take_a_handle_that_they_may_not_change():
    """Whoever may only look can look."""
    program = """
#include "scache.h"
int look(const struct scache *cache, const struct scache_label *label);
int look(const struct scache *cache, const struct scache_label *label)
{
    long value;
    return scache_wait_fd(cache) + scache_wait_events(cache) + scache_wait_ms(cache) +
           scache_get_option(cache, SCACHE_OPT_DEADLINE_MS, &value) +
           (scache_found_endpoint(cache) == scache_found_property(cache)) +
           (scache_found_destination_property(cache) == scache_path(cache)) +
           (int)scache_miss_reason(cache) + (scache_miss_text(cache) == scache_label_text(label));
}
"""
    assert compile_text("gcc", "c17", program) == ""


def declarations():
    """All that the header declares: each function, each number, each macro, on a line of its own."""
    text = re.sub(r"/\*.*?\*/", " ", HEADER.read_text(encoding="utf-8"), flags=re.S)
    text = text.replace("\\\n", " ")
    macros = re.findall(r"^#define (SCACHE_\w+)\s*(.*)$", text, re.M)
    lines = [f"#define {name} {' '.join(value.split())}".rstrip() for name, value in macros
             if not name.startswith(("SCACHE_VERSION", "SCACHE_MUST_CHECK", "SCACHE_H"))]
    text = re.sub(r"^#.*$", "", text, flags=re.M)
    for tag, body in re.findall(r"enum (\w+) {(.*?)}", text, re.S):
        lines += [f"enum {tag} {' '.join(one.split())}" for one in body.split(",")]
    for call in re.findall(r"^(?:SCACHE_MUST_CHECK )?([\w *]+?\bscache_\w+\([^;]*\));", text, re.M):
        lines.append(re.sub(r"([*(]) ", r"\1", " ".join(call.split())) + ";")
    return lines


def kept():
    """The lines of the interface that was promised, and the comments that stand among them."""
    return [line for line in KEPT.read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("//")]


def test_interface_keeps_what_was_promised():
    """Nothing was taken away or changed, and what is new is promised from now on."""
    now = declarations()
    assert [line for line in kept() if line not in now] == [], "taken away"
    assert [line for line in now if line not in kept()] == [], "to be added to tests/abi"


def functions():
    """The names of all functions of the header."""
    return {re.search(r"\b(scache_\w+)\(", line).group(1) for line in declarations()
            if line.endswith(";")}


def test_map_names_each_function():
    """No pattern: nothing becomes public by its name."""
    text = MAP.read_text(encoding="utf-8")
    listed = re.search(r"global:(.*?)local:", text, re.S).group(1)
    assert "*" not in listed
    assert set(re.findall(r"\b(\w+);", listed)) == functions()


def symbols(*arguments):
    """What nm says of the shared library."""
    done = subprocess.run(["nm", "-D", *arguments, LIBRARY], capture_output=True, text=True,
                          timeout=20, check=True)
    return {line.split()[-1].partition("@")[0] for line in done.stdout.splitlines()}


@pytest.mark.skipif(not LIBRARY.exists(), reason="the library is not built")
def test_library_exports_the_interface_and_nothing_else():
    """Under one version, each function and no other."""
    assert symbols("--defined-only") - {"SCACHE_1"} == functions()


@pytest.mark.skipif(not LIBRARY.exists(), reason="the library is not built")
def test_library_has_no_server_in_it():
    """It calls nothing that only a server, or a bad library, would."""
    assert symbols("--undefined-only") & FOREIGN == set()


@pytest.mark.skipif(not LIBRARY.exists(), reason="the library is not built")
def test_library_has_no_state_of_its_own():
    """Nothing in it can be written to after it was loaded, but what the C library puts there."""
    done = subprocess.run(["readelf", "-W", "--sections", LIBRARY], capture_output=True, text=True,
                          timeout=20, check=True)
    sizes = {found[0]: int(found[1], 16) for found in
             re.findall(r"\] (\.data|\.bss)\s+\w+\s+\w+ \w+ (\w+)", done.stdout)}
    assert sizes.get(".data", 0) <= 16 and sizes.get(".bss", 0) <= 16, sizes


@pytest.mark.skipif(not LIBRARY.exists(), reason="the library is not built")
def test_static_library_stands_alone(tmp_path):
    """A program takes all that it calls out of libscache.a, and no server's code with it."""
    program = tmp_path / "probe"
    subprocess.run(["cc", "-I", HEADER.parent, paths.ROOT / "tests" / "system" / "probe.c", "-o",
                    program, LIBRARY.parent / "libscache.a", "-lsodium"], timeout=60, check=True)
    done = subprocess.run([program, tmp_path / "nobody"], capture_output=True, text=True,
                          timeout=20, check=True)
    assert done.stdout.startswith("1\taway\t")
    named = subprocess.run(["nm", "--undefined-only", program], capture_output=True, text=True,
                           timeout=20, check=True).stdout
    called = {line.split()[-1].partition("@")[0] for line in named.splitlines()}
    assert called & (FOREIGN - {"perror", "printf", "puts"}) == set()


@pytest.mark.skipif(not LIBRARY.exists(), reason="the library is not built")
def test_library_has_its_name():
    """Programs ask for libscache.so.1."""
    done = subprocess.run(["readelf", "-W", "-d", LIBRARY], capture_output=True, text=True,
                          timeout=20, check=True)
    assert "[libscache.so.1]" in done.stdout
