#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes the hand-made inputs of the fuzz targets that play scripts.

    tests/fuzz/seeds.py            into tests/fuzz/corpus, and their dictionaries

Each shows a fuzzer one way of getting somewhere. The numbers of the actions
are those of fuzz_server.c and fuzz_library.c.
"""

from pathlib import Path

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "corpus"

SERVER = ("connect say say_with save_endp find_endp save_dest find_dest put take dummy carry hear "
          "half_close close advance turn spoil forget hang configure drain report table say_long "
          "carry_self serve").split()
LIBRARY = "ask say say_known hear hang_up advance cancel result dial table deadline nothing".split()
LAST = 7
HEAR_ALL = ("hear", 0, 7, 0)


def script(header, steps):
    """A script for the server: each step is a name, a slot, a number, a choice and perhaps bytes."""
    out = bytearray(header)
    for name, slot, which, choice, *more in steps:
        out += bytes([SERVER.index(name), slot | which << 3 | choice << 6])
        for text in more:
            out += bytes([len(text)]) + text
    return bytes(out)


def save(slot, which):
    """Saves a connection by Postfix's requests, and hears that it was."""
    return [("save_endp", slot, which, 2), ("carry", slot, which, 0), ("hear", slot, LAST, 0)]


def find(slot, which):
    """Finds one by its endpoint, and takes it."""
    return [("find_endp", slot, which, 0), ("hear", slot, LAST, 0), ("dummy", slot, 0, 0),
            ("hear", slot, LAST, 0), ("dummy", slot, 0, 0)]


def find_by_destination(slot, which, choice):
    """The same by a destination."""
    return [("save_dest", slot, which, choice), ("find_dest", slot, which, 0), *find(slot, which)[1:]]


def server_seeds():
    """Name -> script."""
    plain = (0, 0xC0, 0, 0)
    connect = [("connect", 0, 0, 0), ("connect", 1, 0, 0), HEAR_ALL]
    cycle = connect + save(0, 0) + find_by_destination(1, 0, 1) + find(1, 0)
    modern = connect + [("put", 0, 4, 2), ("take", 1, 4, 2), ("hear", 1, LAST, 0)]
    return {
        "cycle": script(plain, cycle),
        "put-and-take": script(plain, modern),
        "verbose": script((0x18, 0xC0, 0, 0), cycle + modern[3:]),
        "other-space": script(plain, connect + save(0, 0) + [("connect", 2, 0, 1)] + find(2, 0)),
        "refused": script(plain, [("connect", 0, 0, 3), HEAR_ALL]),
        "expired": script(plain, connect + save(0, 0) + [("advance", 0, 7, 0)] + find(1, 0)),
        "spoiled": script(plain, connect + save(0, 0) + [("spoil", 0, 0, 0)] + find(1, 0)),
        "spoke": script(plain, connect + save(0, 0) + [("spoil", 0, 0, 1)] + find(1, 0)),
        "leaves-before-descriptor": script(plain, connect + save(0, 0)
                                           + find(1, 0)[:2] + [("close", 1, 0, 0)] + find(0, 0)),
        "half-close": script(plain, connect + save(0, 0) + [("half_close", 0, 0, 0)]),
        "many-descriptors": script(plain, connect + [("save_endp", 0, 0, 2), ("carry", 0, 0, 3)]),
        "not-due": script(plain, connect + [("say_with", 0, 0, 0, b"dummy\0\0\0")]),
        "in-pieces": script(plain, connect + [("say", 0, 0, 0, bytes([b]))
                                              for b in b"request\0find_endp\0label\0a\0\0"]),
        "too-long": script((0, 0xC0, 0, 0), connect + [("say", 0, 0, 0, b"request\0put\0ttl\0"),
                                                       ("say_long", 0, 7, 0),
                                                       ("say", 0, 0, 0, b"\0\0")]),
        "drain": script(plain, cycle + [("save_endp", 0, 0, 2), ("drain", 0, 7, 0)]),
        "closer-hangs": script((0, 0xC3, 0, 0), connect + [("hang", 0, 0, 1)]
                               + [("put", 0, n % 4, 2) for n in range(12)]),
        "crowded": script((0, 0xC4, 0, 0), connect + [("advance", 0, 4, 0)] + find(1, 0)),
        "table-is-full": script(plain, connect + [("table", 0, 2, 1)] + save(0, 0)),
        "limits": script((0, 0xC0, 0x55, 0x0A), connect + save(0, 0) + save(0, 1) + save(0, 0)
                         + find_by_destination(1, 0, 1)),
        "reconfigured": script(plain, connect + save(0, 0) + [("configure", 0, 0, 0)])
                        + bytes((2, 0x40, 0x55, 0)) + script((), find(1, 0)),
        "own-end": script(plain, connect + [("save_endp", 0, 0, 2), ("carry_self", 0, 0, 0)]
                          + find(1, 0)),
        "listener": script(plain, connect + [("save_endp", 0, 0, 2), ("carry_self", 0, 0, 1)]
                           + find(1, 0)),
        "standard-io": script(plain, [("serve", 0, 0, 0), ("connect", 1, 0, 0)] + save(0, 0)
                              + find(1, 0) + save(1, 0) + find(0, 0)),
        "does-not-read": script((0x20, 0xC0, 0, 0), connect[:2]
                                + [("say", 0, 0, 0, b"request\0x\0\0" * 23)] * 24 + [HEAR_ALL]),
        "report": script(plain, cycle + [("report", 0, 0, 0)]),
    }


