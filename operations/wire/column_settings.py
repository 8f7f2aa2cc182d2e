"""What becomes of each column of a file, where somebody has chosen it."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a column is: it names the row, holds an attribute, or is left out."""

    IDENTIFIER = "identifier"
    ATTRIBUTE = "attribute"
    SKIP = "skip"


class CellType(StrEnum):
    """How the cells of a column are read; `automatic` tells by each cell."""

    AUTOMATIC = "automatic"
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    JSON = "json"


class DateFormat(StrEnum):
    """How the dates of a column are written."""

    ISO = "iso"
    DAY_FIRST = "DD/MM/YYYY"
    MONTH_FIRST = "MM/DD/YYYY"
    UNIX_SECONDS = "unix_seconds"
    UNIX_MILLISECONDS = "unix_milliseconds"


@dataclass(frozen=True, slots=True)
class ColumnSetting:
    """One column: `name` is the key column or the attribute that it holds; "" when skipped."""

    header: str
    role: Role = Role.ATTRIBUTE
    name: str = ""
    type: CellType = CellType.AUTOMATIC
    date_format: DateFormat = DateFormat.ISO
