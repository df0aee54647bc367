"""Whole main.cf files as administrators leave them: each name that one sets means to us what it
means to postconf(1), and what scache reads of it is what Postfix's programs would read.

The files are made up after what is found in the field: grown over twenty years, edited on other
systems, written by programs, pasted from the web.
"""

import re
import select
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import launch, paths
from support.waiting import wait_until

CFEVAL = str(paths.build() / "tests/cfeval")

# What scache itself reads, and the two that others refer to most.
OURS = """queue_directory mail_owner syslog_name syslog_facility maillog_file maillog_file_prefixes
postlog_service_name myhostname mydomain daemon_timeout ipc_timeout max_idle
connection_cache_ttl_limit connection_cache_status_update_time connection_cache_service_name
multi_instance_name mail_name data_directory""".split()

FILES = {
    "grown over the years": r"""
# See /usr/share/postfix/main.cf.dist for a commented, more complete version
#
# 2004-11-02 hk: initial
# 2011-05-17 moved from exim
# DO NOT EDIT /etc/postfix/main.cf ON THE OTHER NODE !!!

smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)
biff = no

# appending .domain is the MUA's job.
append_dot_mydomain = no
# Uncomment the next line to generate "delayed mail" warnings
#delay_warning_time = 4h
readme_directory = no
myhostname = mx1.example.org
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
myorigin = /etc/mailname
mydestination = $myhostname, mx1, localhost.$mydomain,
    localhost
relayhost =
mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128
    192.0.2.0/24            # office
    198.51.100.0/25
mailbox_size_limit = 0
recipient_delimiter = +
inet_interfaces = all
""",
    "restrictions in a column": """
smtpd_recipient_restrictions =
        permit_mynetworks,
        permit_sasl_authenticated,
#       reject_unauth_pipelining,
        reject_unauth_destination,

        # temporarily, see ticket 4711
#       reject_rbl_client sbl.example.org,
        check_policy_service unix:private/policy
                                                  ,
        permit
max_idle = 50s
""",
    "carriage returns": "myhostname = a.example.org\r\nmydomain = example.org\r\n\r\n"
                        "# comment\r\nmynetworks = 127.0.0.0/8,\r\n\t10.0.0.0/8\r\n"
                        "max_idle = 5m\r\nsyslog_name = win\r\n",
    "carriage returns in part": "max_idle = 5m\r\nipc_timeout = 2h\nsyslog_name = a\r\r\n  b\r\n c\n",
    "carriage return alone": "syslog_name = a\rmax_idle = 7s\n",
    "blank lines with white space": "max_idle =\n   \n\t\n  7s\n \nipc_timeout = 5\n",
    "white space at the ends": "  \n\t# x\nmax_idle\t=\t7s  \t \nsyslog_name   =  x  y   z \n",
    "form feed and vertical tab": "max_idle =\f7s\v\nsyslog_name = a\f\vb\n\fmax_idle = 8\n",
    "comment at the end of a value": "syslog_name = mail # of the front\nmax_idle = 7s\n",
    "comments that look like values": "#max_idle = 5q\n  #max_idle = 5r\nmax_idle = 7s\n#\n#=\n##\n",
    "comment inside a value that goes on": "syslog_name = a\n  b\n# c = d\n  e\n#\n\n  f = g\n",
    "hash that is no comment": "syslog_name = a#b\n  c #d\n",
    "set three times": "max_idle = 1s\nmax_idle = 2s\nsyslog_name = x$max_idle\nmax_idle = 3s\n",
    "set twice, empty last": "maillog_file = /var/log/a\nmaillog_file =\n",
    "defined below": "myhostname = $host.$mydomain\nmydomain = $zone\nzone = example.net\nhost = mx\n",
    "domain from the name": "myhostname = deep.sub.example.com\nsyslog_name = $mydomain\n",
    "name of one word": "myhostname = mailhost\nsyslog_name = $mydomain\n",
    "domain alone": "mydomain = example.edu\n",
    "name ends with a dot": "myhostname = mx.example.org.\nsyslog_name = $mydomain\n",
    "several instances": r"""
multi_instance_enable = yes
multi_instance_name = postfix-out
multi_instance_group = mta
multi_instance_directories =
queue_directory = /var/spool/$multi_instance_name
data_directory = /var/lib/${multi_instance_name}
syslog_name = ${multi_instance_name?{$multi_instance_name}:{postfix}}
""",
    "without an instance": "syslog_name = ${multi_instance_name:postfix}${multi_instance_name?x}\n",
    "old conditional": "compatibility_level = 3.6\n"
                       "relay_domains = ${{$compatibility_level} <level {2} ? {$mydestination} :}\n"
                       "syslog_name = ${{$compatibility_level} >=level {3} ? {new} : {old}}\n",
    "nested conditionals": r"""
stage = live
region = eu
syslog_name = ${{$stage} == {live} ? {${{$region} == {eu} ? {eu-live} : {${region}-live}}} : {test}}
max_idle = ${stage?{${region?{5}:{6}}}:{7}}${{$stage} != {x} ? {m} : {h}}
""",
    "conditional over lines": """
syslog_name = ${{$stage} == {live}
        ? {a b}
        # as it was
        : {c d}
    }
stage =
  live
""",
    "parentheses": "a = 1\nsyslog_name = $(a)$(a)m-${a}-$(b)\nmax_idle = $(a)m\n",
    "dollar signs": "syslog_name = $$a $${b} $$$$\nrewrite = s/$$/x/\n",
    "text with braces": "smtpd_client_restrictions = check_client_access inline:{ {a = b} {c=d} }\n"
                        "syslog_name = {a} } {\n",
    "maps and quotes": "virtual_alias_maps = pcre:/etc/postfix/a b, \"hash:c\", 'x'\n"
                       "header_checks = regexp:{ {/^a = b$$/ IGNORE} }\n",
    "milters": "smtpd_milters = { inet:localhost:8891, connect_timeout=10s, default_action=accept },\n"
               "    unix:/run/x.sock\nnon_smtpd_milters = $smtpd_milters\n",
    "settings by postconf -e": "compatibility_level=3.6\nmax_idle=7s\nmaillog_file=\nmyhostname=a.b\n",
    "no new line at the end": "max_idle = 5s\nsyslog_name = x",
    "continued at the end of the file": "syslog_name = x\n  y",
    "comment at the end of the file": "syslog_name = x\n# y",
    "blanks at the end of the file": "syslog_name = x\n   ",
    "signs in values": "syslog_name = a = b == c\nrelayhost =[mx.example.org]:587\n",
    "long": "mynetworks = " + ",\n    ".join(f"10.{n // 256}.{n % 256}.0/24" for n in range(3000))
            + "\nmax_idle = 7s\n",
    "long line": "syslog_name = " + "x" * 60000 + "\nmax_idle = 7s\n",
    "many names": "".join(f"name{n} = $name{n + 1}\n" for n in range(90)) + "name90 = end\n"
                  "syslog_name = $name0\n",
    "times in all units": "max_idle = 1h\nipc_timeout = 600\ndaemon_timeout = 1d\n"
                          "connection_cache_ttl_limit = 5m\n"
                          "connection_cache_status_update_time = 1w\n",
    "times by reference": "hour = 1h\nmax_idle = $hour\nipc_timeout = ${daemon_timeout}\n"
                          "smtp_connection_cache_time_limit = $connection_cache_ttl_limit\n",
    "cache as one finds it": r"""
smtp_connection_cache_destinations = example.org, example.com
smtp_connection_cache_on_demand = yes
smtp_connection_cache_time_limit = 30s
smtp_connection_reuse_time_limit = 300s
connection_cache_ttl_limit = $smtp_connection_cache_time_limit
connection_cache_protocol_timeout = 10s
connection_cache_service_name = scache
""",
    "other bytes": b"syslog_name = caf\xc3\xa9\nmyorigin = \xff\xfe\n# \xe2\x82\xac\nmax_idle = 7s\n",
    "byte order mark and a parameter": b"\xef\xbb\xbfmax_idle = 7s\nipc_timeout = 8s\n",
    "underscores and digits": "_a1 = x\n1b = y\nsyslog_name = $_a1-$1b-${_a1}${1b}\n",
    "upper case": "Max_Idle = 7s\nSYSLOG_NAME = X\nsyslog_name = $SYSLOG_NAME $Max_Idle\n",
    "references to what is built in": "syslog_name = $mail_name $queue_directory $mail_owner\n"
                                      "maillog_file = $data_directory/log\n",
    "white space before the first": "   max_idle = 5q\n   x\nmax_idle = 7s\n",
}

