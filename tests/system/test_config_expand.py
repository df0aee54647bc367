"""What a value of main.cf comes to: the same as Postfix's own postconf(1) makes of it.

Both get the same file; ours is read by the program cfeval of the build directory (CFEVAL names
another). Where the two differ on purpose, both answers are written down.
"""

import os
import subprocess

import pytest

from support import paths

CFEVAL = os.environ.get("CFEVAL") or str(paths.build() / "tests/cfeval")
NAME = "smtpd_banner"
FATAL = "fatal"

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
$daemon_timeout $ipc_timeout $max_idle
$connection_cache_ttl_limit $connection_cache_status_update_time
$connection_cache_service_name $data_directory $syslog_facility
$myhostname $mydomain
""".splitlines()

# expression: (Postfix's answer, ours)
DIFFERENT = {
    "${?x}": ("--", FATAL),  # An empty name is an empty name, however it is written.
    "${:x}": ("-x-", FATAL),
    "${ }": ("--", FATAL),
    "$( )": ("--", FATAL),
    "${empty?${?}}": ("--", "--"),
    "${{9} < {9223372036854775808} ? {y} : {n}}": (FATAL, "-y-"),  # No number is too large.
    "${{99999999999999999999} == {100000000000000000000} ? {y} : {n}}": (FATAL, "-n-"),
}

# Files in which the value is to be found; again both must agree.
FILES = {
    "plain": "smtpd_banner = a\n",
    "blanks": "smtpd_banner\t \t=\t a b \t\n",
    "no blanks": "smtpd_banner=a\n",
    "no newline": "smtpd_banner=a",
    "more signs": "smtpd_banner==a=b\n",
    "quotes": 'smtpd_banner = "a b"\n',
    "no comment": "smtpd_banner = a # b ; c\n",
    "continued": "smtpd_banner = a\n b\n\tc  \n",
    "continued, trailing blank": "smtpd_banner = a \n b\n",
    "empty, then continued": "smtpd_banner =\n a\n",
    "sign on the next line": "smtpd_banner\n =a\n",
    "comment in the midst": "smtpd_banner = a\n#c\n   # c\n\n  \n b\n",
    "sign in the continuation": "smtpd_banner = a\n b = c\n",
    "white space first": "  smtpd_banner = a\n b\nsmtpd_banner = c\n",
    "white space later": "#\n\n\tx = a\nsmtpd_banner = c\n",
    "twice": "smtpd_banner = a\nsmtpd_banner = b\n",
    "no sign": "nonsense\nsmtpd_banner = a\n",
    "two words": "a b = c\nsmtpd_banner = a\n",
    "no name": "= c\nsmtpd_banner = a\n",
    "carriage returns": "#x\r\n\r\nsmtpd_banner = a\r\n",
    "order": "smtpd_banner = $x\nx = $y\ny = z\n",
    "byte": b"smtpd_banner = \xff\xc3\xa9\n",
    "NUL": b"smtpd_banner = a\0b\n c\nx = y\n",
}


def answer(arguments):
    """What a program says the value is, or that it is fatal."""
    done = subprocess.run(arguments, capture_output=True, timeout=20, check=False)
    return FATAL if done.returncode else done.stdout.rstrip(b"\n").decode(errors="surrogateescape")


def answers(directory, text):
    """(Postfix's answer, ours) for a file."""
    (directory / "master.cf").write_text("")
    (directory / "main.cf").write_bytes(text if isinstance(text, bytes) else text.encode())
    return (answer(["postconf", "-c", str(directory), "-xh", NAME]),
            answer([CFEVAL, str(directory / "main.cf"), NAME]))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression(tmp_path, expression):
    """Both come to the same, or both refuse."""
    postfix, ours = answers(tmp_path, MAIN_CF + f"{NAME} = -{expression}-\n")
    assert ours == postfix


@pytest.mark.parametrize("expression", DIFFERENT)
def test_different_on_purpose(tmp_path, expression):
    """Both answers are as written down."""
    assert answers(tmp_path, MAIN_CF + f"{NAME} = -{expression}-\n") == DIFFERENT[expression]


@pytest.mark.parametrize("name", FILES)
def test_file(tmp_path, name):
    """The lines of a file mean the same."""
    postfix, ours = answers(tmp_path, FILES[name])
    assert ours == postfix


@pytest.mark.parametrize("depth", [98, 99])
def test_nesting(tmp_path, depth):
    """References may nest as deep as Postfix lets them."""
    chain = "".join(f"a{n} = $a{n + 1}\n" for n in range(depth)) + f"a{depth} = end\n"
    postfix, ours = answers(tmp_path, f"{NAME} = $a\na = $a0\n" + chain)
    assert ours == postfix == ("end" if depth == 98 else FATAL)
