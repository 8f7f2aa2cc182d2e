"""Filters in words, for the chips above a list and wherever a filter has to be told."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from operations.wire.cells import render_cell
from operations.wire.columns import Kind
from operations.wire.filter_paths import render_path
from operations.wire.filter_tree import (
    And,
    Condition,
    Filter,
    InSegment,
    IsObject,
    IsOfType,
    IsPerson,
    Leaf,
    Not,
    Operator,
    Or,
    Related,
    Scalar,
    Side,
    leaves_of,
)

VALUE_MAX_CHARS: Final = 60
_SENTENCES: Final = {
    Operator.EQ: gettext_lazy("%(field)s is %(value)s"),
    Operator.NOT_EQ: gettext_lazy("%(field)s is not %(value)s"),
    Operator.EXISTS: gettext_lazy("%(field)s is set"),
    Operator.NOT_EXISTS: gettext_lazy("%(field)s is not set"),
    Operator.CONTAINS: gettext_lazy("%(field)s contains %(value)s"),
    Operator.NOT_CONTAINS: gettext_lazy("%(field)s does not contain %(value)s"),
    Operator.STARTS_WITH: gettext_lazy("%(field)s starts with %(value)s"),
    Operator.LT: gettext_lazy("%(field)s is less than %(value)s"),
    Operator.LTE: gettext_lazy("%(field)s is at most %(value)s"),
    Operator.GT: gettext_lazy("%(field)s is more than %(value)s"),
    Operator.GTE: gettext_lazy("%(field)s is at least %(value)s"),
    Operator.BETWEEN: gettext_lazy("%(field)s is between %(value)s and %(to)s"),
    Operator.IN: gettext_lazy("%(field)s is one of %(value)s"),
    Operator.NOT_IN: gettext_lazy("%(field)s is none of %(value)s"),
    Operator.BEFORE: gettext_lazy("%(field)s is before %(value)s"),
    Operator.AFTER: gettext_lazy("%(field)s is after %(value)s"),
    Operator.IN_LAST_DAYS: gettext_lazy("%(field)s is within the last %(value)s days"),
    Operator.IS_TIMESTAMP: gettext_lazy("%(field)s is a timestamp"),
    Operator.IS_TRUE: gettext_lazy("%(field)s is true"),
    Operator.IS_FALSE: gettext_lazy("%(field)s is false"),
}
_FIELDS: Final = {
    Side.OBJECT: gettext_lazy("%(field)s of the object"),
    Side.PERSON: gettext_lazy("%(field)s of the person"),
    Side.RELATIONSHIP: gettext_lazy("%(field)s of the relationship"),
}
_OWN_SIDE: Final = {
    Kind.OBJECTS: Side.OBJECT,
    Kind.PEOPLE: Side.PERSON,
    Kind.RELATIONSHIPS: Side.RELATIONSHIP,
}


def describe(
    tree: Filter,
    *,
    kind: Kind,
    type_names: Mapping[int, str] | None = None,
    segment_names: Mapping[int, str] | None = None,
) -> str:
    """Tell a filter in words; types and segments by their names where those are known."""
    return _Words(kind, type_names or {}, segment_names or {}).tell(tree)


def type_numbers(tree: Filter) -> set[int]:
    """Give the numbers of the types that a filter names."""
    return set(_type_numbers(tree))


def _type_numbers(tree: Filter) -> Iterator[int]:
    for leaf in leaves_of(tree):
        match leaf:
            case IsOfType():
                yield leaf.number
            case Condition() if leaf.type_number is not None:
                yield leaf.type_number
            case IsObject() if not leaf.in_every_type:
                yield leaf.key.object_type_id
            case _:
                pass


class _Words:
    """Tells the parts of one filter."""

    def __init__(
        self, kind: Kind, type_names: Mapping[int, str], segment_names: Mapping[int, str]
    ) -> None:
        self.kind = kind
        self.type_names = type_names
        self.segment_names = segment_names

    def tell(self, tree: Filter) -> str:
        match tree:
            case And():
                return _(" and ").join(self.bracket(part) for part in tree.parts)
            case Or():
                return _(" or ").join(self.bracket(part) for part in tree.parts)
            case Not():
                return _("not (%(condition)s)") % {"condition": self.tell(tree.part)}
            case Related():
                return self.related(tree)
            case _:
                return self.leaf(tree)

    def bracket(self, part: Filter) -> str:
        told = self.tell(part)
        return f"({told})" if isinstance(part, And | Or) and len(part.parts) > 1 else told

    def leaf(self, leaf: Leaf) -> str:
        match leaf:
            case Condition():
                return self.condition(leaf)
            case IsOfType():
                return _("of the type %(name)s") % {"name": self.type_name(leaf.number)}
            case InSegment():
                name = self.segment_names.get(leaf.number, str(leaf.number))
                return _("in segment %(name)s") % {"name": name}
            case IsPerson():
                return _("the person is %(name)s") % {"name": self.name_of(leaf)}
            case IsObject():
                return _("the object is %(name)s") % {"name": self.name_of(leaf)}

    def condition(self, condition: Condition) -> str:
        field: Any = render_path(condition.path)
        if condition.side is not _OWN_SIDE[self.kind]:
            field = _FIELDS[condition.side] % {"field": field}
        values = _shown_values(condition)
        told = str(_SENTENCES[condition.operator] % {"field": field, **values})
        if condition.type_number is None:
            return told
        name = self.type_name(condition.type_number)
        return _("%(condition)s, of the type %(name)s") % {"condition": told, "name": name}

    def related(self, tree: Related) -> str:
        if tree.where is not None:
            return self.related_where(tree, tree.where)
        related_to = _people_label if self.kind is Kind.OBJECTS else _objects_label
        if tree.at_least == tree.at_most and tree.at_most is not None:
            return _("related to exactly %(count)s") % {"count": related_to(tree.at_most)}
        told = []
        if tree.at_least is not None:
            told.append(_("related to at least %(count)s") % {"count": related_to(tree.at_least)})
        if tree.at_most is not None:
            told.append(_("related to at most %(count)s") % {"count": related_to(tree.at_most)})
        return _(" and ").join(told)

    def related_where(self, tree: Related, where: Filter) -> str:
        inner = _Words(Kind.RELATIONSHIPS, self.type_names, self.segment_names)
        told = inner.tell(where)
        if tree.at_least is not None or tree.at_most is not None:
            lowest = tree.at_least or 0
            highest = "∞" if tree.at_most is None else tree.at_most
            counts = {"lowest": lowest, "highest": highest, "condition": told}
            return _("%(lowest)s to %(highest)s relationships where %(condition)s") % counts
        match where:
            case IsPerson() | IsObject():
                return _("related to %(name)s") % {"name": self.name_of(where)}
            case IsOfType():
                name = self.type_name(where.number)
                return _("related to the type %(name)s") % {"name": name}
            case _:
                return _("a relationship where %(condition)s") % {"condition": told}

    def name_of(self, leaf: IsPerson | IsObject) -> str:
        if isinstance(leaf, IsPerson):
            return str(leaf.key.id or leaf.key.email or leaf.key.cio_id)
        if leaf.in_every_type:
            return str(leaf.key.cio_object_id or leaf.key.object_id)
        names = {"name": leaf.key.object_id, "type": self.type_name(leaf.key.object_type_id)}
        return _("%(name)s of the type %(type)s") % names

    def type_name(self, number: int) -> str:
        return self.type_names.get(number, str(number))


def _people_label(count: int) -> str:
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": count}


def _objects_label(count: int) -> str:
    return ngettext("%(count)s object", "%(count)s objects", count) % {"count": count}


def _shown_values(condition: Condition) -> dict[str, str]:
    value = condition.value
    if isinstance(value, tuple):
        if condition.operator is Operator.BETWEEN:
            return {"value": _shown(value[0]), "to": _shown(value[1])}
        return {"value": _clipped(", ".join(_shown(each) for each in value))}
    if isinstance(value, int) and condition.operator in (Operator.BEFORE, Operator.AFTER):
        return {"value": _shown_instant(value)}
    return {"value": "" if value is None else _shown(value)}


def _shown(value: Scalar) -> str:
    return _clipped(render_cell(value) or '""')


def _clipped(text: str) -> str:
    return text if len(text) <= VALUE_MAX_CHARS else f"{text[: VALUE_MAX_CHARS - 1]}…"


def _shown_instant(seconds: int) -> str:
    instant = datetime.fromtimestamp(seconds, tz=UTC)
    is_day = (instant.hour, instant.minute, instant.second) == (0, 0, 0)
    day = instant.date().isoformat()
    return day if is_day else f"{day} {instant.time().isoformat()} UTC"