# Both refuse to read them.
BAD = {
    "words": "max_idle = 7s\nthis is no setting\n",
    "missing sign in a continuation's place": "max_idle = 7s\n\n# x\nsmtpd_use_tls\n  = yes no\nyes\n",
    "an include": "include /etc/postfix/local.cf\n",
    "a section": "[mail]\nmax_idle = 7s\n",
    "a shell's habit": "export max_idle=7s\n",
    "colon": "max_idle: 7s\n",
    "conflict of a merge": "<<<<<<< HEAD\nmax_idle = 7s\n=======\nmax_idle = 8s\n>>>>>>> x\n",
    "byte order mark and a comment": b"\xef\xbb\xbf# main.cf\nmax_idle = 7s\n",
    "two words": "max idle = 7s\n",
}


# What may follow -o: whether a server runs with it. Blanks count where they stand in a name.
OPTIONS = {
    "max_idle=5": True, "max_idle = 5": True, "  max_idle\t=\t5  ": True, "\nmax_idle=5": True,
    "max_idle=5q": False, " max_idle = 5q ": False, "max_idle==5": False, "max_idle=": False,
    "max_idle": False, "=5": False, "": False, "  ": False, "max idle = 5": False,
    "{max_idle=5q}": True, "{ max_idle = 5 }": False, "other=${": True, "syslog_name=${": False,
    "x=5q\nmax_idle=$x": True, "max_idle=$undefined": False, "mail_owner=": False,
    "mail_owner=root": False, "max_idle=+5": True, "max_idle=24855d": False, "max_idle=24854d": True,
    "ipc_timeout=1d2h": True, "daemon_timeout=5S": False, "connection_cache_ttl_limit=0": False,
}


