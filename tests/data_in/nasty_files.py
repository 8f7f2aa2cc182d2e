"""Files as the world sends them, each with what its import comes to."""

import gzip
from dataclasses import dataclass, field

UNUSABLE = 2
HEAD = "object_id,name\n"


@dataclass(frozen=True)
class File:
    """A file and what its import comes to: the objects there are, and what is said."""

    content: str | bytes
    objects: dict = field(default_factory=dict)
    refused: int = 0
    says: str = ""
    code: int | None = None
    options: tuple[str, ...] = ()


def nested(levels):
    return "[" * levels + "]" * levels


def cell(text):
    return '"' + text.replace('"', '""') + '"'


FULL = 102_400 - len('{"created_at":1700000000,"name":""}')
FILES = {
    "utf-8": File(HEAD + "a,Zoë\n", {"a": "Zoë"}),
    "byte order mark": File(b"\xef\xbb\xbf" + HEAD.encode() + b"a,x\n", {"a": "x"}),
    "byte order mark and quoted header": File('\ufeff"object_id","name"\na,x\n', {"a": "x"}),
    "utf-16 with mark": File((HEAD + "a,Zoë 😀\n").encode("utf-16"), {"a": "Zoë 😀"}),
    "utf-16 big endian": File(b"\xfe\xff" + (HEAD + "a,x\n").encode("utf-16-be"), {"a": "x"}),
    "utf-16 without mark": File(
        (HEAD + "a,x\n").encode("utf-16-le"), says="UTF-16 without a byte order", code=UNUSABLE
    ),
    "utf-16 without mark, named": File(
        (HEAD + "a,x\n").encode("utf-16-le"), {"a": "x"}, options=("--encoding", "utf-16-le")
    ),
    "utf-32 with mark": File((HEAD + "a,x\n").encode("utf-32"), {"a": "x"}),
    "latin-1": File(
        (HEAD + "a,x\nb,Zoë\n").encode("latin-1"),
        says="byte 23 of the file (0xeb) is not UTF-8 text",
        code=UNUSABLE,
    ),
    "latin-1, named": File(
        (HEAD + "a,Zoë\n").encode("latin-1"), {"a": "Zoë"}, options=("--encoding", "windows-1252")
    ),
    "bad byte far behind": File(
        (HEAD + "a,x\n").encode() * 400_000 + b"\xff", says="byte 7,600,000", code=UNUSABLE
    ),
    "cut inside a character": File(
        (HEAD + "a,Zo").encode() + b"\xc3", says="not UTF-8", code=UNUSABLE
    ),
    "surrogate bytes": File(HEAD.encode() + b"a,\xed\xa0\x80\n", says="not UTF-8", code=UNUSABLE),
    "unknown encoding": File(
        HEAD, says="no encoding that we know", code=UNUSABLE, options=("--encoding", "klingon")
    ),
    "encoding of host names": File(
        HEAD, says="no encoding that we know", code=UNUSABLE, options=("--encoding", "idna")
    ),
    "UTF-16 by name without a mark": File(
        (HEAD + "a,x\n").encode("utf-16-le"),
        says="does not begin as UTF-16 text does; choose the encoding",
        code=UNUSABLE,
        options=("--encoding", "utf-16"),
    ),
    "no text encoding": File(
        HEAD, says="no encoding that we know", code=UNUSABLE, options=("--encoding", "hex")
    ),
    "NUL in a value": File(HEAD + "a,x\0y\nb,ok\n", {"b": "ok"}, 1, "name contains a NUL"),
    "NUL in an id": File(HEAD + "a\0,x\nb,ok\n", {"b": "ok"}, 1, "object_id contains a NUL"),
    "NUL in the header": File("object_id,na\0me\na,x\n", says="NUL", code=UNUSABLE),
    "too few cells": File(HEAD + "a\nb,ok\n", {"b": "ok"}, 1, "has 1 cells; the header has 2"),
    "too many cells": File(
        HEAD + "a,x,y\nb,ok\n", {"b": "ok"}, 1, "has 3 cells; the header has 2"
    ),
    "only delimiters": File(HEAD + ",\nb,ok\n", {"b": "ok"}, 1, "object_id must not be empty"),
    "CRLF": File("object_id,name\r\na,x\r\nb,y\r\n", {"a": "x", "b": "y"}),
    "CR alone": File("object_id,name\ra,x\rb,y\r", {"a": "x", "b": "y"}),
    "line ends mixed": File(
        'object_id,name\r\na,x\nb,"y\r\nz"\rc,w', {"a": "x", "b": "y\r\nz", "c": "w"}
    ),
    "no last line end": File(HEAD + "a,x", {"a": "x"}),
    "odd line separators": File(
        HEAD + "a,x\u2028y\x0b\x0c\x85z\n", {"a": "x\u2028y\x0b\x0c\x85z"}
    ),
    "blank lines": File("\n\n" + HEAD + "\na,x\r\n\r\n\nb,y\n\n", {"a": "x", "b": "y"}),
    "empty": File("", says="the file is empty", code=UNUSABLE),
    "only a mark": File("\ufeff", says="cannot be read", code=UNUSABLE),
    "only blank lines": File("\n\n", says="cannot be read", code=UNUSABLE),
    "header only": File(HEAD, {}),
    "duplicate header": File("object_id,a,a\nx,1,2\n", says='repeats the name "a"', code=UNUSABLE),
    "empty header": File("object_id,,a\nx,1,2\n", says="column 2 has no name", code=UNUSABLE),
    "no identifier": File("name\nx\n", says="need a column object_id", code=UNUSABLE),
    "reserved header": File("object_id,relationship\n", says="reserved name", code=UNUSABLE),
    "5,001 columns": File(
        "object_id," + ",".join(f"a{n}" for n in range(5_000)) + "\n",
        says="5,001 columns; the limit is 5,000",
        code=UNUSABLE,
    ),
    "150 characters": File(HEAD + "é" * 150 + ",x\n", {"é" * 150: "x"}),
    "151 characters": File(
        HEAD + "é" * 151 + ",x\nb,y\n", {"b": "y"}, 1, "151 characters long; the limit is 150"
    ),
    "102,400 bytes": File(
        "object_id,name,created_at\na," + "n" * FULL + ",1700000000\n", {"a": "n" * FULL}
    ),
    "102,401 bytes": File(
        "object_id,name,created_at\na," + "n" * (FULL + 1) + ",1700000000\nb,y,1\n",
        {"b": "y"},
        1,
        "102,400",
    ),
    "1e400": File(HEAD + "a,1e400\nb,y\n", {"b": "y"}, 1, "not finite"),
    "1e400 inside": File(HEAD + 'a,"[1e400]"\nb,y\n', {"b": "y"}, 1, "not finite"),
    "64 levels": File(HEAD + f"a,{nested(3)}\n", {"a": [[[]]]}),
    "1,000 levels": File(HEAD + f"a,{nested(1_000)}\nb,y\n", {"b": "y"}, 1, "64 levels"),
    "100,000 levels": File(HEAD + f"a,{nested(100_000)}\nb,y\n", {"b": "y"}, 1, "64 levels"),
    "lone surrogate escape": File(
        HEAD + "a," + cell('"\\ud800"') + "\nb,y\n", {"b": "y"}, 1, "surrogate"
    ),
    "NUL escape": File(HEAD + "a," + cell('["\\u0000"]') + "\nb,y\n", {"b": "y"}, 1, "NUL"),
    "integer within 64 bits": File(HEAD + "a,9223372036854775807\n", {"a": 2**63 - 1}),
    "integer beyond 64 bits": File(HEAD + "a,9223372036854775808\n", {"a": "9223372036854775808"}),
    "integer beyond 64 bits inside": File(
        HEAD + "a,[9223372036854775808]\nb,y\n", {"b": "y"}, 1, "64 bits"
    ),
    "leading zeros": File(HEAD + "a,007\n", {"a": "007"}),
    "JSON that is none": File(HEAD + 'a,"{not json"\nb,[x]\n', {"a": "{not json", "b": "[x]"}),
    "quoted number": File(HEAD + "a," + cell('"42"') + "\n", {"a": "42"}),
    "spaces survive": File(HEAD + 'a," x "\n b,y\n', {"a": " x ", " b": "y"}),
    "semicolons": File("object_id;name\na;x,y\n", {"a": "x,y"}),
    "tabs": File("object_id\tname\na\tx,y\n", {"a": "x,y"}),
    "pipes": File("object_id|name\na|x\n", {"a": "x"}),
    "delimiter named": File("object_id^name\na^x\n", {"a": "x"}, options=("--delimiter", "^")),
    "delimiter of two": File(
        HEAD, says="has to be one character", code=UNUSABLE, options=("--delimiter", "::")
    ),
    "one column": File("object_id\na\nb;c\n", {"a": None, "b;c": None}),
    "cell of 2 MB": File(
        HEAD + "a," + "x" * 2_000_000 + '\nb,y\n"c","' + "z\n" * 1_000_000 + '"\nd,w\n',
        {"b": "y", "d": "w"},
        2,
        "1,048,576",
    ),
    "line of 20 MB": File(
        HEAD + 'a,x\nb,"' + "x" * 20_000_000 + '"\nc,y\n', {"a": "x", "c": "y"}, 1, "8,388,608"
    ),
    "20 MB of small cells": File(
        HEAD + "a,x\n" + "b,x," * 5_000_000 + "\nc,y\n", {"a": "x", "c": "y"}, 1, "8,388,608"
    ),
    "quote never closed": File(
        HEAD + 'a,x\nb,"y\nc,z\n', says="line 3: a quote is opened", code=UNUSABLE
    ),
    "quote never closed at the end": File(
        HEAD + 'a,x\nb,"y', says="line 3: a quote is opened", code=UNUSABLE
    ),
    "text after a quote": File(
        HEAD + 'a,"x"y\nb,ok\n', {"b": "ok"}, 1, "text after a closing quote"
    ),
    "text after a quote over lines": File(
        HEAD + 'a,"x "y" z\nw"\nb,ok\n', {"b": "ok"}, 1, "ends on line 3"
    ),
    "quote inside a cell": File(
        HEAD + 'a,5" pipe\nb,"say ""x"""\n', {"a": '5" pipe', "b": 'say "x"'}
    ),
    "same id twice": File(HEAD + "a,x\na,y\n", {"a": "y"}),
    "Excel workbook": File(b"PK\x03\x04rest", says="an Excel workbook", code=UNUSABLE),
    "compressed": File(gzip.compress(b"object_id\n"), says="unpack it first", code=UNUSABLE),
    "bad created_at": File(
        "object_id,created_at\na,yesterday\nb,5\n", {"b": None}, 1, "whole Unix seconds"
    ),
}
