"""Every number and reserved word that the product enforces, each with its source."""

from typing import Final

# objects.md, "An object's attributes cannot exceed 100kb": compact UTF-8 JSON after merging.
ATTRIBUTES_MAX_BYTES: Final = 102_400
# objects.md, "Reserved attributes": "Our default id limit is set to 150 characters".
IDENTIFIER_MAX_CHARS: Final = 150
# RFC 5321 4.5.3.1.3 leaves 254 characters for an address between the angle brackets.
EMAIL_MAX_CHARS: Final = 254
# The longest name that a list shows and sorts by; the attribute itself is kept whole.
NAME_MAX_CHARS: Final = 150
# Ours: deep enough for any real document, far from every parser's recursion limit.
JSON_MAX_DEPTH: Final = 64
INTEGER_MIN: Final = -(2**63)
INTEGER_MAX: Final = 2**63 - 1
# A body or a cell is refused before it is parsed when it is longer than this.
JSON_MAX_BYTES: Final = 1_048_576

# objects.md and relationships.md, "Reserved attributes".
RESERVED_OBJECT_ATTRIBUTES: Final = frozenset(
    {"relationship", "object_id", "objectId", "cio_object_id"}
)
RESERVED_PERSON_ATTRIBUTES: Final = frozenset({"_relationship", "cio_id"})
CREATED_AT: Final = "created_at"
TIMEZONE: Final = "timezone"
# Unix seconds of 0001-01-01 and 9999-12-31, the span that both databases can store.
UNIX_SECONDS_MIN: Final = -62_135_596_800
UNIX_SECONDS_MAX: Final = 253_402_300_799

# "Object types": an unknown object_type_id in a call makes the type, up to 15 times.
AUTOMATIC_TYPES_MAX: Final = 15
OBJECT_TYPE_NUMBER_MAX: Final = 2**31 - 1
TYPE_NAME_MAX_CHARS: Final = 100
ICON_MAX_CHARS: Final = 50
DEVICE_TOKEN_MAX_CHARS: Final = 1_000
PLATFORM_MAX_CHARS: Final = 50
EVENT_NAME_MAX_CHARS: Final = 500
DEDUP_KEY_MAX_CHARS: Final = 400
REASON_MAX_CHARS: Final = 500
# Ours: longer names of attributes are kept with their rows, but not listed in the data index.
ATTRIBUTE_NAME_LISTED_MAX_CHARS: Final = 300
ATTRIBUTE_DESCRIPTION_MAX_CHARS: Final = 255

# Track API, "Invalid API requests": what the real service enforces besides.
CUSTOMERIO_VALUE_MAX_BYTES: Final = 1_000
CUSTOMERIO_NAME_MAX_BYTES: Final = 150
CUSTOMERIO_ATTRIBUTES_MAX: Final = 300

# Track API, "Batch": 500 kB, read as 500 x 1,024 bytes.
CALL_MAX_BYTES: Final = 512_000
# Ours: no page names one; a batch of the longest body has room for so many small items.
BATCH_ITEMS_MAX: Final = 5_000

# Ours: what one file may hold across; its rows are not limited.
FILE_COLUMNS_MAX: Final = 5_000
# A physical line of a file: longer ones are refused without being read into memory.
FILE_LINE_MAX_CHARS: Final = 8_388_608
# Ours: an import page holds the file in memory, previews and applies it within one request;
# what is larger goes through the command, which streams.
PAGE_IMPORT_MAX_ROWS: Final = 1_000
PAGE_IMPORT_MAX_BYTES: Final = 20_000_000

# Ours: a filter fits into an address, and one statement answers it.
FILTER_MAX_BYTES: Final = 16_384
FILTER_MAX_CONDITIONS: Final = 100
FILTER_MAX_DEPTH: Final = 10
FILTER_FIELD_MAX_CHARS: Final = 500
FILTER_PATH_MAX_STEPS: Final = 10
FILTER_TEXT_MAX_CHARS: Final = 1_000
FILTER_VALUES_MAX: Final = 100
FILTER_DAYS_MAX: Final = 36_500

# Ours: what the pages show of a segment, and how far one may ask for another.
SEGMENT_NAME_MAX_CHARS: Final = 100
SEGMENT_DESCRIPTION_MAX_CHARS: Final = 500
SEGMENTS_MAX_DEPTH: Final = 5
