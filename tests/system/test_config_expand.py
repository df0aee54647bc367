"""What a value of main.cf comes to: the same as Postfix's own programs make of it.

Both get the same file; ours is read by the program cfeval of the build directory (CFEVAL names
another). Where the two differ on purpose, both answers are written down.
"""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import paths

CFEVAL = os.environ.get("CFEVAL") or str(paths.build() / "tests/cfeval")
NAME = "default_database_type"
FATAL = "fatal"
# A command that complains about the value shows it as it is; postconf(1) would fold its blanks.
SHOWN = re.compile(rb"^postmap: fatal: unsupported dictionary type: (.*)$", re.MULTILINE)

MAIN_CF = """\
empty =
one = 1
two = 2
ten = 10
abc = abc
ref = $one
ref2 = <$ref>
hollow = $empty
dollars = $$one
self = x$self
ping = ${pong}
pong = a$ping
broken = ${
conditional = ${one?{$two}:{x}}
"""

# Whatever the two say, they must say the same; "fatal" is an answer too.
EXPRESSIONS = """\
plain
$one
${one}
$(one)
$$
$$one
$$$one
$${one}
$$(
$one$two
$one-two
$one.two
$one:$two
$one?x
$ones
$0
$_x
$undefined
${undefined}
${ one }
$( one)
${one}}
{${one}}
$ref2
$dollars
$conditional
$hollow
${one?x}
${one:x}
${empty?x}
${empty:x}
${undefined?x}
${undefined:x}
${Empty:x}
${one ?x}
${one? x }
${empty: x }
${one?}
${empty:}
${one?:}
${one?:x}
${one?x:y}
${one?{x}}
${one:{x}}
${empty:{x}}
${one?{ x }}
${one? {x} }
${one?{x} }
${one?{x}:{y}}
${empty?{x}:{y}}
${empty?{ x } : { y } }
${empty?{x}:y}
${empty?{x}: y }
${empty?{x}:$one}
${empty?{x}:}
${one?{x}:}
${one?{}:{y}}
${empty?{}:{y}}
${empty: {x} }
$(one?x)
$(empty:x)
$(one?{x}:{y})
$(one?(x))
$(one?a(b)c)
$(one?a{b)c)
${one?a(b}
${one?(a}b)}
${one?a}b}
${one?a{b}c}
${one?\\}x}
${one?$$}
${one?a$$b}
${one?$${}}
${one?x$$}y}
${hollow?x}
${self?x}
${broken?x}
${one?${two?{a}:{b}}}
${one?{${two}$(ten)}:{$abc}}
${empty?{a}:{${empty?{b}:{${one?c}}}}}
${empty?$self}
${empty?$broken}
${one:$broken}
${empty?$}
${empty?{$}}
${empty?${?}}
${{a}=={a}?{y}:{n}}
${{a} == {b} ? {y} : {n}}
${{a} != {b} ? {y} : {n}}
${{a} != {a} ? {y} : {n}}
${{a} < {b} ? {y} : {n}}
${{b} < {a} ? {y} : {n}}
${{a} <= {a} ? {y} : {n}}
${{b} <= {a} ? {y} : {n}}
${{b} > {a} ? {y} : {n}}
${{a} > {a} ? {y} : {n}}
${{a} >= {a} ? {y} : {n}}
${{a} >= {b} ? {y} : {n}}
${{2} < {10} ? {y} : {n}}
${{2}<{10}?{y}:{n}}
${{02} == {2} ? {y} : {n}}
${{2x} < {10} ? {y} : {n}}
${{ 2 } < { 10 } ? {y} : {n}}
${{ 02 } == { 2 } ? {y} : {n}}
${{-2} < {-10} ? {y} : {n}}
${{-2} < {-1} ? {y} : {n}}
${{+2} == {2} ? {y} : {n}}
${{0x2} == {2} ? {y} : {n}}
${{} == {} ? {y} : {n}}
${{} == {0} ? {y} : {n}}
${{} < {1} ? {y} : {n}}
${{a} < {ab} ? {y} : {n}}
${{abc} < {abd} ? {y} : {n}}
${{ a } == {a} ? {y} : {n}}
${{9223372036854775807} > {9} ? {y} : {n}}
${{$two} < {$ten} ? {y$one} : {n}}
${{ $one } == { 1 } ? {y} : {n}}
${ {a} == {a} ? {y} : {n}}
${ {a}   ==   {a}   ?   {y}   :   {n}   }
$({a}=={a}?{y}:{n})
${{a}=={a}?y}
${{a}=={b}?y}
${{a}=={b}:x}
${{a}=={a}:{y}}
${{a}=={b}? x }
${{a}=={a}?x:y}
${{a}=={a}?}
${{a} == {a}}
${{a} == {b}}
${{a}=={a} }
${{a}!={b}}
${{${{a}=={a}}} == {true} ? {y} : {n}}
${{2} <level {10} ? {y} : {n}}
${{3.6} <level {3.10} ? {y} : {n}}
${{3.6} <=level {3.6.0} ? {y} : {n}}
${{3.6} ==level {3.6} ? {y} : {n}}
${{3.6} !=level {3.6} ? {y} : {n}}
${{3.6} >=level {4} ? {y} : {n}}
${{3.6} >level {3.5.9} ? {y} : {n}}
${{3.6.1} ==level {3.6} ? {y} : {n}}
${{3.6.5} <level {3.7.1} ? {y} : {n}}
${{3} <level {3.6.5} ? {y} : {n}}
${{ 1}==level{1} ? y}
${{01}==level{1} ? y}
$
a$
a$ b
$-one
$)
$}
$()
${}
${
$(
${one
$(one
$(one}
${one)
${one?{a}
${one?${}
${one?a{b}
$(one?(a)
$(one?{a)})
${one?{$(}}
${empty?{${}}
$broken
${one?$broken}
$self
$ping
${{$self}=={a}}
${one-two}
${one two}
${one.two}
${$one}
${${one}}
$((one))
${one{a}}
${one?{a}b}
${one?{a}?{b}}
${empty?{x}:{y}z}
${one?{x}:{y}z}
${empty: {a} x}
${empty:{x}:{y}}
${one:{x}?{y}}
${{a}}
${{a} = {b} ? {y} : {n}}
${{a} <> {b} ? {y} : {n}}
${{1}==={1}?{y}}
${{a}==a?{y}:{n}}
${{a}=={a}x}
${{1}==LEVEL{1}?{y}}
${{1}== level{1}?{y}}
${{x} >level {3.5.9} ? {y} : {n}}
${{3-6} ==level {3} ? {y} : {n}}
${{3.6.1.2} >level {3.5.9} ? {y} : {n}}
${{} ==level {} ? {y} : {n}}
${{1.}==level{1} ? y}
${{1..2}==level{1} ? y}
$mail_name
$multi_instance_name
$syslog_name
$queue_directory $mail_owner $maillog_file_prefixes $postlog_service_name
$data_directory $syslog_facility
$myhostname $mydomain
""".splitlines()

