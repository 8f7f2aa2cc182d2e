"""Files of exports: what they hold, how they are packed, and what they survive."""

import csv
import io
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_in import export_lines, exporting
from data_in.export_files import Packing, PartState, pack
from data_in.export_lines import CsvLines, Format, Part, write_columns, write_rows
from data_in.export_settings import Content, ExportSettings, parse, render
from data_in.exporting import forget_export_files, order_export, remove_export, run_again
from data_in.files import Shelf, folder_path
from data_in.models import Export
from data_in.upkeep import forget_files
from objects.models import Object
from operations.doors import jobs
from operations.doors.jobs import cancel_job, work_on
from operations.doors.origin import read_clock
from operations.doors.selection import Selection
from operations.masking import NOTHING_HIDDEN
from operations.models import Job
from operations.types import HiddenNames
from operations.wire.cells import make_safe, parse_cell, render_cell, undo_safe
from operations.wire.columns import Kind
from relationships.models import Relationship
from tests.data_in.exporting import (
    content_of,
    export,
    members_of,
    rows_of_csv,
    rows_of_json,
    settings_for,
    text_of,
)
from tests.data_in.test_export_roundtrip import fill
from tests.make import make_object, make_person, make_type, make_workspace, relate
from tests.wire.test_cells import tricky_texts, values
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db
FORMULAS = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001
quickly = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def workspace() -> Workspace:
    found = make_workspace("Round & Round")
    acme = make_object(make_type(found), "acme", {"name": "Acme", "sum": "=1+1", "n": 1.0})
    relate(make_person(found, "ann", {"plan": "gold"}), acme, {"role": "owner"})
    make_object(make_type(found, "Courses"), "math", {"tags": ["a", None]})
    return found


def test_is_named_after_the_workspace_the_type_and_the_instant(workspace: Workspace) -> None:
    made = export(workspace, query="object_type=1")
    instant = f"{made.created_at:%Y%m%dT%H%M%SZ}"
    assert made.file_name == f"round-round_companies_objects_{instant}_{made.pk}.csv"
    assert (made.rows, made.file_bytes) == (1, len(content_of(made)))


def test_has_only_the_chosen_attributes_in_their_order(workspace: Workspace) -> None:
    made = export(workspace, query="object_type=1", attributes=("sum", "missing", "name"))
    header, row = csv.reader(io.StringIO(text_of(made)))
    assert header[-3:] == ["sum", "missing", "name"]
    assert row[-3:] == ["=1+1", "", "Acme"]


@pytest.mark.parametrize("form", list(Format))
def test_goes_without_what_is_hidden(workspace: Workspace, form: Format) -> None:
    hidden = HiddenNames(objects=frozenset({"sum"}))
    made = export(workspace, format=form, hidden=hidden)
    assert "sum" not in text_of(made)
    assert "Acme" in text_of(made)
    chosen = export(workspace, format=form, hidden=hidden, attributes=("sum", "name"))
    assert "1+1" not in text_of(chosen)


def test_a_filter_on_what_is_hidden_fails_and_tells_nothing(workspace: Workspace) -> None:
    asked = settings_for(
        workspace,
        query='attribute=sum:"%3D1%2B1"',
        hidden=HiddenNames(objects=frozenset({"sum"})),
    )
    made = order_export(workspace, asked, actor="ann", description="x", rows=1)
    assert made.state is Export.State.FAILED
    assert made.rows == 0


def test_json_lines_keep_types_and_say_when_a_row_was_made(workspace: Workspace) -> None:
    company = Object.objects.get(object_id="acme")
    row = rows_of_json(export(workspace, query="object_type=1", format=Format.JSON_LINES))[0]
    assert row == {
        "cio_object_id": company.cio_object_id,
        "object_type_id": 1,
        "object_id": "acme",
        "relationships": 1,
        "created_at": int(company.created_at.timestamp()),
        "attributes": company.attributes,
    }
    assert type(row["attributes"]["n"]) is float


def test_both_are_two_files_of_one_archive(workspace: Workspace) -> None:
    made = export(workspace, query="object_type=1", content=Content.BOTH)
    found = members_of(made)
    assert made.file_name.endswith(".zip")
    assert [row["object_id"] for row in rows_of_csv(found["objects.csv"])] == ["acme"]
    assert [row["role"] for row in rows_of_csv(found["relationships.csv"])] == ["owner"]
    assert made.rows == 2


def test_the_relationships_of_people_are_those_of_the_chosen_ones(workspace: Workspace) -> None:
    relate(make_person(workspace, "bob"), Object.objects.get(object_id="math"), {"role": "guest"})
    made = export(workspace, Kind.PEOPLE, "id=bob", content=Content.RELATIONSHIPS)
    assert made.kind == "relationships"
    assert [row["id"] for row in rows_of_csv(text_of(made))] == ["bob"]


