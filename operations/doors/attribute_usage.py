"""Where an attribute is used: the saved views and segments whose filters or columns name it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from operations.doors.condition_builder import FIELD
from operations.doors.current import current_workspace
from operations.doors.filter_values import parse_condition
from operations.doors.list_columns import ATTRIBUTE
from operations.doors.saved_views import address_of, visible_views
from operations.doors.sensitive import KIND_OF_SIDE
from operations.wire.columns import Kind
from operations.wire.filter_paths import parse_path
from operations.wire.filter_tree import Condition, leaves_of
from operations.wire.filters import FilterError, parse_text
from people.models import Segment
from workspaces.models import SavedView


@dataclass(frozen=True, slots=True)
class Usage:
    """Something that names an attribute."""

    title: str
    link: str


def find_usage(request: HttpRequest, *, kind: str, number: int) -> dict[str, tuple[Usage, ...]]:
    """Give where each attribute is used: in segments, and in views that the member sees."""
    found: dict[str, dict[Usage, None]] = defaultdict(dict)
    for view in visible_views(request):
        for of_kind, name in _named(view):
            is_of_type = not number or view.kind != kind or view.type_number in (0, number)
            if of_kind == kind and is_of_type:
                found[name][Usage(view.name, address_of(view))] = None
    for segment in _dynamic_segments(request):
        for of_kind, name in _named_by_conditions(Kind.PEOPLE, segment.condition or ""):
            if of_kind == kind:
                found[name][Usage(segment.name, _address_of_segment(segment))] = None
    return {name: tuple(usages) for name, usages in found.items()}


def _dynamic_segments(request: HttpRequest) -> Iterable[Segment]:
    workspace = current_workspace(request)
    if workspace is None:
        return ()
    return Segment.objects.for_workspace(workspace).dynamic().order_by("name", "number")


def _address_of_segment(segment: Segment) -> str:
    return f"{reverse('admin:people_person_changelist')}?segment={segment.number}"


def _named(view: SavedView) -> Iterator[tuple[str, str]]:
    """Name the attributes of a view, each with its kind; what cannot be read names none."""
    query = QueryDict(view.query)
    for field in view.columns:
        if field.startswith(ATTRIBUTE):
            yield from _named_by_path(view.kind, field.removeprefix(ATTRIBUTE))
    for name in query.getlist("has_attribute"):
        yield view.kind, name
    for text in query.getlist("attribute"):
        try:
            yield view.kind, parse_condition(text)[0]
        except ValidationError:
            continue
    yield from _named_by_conditions(view.kind, query.get(FIELD, ""))


def _named_by_path(kind: str, field: str) -> Iterator[tuple[str, str]]:
    try:
        yield kind, str(parse_path(field)[0])
    except ValueError:
        return


def _named_by_conditions(kind: str, text: str) -> Iterator[tuple[str, str]]:
    if not text:
        return
    try:
        tree = parse_text(text, kind=Kind(kind))
    except FilterError:
        return
    for leaf in leaves_of(tree):
        if isinstance(leaf, Condition) and leaf.identifier is None:
            yield KIND_OF_SIDE[leaf.side].value, str(leaf.path[0])