# expression: (Postfix's answer, ours)
DIFFERENT = {
    # An empty name is an empty name, however it is written.
    "${?x}": (b"--", FATAL),
    "${:x}": (b"-x-", FATAL),
    "${ }": (b"--", FATAL),
    "$( )": (b"--", FATAL),
    # No number is too large.
    "${{9} < {9223372036854775808} ? {y} : {n}}": (FATAL, b"-y-"),
    "${{99999999999999999999} == {100000000000000000000} ? {y} : {n}}": (FATAL, b"-n-"),
}

# Files in which the value is to be found; again both must agree.
FILES = {
    "plain": "default_database_type = a\n",
    "blanks": "default_database_type\t \t=\t a b \t\n",
    "no blanks": "default_database_type=a\n",
    "no newline": "default_database_type=a",
    "more signs": "default_database_type==a=b\n",
    "quotes": 'default_database_type = "a b"\n',
    "no comment": "default_database_type = a # b ; c\n",
    "continued": "default_database_type = a\n b\n\tc  \n",
    "continued, trailing blank": "default_database_type = a \n b\n",
    "empty, then continued": "default_database_type =\n a\n",
    "sign on the next line": "default_database_type\n =a\n",
    "comment in the midst": "default_database_type = a\n#c\n   # c\n\n  \n b\n",
    "sign in the continuation": "default_database_type = a\n b = c\n",
    "white space first": "  default_database_type = a\n b\ndefault_database_type = c\n",
    "white space later": "#\n\n\tx = a\ndefault_database_type = c\n",
    "twice": "default_database_type = a\ndefault_database_type = b\n",
    "no sign": "nonsense\ndefault_database_type = a\n",
    "two words": "a b = c\ndefault_database_type = a\n",
    "no name": "= c\ndefault_database_type = a\n",
    "carriage returns": "#x\r\n\r\ndefault_database_type = a\r\n",
    "order": "default_database_type = $x\nx = $y\ny = z\n",
    "byte": b"default_database_type = \xff\xc3\xa9\n",
    "NUL": b"default_database_type = a\0b\n c\nx = y\n",
}