def test_is_packed(workspace: Workspace) -> None:
    plain = text_of(export(workspace))
    packed = export(workspace, is_gzipped=True)
    assert packed.file_name.endswith(".csv.gz")
    assert content_of(packed)[:2] == b"\x1f\x8b"
    assert text_of(packed) == plain


def test_another_workspace_is_not_in_it(workspace: Workspace) -> None:
    make_object(make_type(make_workspace()), "foreign")
    assert "foreign" not in text_of(export(workspace))


@pytest.mark.parametrize("piece", [1, 2, 7])
def test_attributes_that_come_up_later_have_their_column_everywhere(
    workspace: Workspace, monkeypatch: Any, piece: int
) -> None:
    monkeypatch.setattr(export_lines, "PIECE_ROWS", piece)
    monkeypatch.setattr(exporting, "PIECE_ROWS", piece)
    monkeypatch.setattr(export_lines, "_BLOCK_ROWS", 1)
    fill(workspace, {f"o{n}": {f"{9 - n}": 'a "b"\nc', "z": n} for n in range(6)})
    header, *rows = csv.reader(io.StringIO(text_of(export(workspace)), newline=""))
    assert header[4:] == sorted(header[4:])
    assert {len(row) for row in rows} == {len(header)}
    for n, row in enumerate(rows[2:]):
        found = dict(zip(header, row, strict=True))
        assert (found[f"{9 - n}"], found["z"]) == ('a "b"\nc', str(n))


def test_stops_and_goes_on_where_it_stood(workspace: Workspace, monkeypatch: Any) -> None:
    whole = rows_of_csv(text_of(export(workspace)))
    job = _waiting(workspace, monkeypatch)
    for _turn in range(10):
        work_on(job.pk, seconds=-1)
    made = Export.objects.get(job=job)
    assert made.state is Export.State.DONE
    assert rows_of_csv(text_of(made)) == whole
    assert [each.name for each in folder_path(Shelf.EXPORTS, made.folder).iterdir()] == ["file"]


def test_whoever_has_lost_the_lease_neither_writes_nor_finishes(
    workspace: Workspace, monkeypatch: Any
) -> None:
    whole = rows_of_csv(text_of(export(workspace)))
    job = _waiting(workspace, monkeypatch)
    lost = jobs._take(job.pk)
    steps = exporting.export_steps(lost)
    next(steps)
    Job.objects.filter(pk=job.pk).update(lease="", lease_until=None)
    work_on(job.pk)
    made = Export.objects.get(job=job)
    before = content_of(made)
    with pytest.raises(jobs.LostLease):
        list(steps)
    assert content_of(made) == before
    assert rows_of_csv(before) == whole


def test_a_part_that_is_lost_is_told_and_can_be_run_again(
    workspace: Workspace, monkeypatch: Any
) -> None:
    job = _waiting(workspace, monkeypatch)
    work_on(job.pk, seconds=-1)
    made = Export.objects.get(job=job)
    for each in folder_path(Shelf.EXPORTS, made.folder).iterdir():
        each.unlink()
    work_on(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "Run the export again" in job.message
    monkeypatch.undo()
    again = run_again(made, actor="ann", hidden=NOTHING_HIDDEN)
    assert again.state is Export.State.DONE


def test_run_again_takes_the_rows_of_that_moment(workspace: Workspace) -> None:
    made = export(workspace)
    make_object(workspace.object_types.get(number=1), "later")
    again = run_again(made, actor="bob", hidden=NOTHING_HIDDEN)
    assert (again.rows, again.actor) == (made.rows + 1, "bob")
    assert "later" not in text_of(made)


def test_an_export_that_is_deleted_while_it_is_made_leaves_nothing(
    workspace: Workspace, monkeypatch: Any
) -> None:
    job = _waiting(workspace, monkeypatch)
    work_on(job.pk, seconds=-1)
    made = Export.objects.select_related("job").get(job=job)
    remove_export(made)
    work_on(job.pk)
    assert not folder_path(Shelf.EXPORTS, made.folder).exists()
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED


def test_a_cancelled_one_has_no_file(workspace: Workspace, monkeypatch: Any) -> None:
    job = _waiting(workspace, monkeypatch)
    work_on(job.pk, seconds=-1)
    job.refresh_from_db()
    cancel_job(job)
    made = Export.objects.select_related("job").get(job=job)
    assert made.state is Export.State.FAILED
    assert exporting.file_of(made) is None


def test_files_go_after_their_days_and_what_nobody_knows_after_one(
    workspace: Workspace, settings: Any
) -> None:
    old, young = export(workspace), export(workspace)
    now = read_clock()
    Export.objects.filter(pk=old.pk).update(created_at=now - exporting.timedelta(days=8))
    forget_export_files(now=now, days=7)
    old.refresh_from_db()
    assert (old.folder, old.files_gone_at) == ("", now)
    assert content_of(young)
    Export.objects.filter(pk=young.pk).delete()
    forget_files(now=now)
    assert folder_path(Shelf.EXPORTS, young.folder).exists()
    forget_files(now=now + exporting.timedelta(days=2))
    assert not folder_path(Shelf.EXPORTS, young.folder).exists()


@pytest.mark.parametrize("size", [3, 300])
def test_statements_do_not_grow_with_the_rows(
    size: int, workspace: Workspace, statements: Any
) -> None:
    fill(workspace, {f"object-{n}": {"n": n} for n in range(size)})
    asked = settings_for(workspace)
    with statements() as run:
        order_export(workspace, asked, actor="ann", description="x", rows=1)
    assert len(run) <= 30


def test_settings_come_back_as_they_were(workspace: Workspace) -> None:
    asked = ExportSettings(
        selection=Selection(Kind.PEOPLE, workspace.pk, keys=(1, 2)),
        content=Content.BOTH,
        attributes=("a", "b"),
        format=Format.JSON_LINES,
        is_gzipped=True,
        is_made_safe=True,
        hidden=HiddenNames(people=frozenset({"x"})),
    )
    assert parse(json.loads(json.dumps(render(asked)))) == asked


@pytest.mark.once
@given(st.lists(st.lists(tricky_texts, min_size=3, max_size=3), min_size=1, max_size=8))
def test_columns_are_written_as_rows_are(rows: list[list[str]]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)]
    assert write_columns(columns) == write_rows(rows)
    assert write_columns(columns, quotes_all=True) == write_rows(rows, quotes_all=True)


