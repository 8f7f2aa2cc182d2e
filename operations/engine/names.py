"""Which keys may come to name one person within a batch, as its calls change identifiers."""

from collections.abc import Iterable
from typing import TypeAlias

from operations.types import PersonKey

# A person's key in a workspace, with the e-mail as it is compared.
Name: TypeAlias = tuple[int, PersonKey]


def name_of(workspace: int, key: PersonKey) -> Name:
    """Write a key in the form in which it is compared."""
    if key.email is None or key.email.islower():
        return workspace, key
    return workspace, PersonKey(email=key.email.lower())


def group_names(together: Iterable[tuple[Name, ...]]) -> dict[Name, list[Name]]:
    """Join the names that stand in one call, and those that are joined by another call."""
    groups: dict[Name, list[Name]] = {}
    for names in together:
        joined = [groups.setdefault(name, [name]) for name in names]
        largest = max(joined, key=len)
        for other in joined:
            if other is not largest and groups[other[0]] is other:
                largest += other
                groups.update(dict.fromkeys(other, largest))
    return groups
