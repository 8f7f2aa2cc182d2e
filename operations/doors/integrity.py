"""Look for rows that contradict each other: nothing should ever be found."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Sum

from objects.models import Object, ObjectTotals, ObjectType
from operations.columns import AttributesModel, CountedModel, TotalsModel
from operations.json import dump
from operations.limits import ATTRIBUTES_MAX_BYTES
from operations.models import CountDelta
from people.models import Person, PersonTotals
from relationships.models import Relationship

_SHOWN: Final = 5
_ROWS_AT_ONCE: Final = 2_000
_COUNTED: Final[tuple[tuple[type[CountedModel], type[TotalsModel], str], ...]] = (
    (Object, ObjectTotals, "object_type"),
    (Person, PersonTotals, "workspace"),
)


def find_problems() -> Iterator[str]:
    """Yield a sentence for each kind of contradiction, with the keys of the first rows."""
    for check in _CHECKS:
        yield from check()


def _relationship_counts() -> Iterator[str]:
    for model, totals, owner in _COUNTED:
        rows: Any = model._default_manager
        yield from _report(rows.filter(totals=None), f"{_name(model)} without their totals")
        there = rows.filter(pk=OuterRef("pk"))
        lost = totals._default_manager.exclude(Exists(there))
        yield from _report(lost, f"totals without their {model._meta.verbose_name}")
        wrong = rows.annotate(related=Count("relationships")).filter(totals__isnull=False)
        wrong = wrong.exclude(totals__relationship_count=F("related"))
        yield from _report(wrong, f"{_name(model)} with a wrong relationship_count")
        same = {f"totals__{owner}": F(owner), "totals__created_at": F("created_at")}
        other = rows.filter(totals__isnull=False).exclude(**same)
        what = f"{_name(model)} whose totals have another created_at or {owner}"
        yield from _report(other, what)


def _workspaces_agree() -> Iterator[str]:
    objects = Object.objects.exclude(workspace_id=F("object_type__workspace_id"))
    yield from _report(objects, "objects in another workspace than their type")
    relationships = Relationship.objects.exclude(
        workspace_id=F("object__workspace_id"), object__workspace_id=F("person__workspace_id")
    )
    yield from _report(relationships, "relationships across workspaces")


def _orphans() -> Iterator[str]:
    for field, model in (("object", Object), ("person", Person)):
        there = model.objects.filter(pk=OuterRef(f"{field}_id"))
        lost = Relationship.objects.exclude(Exists(there))
        yield from _report(lost, f"relationships without their {field}")
    types = ObjectType.objects.filter(pk=OuterRef("object_type_id"))
    yield from _report(Object.objects.exclude(Exists(types)), "objects without their type")


def _attributes() -> Iterator[str]:
    for model in (Object, Person, Relationship):
        unreadable: list[int] = []
        wrong_size: list[int] = []
        for row in _rows(model):
            if not isinstance(row.attributes, dict) or not isinstance(row.attribute_times, dict):
                unreadable.append(row.pk)
            elif not _size_is_right(row):
                wrong_size.append(row.pk)
        yield from _report_keys(unreadable, f"{_name(model)} whose attributes are no JSON object")
        yield from _report_keys(wrong_size, f"{_name(model)} with a wrong or too large byte count")


def _email_keys() -> Iterator[str]:
    people = Person.objects.exclude(email=None).values_list("pk", "email", "email_key")
    wrong = [
        pk
        for pk, email, key in people.iterator(chunk_size=_ROWS_AT_ONCE)
        if email is None or email.lower() != key
    ]
    yield from _report_keys(wrong, "people whose e-mail is compared in another form")


def _totals() -> Iterator[str]:
    counted: dict[tuple[int, str, int | None], int] = {}
    for workspace, count in _count(Person, "workspace_id"):
        counted[workspace, "people", None] = count
    for workspace, number, count in _count(Object, "workspace_id", "object_type__number"):
        counted[workspace, "objects", number] = count
    by_type = ("workspace_id", "object__object_type__number")
    for workspace, number, count in _count(Relationship, *by_type):
        counted[workspace, "relationships", number] = count
    maintained = {
        (workspace, kind, number): total
        for workspace, kind, number, total in CountDelta.objects.values_list(
            "workspace_id", "kind", "object_type_number"
        ).annotate(total=Sum("delta"))
        if total
    }
    for key in sorted(counted.keys() | maintained.keys(), key=str):
        if counted.get(key, 0) != maintained.get(key, 0):
            workspace, kind, _ = key
            yield (
                f"workspace {workspace}: {counted.get(key, 0)} {kind} are there, "
                f"{maintained.get(key, 0)} are counted"
            )


_CHECKS: Final[tuple[Callable[[], Iterator[str]], ...]] = (
    _orphans,
    _workspaces_agree,
    _relationship_counts,
    _attributes,
    _email_keys,
    _totals,
)


def _count(model: type[AttributesModel], *fields: str) -> Iterator[Any]:
    rows = model._default_manager.values_list(*fields).annotate(rows=Count("pk"))
    yield from rows.order_by()


def _rows(model: type[AttributesModel]) -> Iterator[Any]:
    fields = ("attributes", "attribute_times", "attributes_bytes")
    yield from model._default_manager.only(*fields).iterator(chunk_size=_ROWS_AT_ONCE)


def _size_is_right(row: AttributesModel) -> bool:
    size = len(dump(row.attributes))
    return size == row.attributes_bytes and size <= ATTRIBUTES_MAX_BYTES


def _report(wrong: QuerySet[Any], what: str) -> Iterator[str]:
    keys = list(wrong.order_by("pk").values_list("pk", flat=True)[: _SHOWN + 1])
    yield from _report_keys(keys, what)


def _report_keys(keys: list[int], what: str) -> Iterator[str]:
    if keys:
        shown = ", ".join(str(key) for key in keys[:_SHOWN])
        more = " and more" if len(keys) > _SHOWN else ""
        yield f"{what}: {shown}{more}"


def _name(model: type[AttributesModel]) -> str:
    return str(model._meta.verbose_name_plural)
