"""The one table of what differs between doors."""

from collections.abc import Mapping
from typing import Final

from operations.types import Door, Handling, Rules

_STRICT: Final = Rules()
# An unknown cio_object_id in a file creates the object under that id: our own export comes home.
_FILE: Final = Rules(unknown_cio_object_id=Handling.CREATE)
# The wire is lenient: a named type is made, an odd value is kept with a warning, an e-mail moves
# its person to the id sent with it, and what names an unknown generated id has no effect.
_WIRE: Final = Rules(
    creates_types=True,
    bad_reserved_value=Handling.KEEP,
    identifier_conflict=Handling.KEEP,
    unknown_cio_id=Handling.SKIP,
    unknown_cio_object_id=Handling.SKIP,
)
RULES: Final[Mapping[Door, Rules]] = {
    Door.ADMIN: _STRICT,
    Door.BULK: _STRICT,
    Door.REST: _STRICT,
    Door.SYSTEM: _STRICT,
    Door.CSV: _FILE,
    Door.SYNC: _FILE,
    Door.TRACK_V1: _WIRE,
    Door.TRACK_V2: _WIRE,
    Door.PIPELINES: _WIRE,
}
