"""What is sent through every door: the same input, the same rows, the same refusal."""

from dataclasses import dataclass, field
from typing import Any

OBJECT, PERSON, RELATIONSHIP = "objects", "people", "relationships"
LIMIT = 102_400
# {"name":"x","created_at":1700000000} with a value that fills the rest.
_FRAME = len('{"big":"","created_at":1700000000}')
CREATED = {"created_at": 1_700_000_000}


@dataclass(frozen=True)
class Input:
    """One row to add (or to change, when `stored` says what is there).

    `refused` is the field and a part of the message; None means that it is taken. `cannot` says
    which door cannot express the input, and why.
    """

    name: str
    kind: str
    keys: dict[str, Any]
    attributes: dict[str, Any] = field(default_factory=dict)
    stored: dict[str, Any] | None = None
    refused: tuple[str, str] | None = None
    cannot: dict[str, str] = field(default_factory=dict)


def _object(name: str, object_id: Any, attributes: Any = None, **options: Any) -> Input:
    keys = {"object_type_id": 1, "object_id": object_id}
    return Input(name, OBJECT, keys, attributes or {}, **options)


def _person(name: str, attributes: Any = None, **options: Any) -> Input:
    keys = options.pop("keys", {"id": "p1"})
    return Input(name, PERSON, keys, attributes or {}, **options)


def _relationship(name: str, attributes: Any = None, **options: Any) -> Input:
    keys = {"id": "known", "object_type_id": 1, "object_id": "known"}
    return Input(name, RELATIONSHIP, keys, attributes or {}, **options)


_HEADER = "an attribute's name is a column of the header, which is refused before any row is read"
_FORM_NUL = "Django's form field refuses a NUL character with its own words"
_CELL_NUL = "a cell with NUL is refused while the file is read, with the words of the file"
_FORM_TYPES = "the form offers the types that there are and cannot name another"
_CELL_MISSING = (
    "a file without an object_id column, or with a blank one, is refused in its own words"
)
_MERGED = "the form shows all attributes and sends what changed, which is nothing here"