@pytest.mark.once
@given(st.lists(st.none() | values, min_size=1, max_size=10))
def test_cells_of_a_column_are_those_of_each_value(column: list[Any]) -> None:
    written = export_lines._cells(column)
    assert written == [render_cell(value) for value in column]
    safe = export_lines._safe_cells(column)
    assert [undo_safe(cell) for cell in safe] == written


@pytest.mark.once
def test_no_text_of_ten_thousand_is_a_formula_and_each_comes_back() -> None:
    chosen = random.Random(5)
    marks = "=+-@\t\r\n'＝＋－＠\"0,;a \u202e🙂"  # noqa: RUF001
    texts = ["".join(chosen.choices(marks, k=chosen.randint(1, 6))) for _each in range(10_000)]
    cells = export_lines._safe_cells(texts)
    assert not [cell for cell in cells if cell.startswith(FORMULAS)]
    assert [parse_cell(undo_safe(cell)) for cell in cells] == texts
    lines = write_columns([cells], quotes_all=True).decode()
    assert [row[0] for row in csv.reader(io.StringIO(lines, newline=""))] == cells
    assert make_safe("-5") == "'-5"
    assert export_lines._safe_cells([-5, -1.5]) == ["-5", "-1.5"]


@pytest.mark.once
def test_memory_is_flat_with_large_attributes() -> None:
    block = [(n, "x" * 100_000) for n in range(500)]
    cut = list(export_lines._cut(block))
    assert [row for part in cut for row in part] == block
    assert max(sum(len(row[-1]) for row in part) for part in cut) <= 2_000_000


@pytest.mark.once
def test_a_row_without_attributes_has_empty_cells() -> None:
    writer = CsvLines(Part(Kind.OBJECTS, Object.objects.none()), is_made_safe=False)
    block = [(1, "ob1", 1, "a", 0, "{}"), (2, "ob2", 1, None, 3, '{"x":null,"y":true}')]
    assert writer.lines(block) == b"ob1,1,a,0,,\r\nob2,1,,3,,true\r\n"


@pytest.mark.once
def test_an_archive_of_nothing_is_one_too(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as file:
        assert list(pack([("a", iter([b"1", b"2"]))], file, Packing.NONE)) == [1, 1]
    assert PartState().rows == 0


def _waiting(workspace: Workspace, monkeypatch: Any) -> Job:
    """Order an export of all objects that waits for a worker, with a row in each piece."""
    monkeypatch.setattr(export_lines, "PIECE_ROWS", 1)
    monkeypatch.setattr(exporting, "PIECE_ROWS", 1)
    monkeypatch.setattr(jobs, "AT_ONCE_MAX_ROWS", 0)
    order_export(workspace, settings_for(workspace), actor="ann", description="x", rows=2)
    job = Job.objects.latest("pk")
    assert job.state == Job.State.QUEUED
    assert Relationship.objects.exists()
    return job
