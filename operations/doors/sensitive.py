"""From whom sensitive attributes are hidden: members and keys without the right to see them.

This is the one rule. Whoever may not see an attribute reads a mask in its place
(`operations.masking`), cannot ask for it in a filter (`forbid_hidden`), and cannot set or remove
it (`operations.engine.hidden`): else a filter would tell the value, and a form would lose it.
"""

from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext as _

from operations.doors.current import current_workspace
from operations.doors.rest_access import Caller
from operations.masking import NOTHING_HIDDEN, hidden_names
from operations.models import AttributeKind, AttributeName
from operations.types import HiddenNames
from operations.wire.columns import Kind
from operations.wire.filter_tree import Condition, Filter, Side, leaves_of
from workspaces.models import Workspace
from workspaces.permissions import role_of, sees_sensitive

KIND_OF_SIDE: Final = {
    Side.PERSON: Kind.PEOPLE,
    Side.OBJECT: Kind.OBJECTS,
    Side.RELATIONSHIP: Kind.RELATIONSHIPS,
}
# What every page calls a row by, or sorts it by, cannot be kept from whoever sees the page.
NEVER_SENSITIVE: Final = {
    AttributeKind.PEOPLE: frozenset({"name", "first_name", "last_name", "created_at"}),
    AttributeKind.OBJECTS: frozenset({"name", "created_at"}),
    AttributeKind.RELATIONSHIPS: frozenset({"created_at"}),
}


def hidden_from_member(request: HttpRequest) -> HiddenNames:
    """Give what is hidden from the member who is signed in."""
    workspace = current_workspace(request)
    if workspace is None or role_of(request.user, workspace) is None:
        return NOTHING_HIDDEN
    if sees_sensitive(request.user, workspace):
        return NOTHING_HIDDEN
    return sensitive_names(workspace)


def hidden_from_caller(caller: Caller) -> HiddenNames:
    """Give what is hidden from who calls the REST API."""
    return NOTHING_HIDDEN if caller.sees_sensitive else sensitive_names(caller.workspace)


def sensitive_names(workspace: Workspace) -> HiddenNames:
    """Give the names that are marked; a mark in one object type holds in all of them.

    Lists, filters and the log go across types: a mark that held in one type alone could be read
    around through another.
    """
    marked = AttributeName.objects.filter(workspace=workspace, is_sensitive=True)
    names: dict[str, set[str]] = {kind: set() for kind in AttributeKind.values}
    for kind, name in marked.values_list("kind", "name"):
        names[kind].add(name)
    return HiddenNames(**{kind: frozenset(found) for kind, found in names.items()})


def hidden_of(kind: Kind) -> frozenset[str]:
    """Give the hidden names of the rows of one kind of list."""
    names: frozenset[str] = getattr(hidden_names(), kind.value)
    return names


def hidden_in(tree: Filter) -> Iterator[str]:
    """Give the hidden names that a filter asks for, those about related rows included."""
    if not hidden_names():
        return
    for leaf in leaves_of(tree):
        if isinstance(leaf, Condition) and leaf.identifier is None:
            name = leaf.path[0]
            if name in hidden_of(KIND_OF_SIDE[leaf.side]):
                yield str(name)


def say_hidden(name: str) -> str:
    """Say why a list cannot be asked for an attribute."""
    message = _(
        "%(name)s is sensitive and you may not see it, so nothing can be filtered or sorted by it."
        " A workspace admin can change that."
    )
    return message % {"name": name}


def forbid_hidden(cleaned: dict[str, Any], *, kind: Kind) -> Iterator[tuple[str, str]]:
    """Give the fields of a list's filters that ask for hidden names, each with its message."""
    hidden = hidden_of(kind)
    if tree := cleaned.get("f"):
        for name in dict.fromkeys(hidden_in(tree)):
            yield "f", say_hidden(name)
    if not hidden:
        return
    for name, _wanted in cleaned.get("attribute") or ():
        if name in hidden:
            yield "attribute", say_hidden(name)
    for name in cleaned.get("has_attribute") or ():
        if name in hidden:
            yield "has_attribute", say_hidden(name)