INPUTS: tuple[Input, ...] = (
    _object("a plain object", "acme", {"name": "Acme", **CREATED}),
    _object("an object without attributes", "bare"),
    _object(
        "every type of value",
        "types",
        {"text": "a", "whole": 7, "part": 1.5, "yes": True, "no": False, **CREATED},
    ),
    _object(
        "JSON values",
        "json",
        {"list": [1, "two", None, {"three": 3}], "map": {"a": {"b": []}}, **CREATED},
    ),
    _object("an empty list and an empty map stay", "empty", {"list": [], "map": {}}),
    _object("null is not stored", "null", {"name": "Null", "gone": None}),
    _object("an empty text is not stored", "blank", {"name": "Blank", "gone": ""}),
    _object(
        "texts that look like other values",
        "lookalikes",
        {"zip": "007", "yes": "true", "number": "42", "list": "[1]"},
    ),
    _object("white space and line ends in a text", "space", {"text": "  a\n b\t "}),
    _object("accents, Arabic, CJK and emoji", "zoë-مرحبا-日本-🚀", {"name": "Zoë 🚀 日本 مرحبا"}),
    _object("composed and decomposed letters are two ids", "e\u0301", {"name": "\u00e9 e\u0301"}),
    _object("slashes, question marks and dots in an id", "a/b?c=../d%20.", {"name": "odd"}),
    _object("an id with spaces at its ends is kept", " padded ", {"name": "padded"}),
    _object("an id of 149 characters", "i" * 149),
    _object("an id of 150 characters", "i" * 150),
    _object(
        "an id of 151 characters",
        "i" * 151,
        refused=("object_id", "151 characters long; the limit is 150"),
    ),
    _object("an id of 150 emoji", "🚀" * 150),
    _object("an id of 151 emoji", "🚀" * 151, refused=("object_id", "151 characters")),
    _object("an id of white space", "   ", refused=("object_id", "white space")),
    _object(
        "an id with NUL",
        "a\x00b",
        refused=("object_id", "NUL"),
        cannot={"admin": _FORM_NUL, "csv": _CELL_NUL},
    ),
    _object(
        "an empty id",
        "",
        refused=("object_id", "must not be empty"),
        cannot={"csv": _CELL_MISSING},
    ),
    Input(
        "an unknown type",
        OBJECT,
        {"object_type_id": 77, "object_id": "lost"},
        refused=("object_type_id", "object_type_id 77 is not an object type"),
        cannot={"admin": _FORM_TYPES},
    ),
    _object("102,399 bytes", "under", {"big": "b" * (LIMIT - 1 - _FRAME), **CREATED}),
    _object("102,400 bytes", "exact", {"big": "b" * (LIMIT - _FRAME), **CREATED}),
    _object(
        "102,401 bytes",
        "over",
        {"big": "b" * (LIMIT + 1 - _FRAME), **CREATED},
        refused=("attributes", "102,401 bytes long; the limit is 102,400"),
    ),
    _object(
        "102,401 bytes of three-byte letters",
        "wide",
        {"big": "あ" * ((LIMIT + 1 - _FRAME) // 3) + "b" * ((LIMIT + 1 - _FRAME) % 3), **CREATED},
        refused=("attributes", "102,401 bytes"),
    ),
    _object(
        "a reserved name",
        "reserved",
        {"relationship": "x"},
        refused=("attributes.relationship", "reserved"),
        cannot={"csv": _HEADER},
    ),
    _object(
        "created_at that is no instant",
        "when",
        {"created_at": "yesterday"},
        refused=("attributes.created_at", "Unix seconds"),
    ),
    _object("created_at before 1970", "old", {"created_at": -86_400}),
    _object(
        "a time zone that is none",
        "zone",
        {"timezone": "Mars/Olympus"},
        refused=("attributes.timezone", "IANA"),
    ),
    _object("a time zone", "berlin", {"timezone": "Europe/Berlin"}),
    _object(
        "the smallest and the largest integer", "integers", {"low": -(2**63), "high": 2**63 - 1}
    ),
    _object("a name of two hundred characters", "long", {"name": "n" * 200}),
    _object("a name that is a number", "numbered", {"name": 12}),
    _object(
        "names of attributes that look like lookups",
        "names",
        {"a__b": 1, "contains": 2, "$[0]": 3, 'say "hi"': 4, "a.b": 5},
    ),
    _object(
        "an attribute added", "known", {"plan": "team"}, stored={"name": "Known", "plan": "basic"}
    ),
    _object(
        "an attribute removed by null",
        "known",
        {"plan": None},
        stored={"name": "Known", "plan": "basic"},
    ),
    _object(
        "an equal value changes nothing",
        "known",
        {"plan": "basic"},
        stored={"name": "Known", "plan": "basic"},
        cannot={"admin": _MERGED},
    ),
    _object("true is not 1", "known", {"flag": True}, stored={"name": "Known", "flag": 1}),
    _object(
        "a change over 100 kB",
        "known",
        {"more": "m" * 60_000},
        stored={"big": "b" * 60_000},
        refused=("attributes", "the limit is 102,400"),
    ),
    _person("a plain person", {"first_name": "Ada", "last_name": "Lovelace"}),
    _person("a person by e-mail", {"name": "Mail"}, keys={"email": "Mail.Case@Example.com"}),
    _person(
        "a person with both", {"name": "Both"}, keys={"id": "both", "email": "both@example.com"}
    ),
    _person(
        "an address that is none",
        keys={"email": "nobody"},
        refused=("email", "not an e-mail address"),
    ),
    _person(
        "a person's id of 151 characters",
        keys={"id": "p" * 151},
        refused=("id", "the limit is 150"),
    ),
    _person(
        "a person's reserved name",
        {"_relationship": 1},
        refused=("attributes._relationship", "reserved"),
        cannot={"csv": _HEADER},
    ),
    _person(
        "a person's attribute changed",
        {"city": "Paris"},
        keys={"id": "known"},
        stored={"city": "Rome", "age": 3},
    ),
    _relationship("a relationship", {"role": "owner", "since": 2020}),
    _relationship("a relationship without attributes"),
    _relationship(
        "a relationship's attributes merged", {"role": None, "seats": 4}, stored={"role": "owner"}
    ),
    _relationship(
        "a relationship over 100 kB",
        {"big": "b" * LIMIT},
        refused=("attributes", "the limit is 102,400"),
    ),
)
