"""A fence around the one write path: outside the engine nobody writes the product's rows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[1]
APPS = (
    "cioapp",
    "operations",
    "workspaces",
    "people",
    "objects",
    "relationships",
    "data_in",
    "data_out",
)
ENGINE = ROOT / "operations" / "engine"
# The bench writes raw rows into copies of tables, in databases that it makes and drops.
EXEMPT = (ENGINE, ROOT / "operations" / "bench")
MODELS = frozenset(
    {
        "Person",
        "PersonTotals",
        "Object",
        "ObjectTotals",
        "ObjectType",
        "Relationship",
        "Device",
        "Segment",
        "SegmentMember",
        "Suppression",
        "Activity",
        "CountDelta",
        "SeenMessage",
    }
)
TABLES = (
    "people_person",
    "people_persontotals",
    "people_device",
    "people_segment",
    "people_segmentmember",
    "people_suppression",
    "objects_object",
    "objects_objecttotals",
    "objects_objecttype",
    "relationships_relationship",
    "operations_activity",
)
SET_WRITES = frozenset(
    {
        "create",
        "acreate",
        "bulk_create",
        "abulk_create",
        "update",
        "aupdate",
        "bulk_update",
        "abulk_update",
        "delete",
        "adelete",
        "get_or_create",
        "aget_or_create",
        "update_or_create",
        "aupdate_or_create",
        "_raw_delete",
        "_update",
    }
)
ROW_WRITES = frozenset({"save", "asave", "save_base", "delete", "adelete"})
VERBS = ("INSERT INTO ", "UPDATE ", "DELETE FROM ", "TRUNCATE ", "COPY ")


def find_writes(source: str) -> list[int]:
    """List the lines that write one of the models, as far as names tell."""
    tree = ast.parse(source)
    held = _names_of_rows(tree)
    lines = {node.lineno for node in ast.walk(tree) if _is_write(node, held)}
    return sorted(lines | set(_raw_writes(tree)))


def _is_write(node: ast.AST, held: frozenset[str]) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    method, owner = node.func.attr, node.func.value
    names = {inner.id for inner in ast.walk(owner) if isinstance(inner, ast.Name)}
    if method in SET_WRITES and names & MODELS:
        return True
    if method in SET_WRITES | ROW_WRITES and names & held:
        return True
    return method in SET_WRITES and any(
        isinstance(inner, ast.Attribute) and inner.attr in RELATED for inner in ast.walk(owner)
    )


# The other ends of foreign keys, by which a query set of a model can be reached.
RELATED = frozenset(
    {"object_types", "objects_of_type", "relationships", "devices", "segment_memberships"}
)


def _names_of_rows(tree: ast.AST) -> frozenset[str]:
    """Collect the variables that are given a row or a query set of a model, or declared one."""
    held: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if _mentions_model(node.value):
                held |= {target.id for target in targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.For | ast.comprehension) and _mentions_model(node.iter):
            held |= {node.target.id} if isinstance(node.target, ast.Name) else set()
        if isinstance(node, ast.arg) and node.annotation and _mentions_model(node.annotation):
            held.add(node.arg)
    return frozenset(held)


def _mentions_model(node: ast.AST) -> bool:
    return any(
        (isinstance(inner, ast.Name) and inner.id in MODELS)
        or (isinstance(inner, ast.Constant) and inner.value in MODELS)
        for inner in ast.walk(node)
    )


def _raw_writes(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        text = " ".join(node.value.split())
        if any(f"{verb}{table}" in text for verb in VERBS for table in TABLES):
            yield node.lineno


def sources() -> Iterator[Path]:
    """List the files of the product outside the engine; migrations make the tables."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            is_exempt = any(path.is_relative_to(folder) for folder in EXEMPT)
            if not is_exempt and "migrations" not in path.parts:
                yield path


def test_only_the_engine_writes_the_rows_of_the_product() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        for line in find_writes(path.read_text())
    ]
    assert not found, "written outside operations/engine: " + ", ".join(found)


def test_no_signals_and_no_saving_models() -> None:
    """Neither would run: the engine writes in sets."""
    found = []
    for path in sources():
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "django.db.models.signals":
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
            is_method = isinstance(node, ast.FunctionDef) and node.name in {"save", "delete"}
            if is_method and path.name == "models.py":
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not found, ", ".join(found)


@pytest.mark.parametrize(
    "planted",
    [
        "Person.objects.create(person_id='x')",
        "Object.objects.filter(pk=1).update(name='x')",
        "Relationship.objects.for_workspace(workspace).filter(pk=1).delete()",
        "Person._default_manager.bulk_create([])",
        "rows = Person.objects.all()\nrows.delete()",
        "person = Person(person_id='x')\nperson.save()",
        "def handler(person: Person) -> None:\n    person.save()",
        "def handler(person: 'Person') -> None:\n    person.delete()",
        "def handler(rows: QuerySet[Person]) -> None:\n    rows.update(name='')",
        "for row in Object.objects.all():\n    row.save()",
        "object_type.objects_of_type.all().delete()",
        "person.devices.create(token='x')",
        "workspace.object_types.update(enabled=False)",
        "cursor.execute('UPDATE people_person SET name = 1')",
        "cursor.execute(f'DELETE FROM objects_object WHERE id = {key}')",
    ],
)
def test_the_fence_sees_a_planted_write(planted: str) -> None:
    assert find_writes(planted), planted


@pytest.mark.parametrize(
    "harmless",
    [
        "Person.objects.filter(pk=1).first()",
        "values = {}\nvalues.update(name='x')",
        "form.save()",
        "Workspace.objects.create(name='x')",
        "cursor.execute('SELECT * FROM people_person')",
        "engine.apply([Call(origin, (DeletePerson(key),))])",
    ],
)
def test_the_fence_lets_reads_through(harmless: str) -> None:
    assert not find_writes(harmless), harmless


def test_the_fence_stands_around_every_model_that_the_engine_writes() -> None:
    written = {
        table for path in ENGINE.glob("*.py") for table in TABLES if table in path.read_text()
    }
    assert written == set(TABLES)
