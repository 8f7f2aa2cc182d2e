"""Likely duplicates among people: found in sets by three rules, and kept until the next search.

A page cannot compare a million people with each other, so a search groups them by a key of each
rule, one statement a rule, and keeps the groups. A small workspace is searched while its member
waits, a large one by the worker; the page says of when its groups are. What people share is not
kept beside them: it would outlive those who are deleted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations, groupby, islice
from operator import itemgetter
from typing import Any, Final, cast

from django.db import transaction
from django.db.models import Case, Count, F, QuerySet, TextField, Value, When, Window
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import (
    Cast,
    Collate,
    Concat,
    Left,
    Lower,
    Replace,
    StrIndex,
    Substr,
)
from django_tasks import task

from operations.doors.counts import read_counts
from operations.doors.deadline import run_within
from operations.doors.origin import read_clock
from operations.engine.database import is_postgresql, run
from people.models import DuplicateGroup, DuplicateSearch, NotDuplicates, Person
from workspaces.models import Workspace

AT_ONCE_MAX_PEOPLE: Final = 20_000
AT_ONCE_SECONDS: Final = 5.0
SEARCH_SECONDS: Final = 900
GROUPS_MAX: Final = 10_000
GROUP_PEOPLE_MAX: Final = 20
_BETWEEN_DIGITS: Final = (" ", "-", "(", ")", ".", "/", "+", "\u00a0")
_PHONE: Final = r"^[0-9]{7,}$"
_ROWS_AT_ONCE: Final = 2_000
State = DuplicateSearch.State
Rule = DuplicateGroup.Rule


@dataclass(slots=True)
class Found:
    """A group while a search goes on: who, how many there are in all, and by which rules."""

    people: list[int]
    size: int
    rules: list[Rule] = field(default_factory=list)


def start_search(workspace: Workspace, *, actor: str) -> DuplicateSearch:
    """Search at once where that is quick, else have the worker do it."""
    asked = {"state": State.RUNNING, "actor": actor, "asked_at": read_clock()}
    search, _is_new = DuplicateSearch.objects.update_or_create(workspace=workspace, defaults=asked)
    if read_counts(workspace.pk).people <= AT_ONCE_MAX_PEOPLE:
        found = run_within(lambda: _collect(workspace.pk), seconds=AT_ONCE_SECONDS)
        if found is not None:
            _keep(search, found)
            return search
    find_duplicates.enqueue(workspace=workspace.pk)
    return search


@task()
def find_duplicates(workspace: int) -> None:
    """Search a large workspace."""
    search = DuplicateSearch.objects.filter(workspace=workspace).first()
    if search is None:
        return
    with transaction.atomic():
        if is_postgresql():
            run("SELECT set_config('statement_timeout', %s, true)", [str(SEARCH_SECONDS * 1000)])
        found = _collect(workspace)
    _keep(search, found)


def without_dismissed(keys: list[int], apart: set[tuple[int, int]]) -> list[int]:
    """Leave out whoever is said to be a duplicate of nobody else in the group."""
    alike = {key for pair in combinations(sorted(keys), 2) if pair not in apart for key in pair}
    return [key for key in keys if key in alike]


def dismissed_among(workspace: int, keys: Iterable[int]) -> set[tuple[int, int]]:
    """Give the pairs of these people that are said not to be duplicates."""
    pairs = NotDuplicates.objects.filter(workspace=workspace, first__in=list(keys))
    return set(pairs.values_list("first", "second"))


def dismiss(group: DuplicateGroup, person: int) -> None:
    """Remember that somebody is not the same person as anybody else in the group."""
    pairs = [sorted((person, other)) for other in group.people if other != person]
    NotDuplicates.objects.bulk_create(
        [
            NotDuplicates(workspace_id=group.workspace_id, first=first, second=second)
            for first, second in pairs
        ],
        ignore_conflicts=True,
    )


def _collect(workspace: int) -> list[Found]:
    """Give the groups of all rules; one that several rules find is given once."""
    pairs = NotDuplicates.objects.filter(workspace=workspace)
    apart = set(pairs.values_list("first", "second"))
    groups: dict[tuple[int, ...], Found] = {}
    for rule, people in _keyed(Person.objects.for_workspace(workspace)):
        for keys, size in _groups_of(people):
            left = without_dismissed(keys, apart)
            if len(left) > 1:
                found = groups.setdefault(tuple(left), Found(left, size - len(keys) + len(left)))
                found.rules.append(rule)
            if len(groups) >= GROUPS_MAX:
                return list(groups.values())
    return list(groups.values())


def _groups_of(people: QuerySet[Any]) -> Iterator[tuple[list[int], int]]:
    """Give those who share a key in one statement: the first of each group, and its size."""
    sharing = Window(Count("pk"), partition_by=[F("shared_key")])
    rows = people.annotate(sharing=sharing).filter(sharing__gt=1).order_by("shared_key", "pk")
    found = rows.values_list("shared_key", "pk", "sharing").iterator(chunk_size=_ROWS_AT_ONCE)
    for _key, members in groupby(found, key=itemgetter(0)):
        first = [(key, size) for _shared, key, size in islice(members, GROUP_PEOPLE_MAX)]
        yield [key for key, _size in first], first[0][1]


def _keyed(people: QuerySet[Person]) -> Iterator[tuple[Rule, QuerySet[Any]]]:
    with_email = people.filter(email_key__contains="@").alias(
        at=StrIndex("email_key", Value("@")),
        local=Left("email_key", F("at") - 1),
        domain=Substr("email_key", cast(Any, F("at"))),
    )
    yield Rule.EMAIL, _by_email(with_email)
    yield Rule.PHONE, _by_phone(people.filter(attributes__has_key="phone"))
    yield Rule.NAME, _by_name(with_email.exclude(name=""))


def _by_email(people: QuerySet[Any]) -> Any:
    """Take away what follows a plus, and the dots."""
    plus = people.alias(plus=StrIndex("local", Value("+")))
    named = Case(
        When(plus__gt=1, then=Left("local", F("plus") - 1)),
        default=F("local"),
        output_field=TextField(),
    )
    without_dots = Replace(named, Value("."), Value(""), output_field=TextField())
    return plus.annotate(shared_key=Concat(without_dots, F("domain"), output_field=TextField()))


def _by_phone(people: QuerySet[Any]) -> Any:
    """Keep the digits; 0049 is +49."""
    digits: Any = Cast(KeyTextTransform("phone", "attributes"), TextField())
    for mark in _BETWEEN_DIGITS:
        digits = Replace(digits, Value(mark), Value(""), output_field=TextField())
    dialled = people.alias(digits=digits)
    number = Case(
        When(digits__startswith="00", then=Substr("digits", 3)),
        default=F("digits"),
        output_field=TextField(),
    )
    return dialled.annotate(shared_key=number).filter(shared_key__regex=_PHONE)


def _by_name(people: QuerySet[Any]) -> Any:
    """Join the name, in lower case as SQLite has it, and the domain of the e-mail."""
    name: Any = Collate("name", "C") if is_postgresql() else F("name")
    key = Concat(Lower(name), F("domain"), output_field=TextField())
    return people.annotate(shared_key=key)


def _keep(search: DuplicateSearch, found: list[Found]) -> None:
    groups = [
        DuplicateGroup(
            workspace_id=search.workspace_id, rules=each.rules, people=each.people, size=each.size
        )
        for each in found
    ]
    with transaction.atomic():
        DuplicateGroup.objects.filter(workspace=search.workspace_id).delete()
        DuplicateGroup.objects.bulk_create(groups, batch_size=_ROWS_AT_ONCE)
        search.state = State.DONE
        search.found_at = read_clock()
        search.is_cut = len(found) >= GROUPS_MAX
        search.save(update_fields=["state", "found_at", "is_cut"])
