"""Encodings of text files: found by their mark or by name, and checked from end to end."""

import codecs
import io
from dataclasses import dataclass
from typing import BinaryIO, Final

from operations.limits import FILE_LINE_MAX_CHARS

_CHUNK_BYTES: Final = 1_048_576
_NAME_IT: Final = "choose the encoding that the file is written in"
# The longer mark first: that of UTF-32 starts with that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OTHER_FORMATS: Final = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive; save it as CSV first"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook; save it as CSV first"),
    (b"\x1f\x8b", "compressed; unpack it first"),
    (b"%PDF", "a PDF document; save it as CSV first"),
)
# Python's codecs for names of hosts, and the one that refuses everything: no file is written so.
_NOT_OF_FILES: Final = frozenset({"idna", "punycode", "undefined"})
_LOOKED_AT_BYTES: Final = 4_096
_SIGNATURE_BYTES: Final = 4
# A value may hold a control character; a text is not made of them.
_CONTROL_CHARACTERS: Final = bytes({*range(32)} - set(b"\t\n\f\r\x1b"))
_CONTROL_SHARE_MAX: Final = 0.3


class UnusableFile(ValueError):
    """A file of which no row can be used, with the way on."""


@dataclass(slots=True)
class Scan:
    """What reading a file from end to end has shown."""

    lines: int = 0
    quotes: int = 0
    line_chars: int = 0
    has_long_lines: bool = False

    @property
    def has_odd_quotes(self) -> bool:
        """Tell whether a quote may be left open."""
        return self.quotes % 2 == 1


def look_at(start: bytes) -> None:
    """Raise UnusableFile when the first bytes of a file show that it cannot be CSV."""
    if not start:
        raise UnusableFile("the file is empty")
    for signature, what in _OTHER_FORMATS:
        if start.startswith(signature):
            raise UnusableFile(f"the file is not CSV but {what}")
    if len(start) > _SIGNATURE_BYTES and not start.strip(b"\0"):
        raise UnusableFile("the file begins with nothing but NUL bytes; it may be damaged")
    if not any(start.startswith(mark) for mark, _ in _MARKS) and _is_binary(start):
        raise UnusableFile("the file is not text; save it as CSV first")


def find_encoding(file: BinaryIO, name: str | None) -> tuple[str, int]:
    """Find the encoding, and how many bytes its mark takes; a name given goes before a mark."""
    file.seek(0)
    start = file.read(_LOOKED_AT_BYTES)
    look_at(start if name is None else start[:_SIGNATURE_BYTES])
    wanted = None if name is None else _codec_name(name)
    for mark, encoding in _MARKS:
        family = encoding.removesuffix("-le").removesuffix("-be")
        if start.startswith(mark) and wanted in {None, encoding, family, f"{family}-sig"}:
            return encoding, len(mark)
    return wanted or "utf-8", 0


def decode_start(data: bytes, encoding: str, *, at: int, is_whole: bool) -> str:
    """Decode the start of a file, whose end may cut a character; raise UnusableFile."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        return decoder.decode(data, final=is_whole)
    except UnicodeDecodeError as error:
        raise UnusableFile(_message(error, at, encoding)) from None
    except UnicodeError:
        raise UnusableFile(_without_mark(encoding)) from None


def check_encoding(file: BinaryIO, encoding: str, *, skipped_bytes: int) -> Scan:
    """Decode the whole file; raise UnusableFile at the first byte that is not a character."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    scan = Scan()
    file.seek(skipped_bytes)
    at = skipped_bytes
    while True:
        chunk = file.read(_CHUNK_BYTES)
        waiting = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise UnusableFile(_message(error, at - waiting, encoding)) from None
        except UnicodeError:  # UTF-16 by name, and no mark that tells the order of the bytes
            raise UnusableFile(_without_mark(encoding)) from None
        _count(text, scan)
        if not chunk:
            return scan
        at += len(chunk)


def _is_binary(start: bytes) -> bool:
    """Tell bytes that are no text; UTF-16 without a mark has its NULs on one side only."""
    if b"\0" in start[::2] and b"\0" in start[1::2]:
        try:
            codecs.getincrementaldecoder("utf-8")().decode(start)
        except UnicodeDecodeError:
            return True
    if b"\0" in start:
        return False
    rest = start.translate(None, _CONTROL_CHARACTERS)
    return len(start) - len(rest) > len(start) * _CONTROL_SHARE_MAX


def _codec_name(name: str) -> str:
    try:
        found = codecs.lookup(name).name
        io.TextIOWrapper(io.BytesIO(), found)  # refuses codecs that do not make text
        codecs.getincrementaldecoder(found)
        if found in _NOT_OF_FILES:
            raise LookupError(found)
    except (LookupError, ValueError):
        message = f'"{name}" is no encoding that we know; try utf-8, utf-16 or windows-1252'
        raise UnusableFile(message) from None
    return found


def _without_mark(encoding: str) -> str:
    return f"the file does not begin as {encoding.upper()} text does; {_NAME_IT}"


def _message(error: UnicodeDecodeError, offset: int, encoding: str) -> str:
    at = offset + error.start
    found = error.object[error.start : error.start + 1].hex()
    if encoding == "utf-8":
        cure = "if a spreadsheet program wrote the file, read it as windows-1252"
    else:
        cure = _NAME_IT
    return f"byte {at:,} of the file (0x{found}) is not {encoding.upper()} text; {cure}"


def _count(text: str, scan: Scan) -> None:
    scan.quotes += text.count('"')
    ends = text.count("\n")
    newline = "\n" if ends or "\r" not in text else "\r"
    scan.lines += ends or text.count("\r")
    first = text.find(newline)
    if first < 0:
        scan.line_chars += len(text)
    else:
        first += scan.line_chars
        scan.line_chars = len(text) - text.rfind(newline) - 1
    scan.has_long_lines |= max(first, scan.line_chars) >= FILE_LINE_MAX_CHARS