# Names whose defaults are Postfix's, expanded; some of them only its servers know.
DEFAULTS = """config_directory queue_directory mail_owner syslog_name syslog_facility maillog_file
maillog_file_prefixes postlog_service_name myhostname mydomain daemon_timeout ipc_timeout max_idle
mail_name multi_instance_name data_directory connection_cache_service_name
connection_cache_ttl_limit connection_cache_status_update_time""".split()

# How many references nest, and what that comes to.
DEPTHS = {100: b"end", 101: FATAL}


def with_expression(expression):
    """A file whose value is this expression."""
    return MAIN_CF + f"{NAME} = -{expression}-\n"


def with_depth(depth):
    """A file whose value is at the end of so many references."""
    chain = "".join(f"a{n} = $a{n - 1}\n" for n in range(2, depth + 1))
    return f"{NAME} = $a{depth}\na1 = end\n" + chain


CASES = [with_expression(expression) for expression in [*EXPRESSIONS, *DIFFERENT]]
CASES += [*FILES.values(), *map(with_depth, DEPTHS)]


def write(directory, text):
    """Make a configuration directory of it."""
    directory.mkdir(exist_ok=True)
    (directory / "master.cf").write_text("")
    (directory / "main.cf").write_bytes(text if isinstance(text, bytes) else text.encode())


def ask_postfix(directory):
    """What Postfix's reader makes of the name in a directory's main.cf."""
    done = subprocess.run(["postmap", "-c", str(directory), "-q", "key", "table"],
                          capture_output=True, timeout=60, check=False)
    shown = SHOWN.search(done.stderr)
    assert shown or b"fatal: " in done.stderr, done
    return shown[1] if shown else FATAL


def ask_ours(directory, name=NAME):
    """What our reader makes of it, with "?" for what Postfix would not print either."""
    done = subprocess.run([CFEVAL, str(directory / "main.cf"), name],
                          capture_output=True, timeout=60, check=False)
    assert done.returncode in (0, 1), done
    if done.returncode:
        return FATAL
    return re.sub(rb"[^ -~]", b"?", done.stdout.removesuffix(b"\n"))


@pytest.fixture(scope="module", name="answers")
def fixture_answers(tmp_path_factory):
    """(Postfix's answer, ours) for each case; side by side, because Postfix pauses each time."""
    top = tmp_path_factory.mktemp("config")
    directories = [top / str(number) for number in range(len(CASES))]
    for directory, text in zip(directories, CASES):
        write(directory, text)
    with ThreadPoolExecutor(16) as pool:
        postfix = list(pool.map(ask_postfix, directories))
    return dict(zip(CASES, zip(postfix, map(ask_ours, directories))))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression(answers, expression):
    """Both come to the same, or both refuse."""
    postfix, ours = answers[with_expression(expression)]
    assert ours == postfix


@pytest.mark.parametrize("expression", DIFFERENT)
def test_different_on_purpose(answers, expression):
    """Both answers are as written down."""
    assert answers[with_expression(expression)] == DIFFERENT[expression]


@pytest.mark.parametrize("name", FILES)
def test_file(answers, name):
    """The lines of a file mean the same."""
    postfix, ours = answers[FILES[name]]
    assert ours == postfix


@pytest.mark.parametrize("depth", DEPTHS)
def test_nesting(answers, depth):
    """References may nest as deep as Postfix lets them."""
    postfix, ours = answers[with_depth(depth)]
    assert ours == postfix == DEPTHS[depth]


def test_defaults(tmp_path):
    """What nobody sets is the same as with Postfix."""
    write(tmp_path, "")
    done = subprocess.run(["postconf", "-c", str(tmp_path), "-x", *DEFAULTS],
                          capture_output=True, text=True, timeout=60, check=True)
    postfix = dict(map(str.strip, line.split("=", 1)) for line in done.stdout.splitlines())
    ours = {name: ask_ours(tmp_path, name).decode() for name in DEFAULTS}
    postfix["config_directory"] = "/etc/postfix"  # There ours is told the file, not the directory.
    assert ours == postfix