def write(directory, text):
    """Make a configuration directory of it."""
    directory.mkdir(exist_ok=True)
    (directory / "master.cf").write_text("")
    (directory / "main.cf").write_bytes(text if isinstance(text, bytes) else text.encode())


def names_of(text):
    """What a file sets, as far as that is easily seen, and what we read."""
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    found = re.findall(r"^([A-Za-z0-9_]+)[ \t\f\v]*=", text, re.MULTILINE)
    return sorted({*found[:100], *OURS} - {"config_directory"})


def ask_postfix(directory, names):
    """name: value of all that postconf(1) prints."""
    done = subprocess.run(["postconf", "-c", str(directory), "-x", *names], capture_output=True,
                          timeout=60, check=False)
    if b"fatal: " in done.stderr:
        return None
    lines = done.stdout.decode("latin-1").split("\n")[:-1]
    return dict(re.fullmatch(r"([^ ]+) =(?: (.*))?", line, re.S).groups("") for line in lines)


def ask_ours(directory, name):
    """What our reader makes of it; None if it refuses."""
    done = subprocess.run([CFEVAL, str(directory / "main.cf"), name], capture_output=True,
                          timeout=60, check=False)
    return done.stdout.decode("latin-1").removesuffix("\n") if done.returncode == 0 else None


def folded(value):
    """postconf(1) makes one blank of white space that is between words."""
    return value if value is None else re.sub(r"[ \t\r\n\f\v]+", " ", value).strip()


@pytest.fixture(scope="module", name="asked")
def fixture_asked(tmp_path_factory):
    """name of the file: (its directory, what postconf(1) prints)."""
    top = tmp_path_factory.mktemp("files")
    both = FILES | BAD
    directories = {name: top / str(number) for number, name in enumerate(both)}
    for name, text in both.items():
        write(directories[name], text)
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda name: ask_postfix(directories[name], names_of(both[name])), both)
    return {name: (directories[name], answer) for name, answer in zip(both, answers)}


@pytest.mark.parametrize("name", FILES)
def test_file_means_the_same(asked, name):
    """Each name has the value that postconf(1) prints."""
    directory, postfix = asked[name]
    assert postfix, "postconf refuses it"
    ours = {one: folded(ask_ours(directory, one)) for one in postfix}
    assert ours == {one: folded(value) for one, value in postfix.items()}


@pytest.mark.parametrize("name", BAD)
def test_file_is_refused_by_both(asked, name):
    """What postconf(1) cannot read, we do not either."""
    directory, postfix = asked[name]
    assert postfix is None and ask_ours(directory, "max_idle") is None


@pytest.mark.parametrize("name", FILES)
def test_file_is_good(asked, name):
    """None of them is one that scache would refuse; the user and the queue need not be here."""
    directory, _ = asked[name]
    done = subprocess.run([paths.program(), "--print-config", "-c", str(directory)],
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def runs(case):
    """Whether a server with this option comes to greet somebody, or ends with a fatal record."""
    program, option = case
    with (launch.MasterServer(program, args=["-o", option]) as server,
          socket.socket(socket.AF_UNIX) as client):
        client.connect(str(server.path))
        return wait_until(lambda: "fatal: " in server.logged() and "fatal"
                          or select.select([client], [], [], 0)[0] and "runs", 20) == "runs"


@pytest.fixture(scope="module", name="ran")
def fixture_ran():
    """(program, option): whether it ran; side by side, because Postfix pauses each time."""
    cases = [(program, option) for option in OPTIONS
             for program in (paths.POSTFIX_SCACHE, paths.program())]
    with ThreadPoolExecutor(8) as pool:
        return dict(zip(cases, pool.map(runs, cases)))


@pytest.mark.parametrize("option", OPTIONS)
def test_option_means_the_same(ran, option):
    """Postfix's server runs with it if ours does."""
    assert ran[paths.POSTFIX_SCACHE, option] == OPTIONS[option]
    assert ran[paths.program(), option] == OPTIONS[option]
