"""How the staged rows of an import are read: by its settings, its header and its layout."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data_in.files import Shelf, folder_path
from data_in.formats.csv import Layout
from data_in.models import Import
from data_in.settings import Settings, choices_of, parse
from operations.json import dump, load_stored
from operations.wire.columns import Kind, Plan, plan_columns

_LAYOUT_FILE: Final = "layout.json"


@dataclass(frozen=True, slots=True)
class Reading:
    """What turns cells into calls, and back into a file like the one that came."""

    plan: Plan
    layout: Layout
    settings: Settings


def check_folder(row: Import) -> Path:
    """Give the folder of what the check of an import has read and found.

    Each check has its own: an earlier one may still be at its last chunk.
    """
    return folder_path(Shelf.IMPORTS, row.folder) / f"check-{row.check_job_id}"


def keep_layout(folder: Path, layout: Layout, header: list[str]) -> None:
    """Keep how a file is written and what its first row is."""
    found = {
        "encoding": layout.encoding,
        "delimiter": layout.delimiter,
        "skipped_bytes": layout.skipped_bytes,
        "header": header,
    }
    (folder / _LAYOUT_FILE).write_bytes(dump(found))


def open_reading(row: Import) -> Reading:
    """Give how a checked file is read."""
    found = load_stored((check_folder(row) / _LAYOUT_FILE).read_bytes())
    settings = parse(row.settings)
    choices = choices_of(settings, kind=Kind(row.kind), object_type_number=row.object_type_number)
    layout = Layout(found["encoding"], found["delimiter"], found["skipped_bytes"])
    return Reading(plan_columns(found["header"], choices), layout, settings)