def play(options, steps):
    """A script for the library: each step is a name, a byte and perhaps bytes to say."""
    out = bytearray([options])
    for name, byte, *more in steps:
        out += bytes([LIBRARY.index(name), byte])
        for text in more:
            out += bytes([0]) + text
    return bytes(out)


GREETING, MODERN, CLASSIC, DONE, FAILED, DUMMY, GIVE, GIVE_TWO, FOUND, BOUND, TAKEN = range(11)
SAVE_ENDP, SAVE_DEST, PUT, PUT_BOUND, FIND_ENDP, FIND_DEST, TAKE, TAKE_BOUND = range(8)


def library_seeds():
    """Name -> script."""
    def say(*known):
        return [("say_known", which) for which in known]

    take = 0x40 | TAKE  # of one endpoint
    return {
        "find": play(0, [("ask", FIND_ENDP), *say(GREETING, FOUND, GIVE)]),
        "find-by-destination": play(0, [("ask", FIND_DEST), *say(GREETING, BOUND, GIVE)]),
        "save": play(0, [("ask", SAVE_ENDP), *say(GREETING, DUMMY), ("hear", 0), *say(DONE)]),
        "save-destination": play(0, [("ask", SAVE_DEST), *say(GREETING, DONE)]),
        "put": play(0, [("ask", PUT), *say(GREETING, MODERN), ("hear", 0), *say(DONE)]),
        "put-classic": play(0, [("ask", 0x40 | PUT_BOUND), *say(GREETING, CLASSIC, DUMMY, DONE, DONE)]),
        "take": play(0, [("ask", take), *say(GREETING, MODERN, TAKEN)]),
        "take-twice": play(0, [("ask", take), *say(GREETING, MODERN, TAKEN), ("ask", take),
                               *say(TAKEN)]),
        "take-classic": play(0, [("ask", 0x80 | TAKE_BOUND), *say(GREETING, CLASSIC, 14, 13, FOUND, GIVE)]),
        "no-greeting": play(1, [("ask", FIND_ENDP), *say(FOUND, GIVE)]),
        "classic": play(3, [("ask", take), *say(FOUND, GIVE)]),
        "other-label": play(0, [("ask", take), *say(GREETING, MODERN, 12)]),
        "two-descriptors": play(0, [("ask", FIND_ENDP), *say(GREETING, FOUND, GIVE_TWO)]),
        "many-descriptors": play(0, [("ask", take), *say(GREETING, MODERN, 15)]),
        "hangs-up": play(0, [("ask", take), *say(GREETING), ("hang_up", 0), ("ask", take),
                             ("advance", 7), ("ask", take)]),
        "deadline": play(0, [("ask", take), ("advance", 6), ("ask", take)]),
        "cancelled": play(0, [("ask", take), *say(GREETING, MODERN), ("cancel", 0)]),
        "refused": play(0, [("dial", 1), ("ask", take), ("dial", 2), ("advance", 7), ("ask", take)]),
        "table-is-full": play(0, [("table", 1), ("ask", FIND_ENDP), *say(GREETING, FOUND)]),
        "words": play(0, [("ask", FIND_ENDP), ("say", 12, b"protocol\0con")]),
        "ends-in-the-midst": play(4, [("ask", take), *say(GREETING, MODERN)]),
    }


def write(target, seeds):
    """Writes them where they belong."""
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in seeds.items():
        (folder / name).write_bytes(data)


def write_dictionary(target, snippets):
    """The words of the protocol, and actions that belong together."""
    lines = ["# Written by seeds.py: actions that belong together, then the protocol's words."]
    for name, data in snippets.items():
        escaped = "".join(f"\\x{byte:02x}" for byte in data)
        lines.append(f'{name}="{escaped}"')
    words = (HERE / "attributes.dict").read_text().splitlines()
    (HERE / f"{target}.dict").write_text("\n".join(lines + words[1:]) + "\n")


def main():
    """Writes all there is to write."""
    write("server", server_seeds())
    write("library", library_seeds())
    write_dictionary("server", {
        "save": script((), save(0, 0)),
        "find": script((), find(1, 0)),
        "by_destination": script((), find_by_destination(1, 0, 1)),
        "connect": script((), [("connect", 2, 0, 1), ("hear", 2, LAST, 0)]),
        "put_then_take": script((), [("put", 0, 4, 2), ("take", 1, 4, 2), ("hear", 1, LAST, 0)]),
    })
    write_dictionary("library", {
        "found": play(0, [("say_known", FOUND), ("say_known", GIVE)])[1:],
        "bound": play(0, [("say_known", BOUND), ("say_known", GIVE)])[1:],
        "modern": play(0, [("say_known", GREETING), ("say_known", MODERN)])[1:],
        "classic_probe": play(0, [("say_known", GREETING), ("say_known", CLASSIC)])[1:],
        "ask_again": play(0, [("advance", 7), ("ask", 0x40 | TAKE)])[1:],
    })


if __name__ == "__main__":
    main()
