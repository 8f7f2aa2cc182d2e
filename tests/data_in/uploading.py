"""Imports files as the pages do: received, set up, checked and imported."""

from dataclasses import replace
from typing import Any

from data_in.check_report import Group, GroupRow, read_group
from data_in.glimpses import glimpse
from data_in.importing import keep_settings, receive, start_check, start_import
from data_in.models import Import
from data_in.settings import Settings, parse
from operations.wire.columns import Kind
from workspaces.models import Workspace

ACTOR = "ada"


def upload(
    workspace: Workspace,
    text: str | bytes,
    *,
    kind: Kind = Kind.OBJECTS,
    number: int | None = 1,
    **chosen: Any,
) -> Import:
    """Receive a file and keep what is proposed for it, with what is chosen besides."""
    data = text.encode() if isinstance(text, str) else text
    row = receive(
        workspace,
        kind=kind,
        object_type_number=None if kind is Kind.PEOPLE else number,
        actor=ACTOR,
        file_name="rows.csv",
        chunks=[data[at : at + 1_000] for at in range(0, len(data), 1_000)] or [b""],
    )
    if chosen:
        keep_settings(row, fitted(row, **chosen))
    return row


def fitted(row: Import, **chosen: Any) -> Settings:
    """Give the proposed settings with some of them chosen."""
    return glimpse(row, replace(parse(row.settings), **chosen)).proposed


def check(row: Import) -> Import:
    """Have a file checked."""
    start_check(row, actor=ACTOR)
    return fresh(row)


def check_and_import(row: Import) -> Import:
    """Have a file checked and imported."""
    start_check(row, actor=ACTOR)
    start_import(row, actor=ACTOR)
    return fresh(row)


def fresh(row: Import) -> Import:
    """Read an import again."""
    return Import.objects.with_jobs().get(pk=row.pk)


def counts(found: dict[str, int]) -> dict[str, int]:
    """Give the counts that are not zero."""
    return {name: count for name, count in found.items() if count}


def rows_of(row: Import, group: Group, *, page: int = 1) -> tuple[GroupRow, ...]:
    """Read a page of what a check found."""
    return read_group(row, group, page=page).rows
