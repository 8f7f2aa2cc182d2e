"""What the page of one object or person is put together from."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier that can be copied."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above every tab of a page."""

    title: str
    kind: str
    kind_link: str
    icon: str
    identifiers: tuple[Identifier, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """One part of a page, an address of its own."""

    title: str
    link: str
    is_active: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """An entry of the page's menu."""

    title: str
    icon: str
    link: str
    is_risky: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A small table below the attributes."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[SafeString | str, ...], ...]


@dataclass(frozen=True, slots=True)
class OtherSide:
    """The person or object at the other end of a relationship."""

    title: str
    link: str = ""
    subtitle: str = ""
    group: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """One relationship seen from the page of its other side."""

    key: int
    other: OtherSide
    attribute_count: int
    attributes: SafeString
    since: SafeString
    edit_link: str


def relate_link(field: str, key: int) -> str:
    """Give the address where relationships are added from this person or object."""
    try:
        address = reverse("admin:relate_start")
    except NoReverseMatch:
        address = reverse("admin:relationships_relationship_add")
    return f"{address}?{urlencode({field: key})}"
