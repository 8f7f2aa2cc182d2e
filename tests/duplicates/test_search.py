"""Which people are likely to be one, in the same words on both databases."""

from collections.abc import Callable

import pytest

from people.duplicate_search import dismiss, find_duplicates, start_search, without_dismissed
from people.models import DuplicateGroup, DuplicateSearch, Person
from tests.make import make_person, make_workspace
from workspaces.models import Workspace

Rule = DuplicateGroup.Rule


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


def search(workspace: Workspace) -> list[tuple[tuple[str, ...], set[str]]]:
    start_search(workspace, actor="ann")
    groups = DuplicateGroup.objects.filter(workspace=workspace).order_by("pk")
    names = dict(Person.objects.values_list("pk", "person_id"))
    return [(tuple(group.rules), {names[key] for key in group.people}) for group in groups]


def test_finds_an_email_with_a_plus_and_with_dots(workspace: Workspace) -> None:
    make_person(workspace, "a", email="Ann.Lee@example.com")
    make_person(workspace, "b", email="annlee+news@example.com")
    make_person(workspace, "c", email="annlee@example.org")
    make_person(workspace, "d", email="+@example.com")
    assert search(workspace) == [((Rule.EMAIL,), {"a", "b"})]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+49 (30) 901-820", "004930901820"),
        ("030 90 18 20", "030/901820"),
        (4930901820, "4930901820"),
    ],
)
def test_finds_a_phone_number_written_differently(
    workspace: Workspace, one: str | int, other: str | int
) -> None:
    make_person(workspace, "a", {"phone": one})
    make_person(workspace, "b", {"phone": other})
    assert search(workspace) == [((Rule.PHONE,), {"a", "b"})]


@pytest.mark.parametrize("phone", ["unknown", "123456", ["4930901820"], {"n": 1234567}, True])
def test_leaves_out_what_is_no_phone_number(workspace: Workspace, phone: object) -> None:
    make_person(workspace, "a", {"phone": phone})
    make_person(workspace, "b", {"phone": phone})
    assert search(workspace) == []


def test_finds_a_name_with_the_domain_of_the_email(workspace: Workspace) -> None:
    make_person(workspace, "a", {"name": "Ann Lee"}, email="ann@example.com")
    make_person(workspace, "b", {"name": "ANN lee"}, email="lee@example.com")
    make_person(workspace, "c", {"name": "Ann Lee"}, email="ann@example.org")
    make_person(workspace, "d", {"name": "Ann Lee"})
    assert search(workspace) == [((Rule.NAME,), {"a", "b"})]


def test_both_databases_fold_the_same_letters(workspace: Workspace) -> None:
    make_person(workspace, "a", {"name": "ÉMILE Zola"}, email="e@example.com")
    make_person(workspace, "b", {"name": "émile Zola"}, email="z@example.com")
    assert search(workspace) == []


def test_a_group_that_two_rules_find_stands_once(workspace: Workspace) -> None:
    make_person(workspace, "a", {"name": "Ann", "phone": "4930901820"}, email="a.n@example.com")
    make_person(workspace, "b", {"name": "Ann", "phone": "4930901820"}, email="an@example.com")
    assert search(workspace) == [((Rule.EMAIL, Rule.PHONE, Rule.NAME), {"a", "b"})]


def test_another_workspace_is_not_looked_at(workspace: Workspace) -> None:
    make_person(workspace, "a", {"phone": "4930901820"})
    make_person(make_workspace(), "b", {"phone": "4930901820"})
    assert search(workspace) == []


def test_keeps_the_first_of_a_shared_value_and_how_many_there_are(workspace: Workspace) -> None:
    for number in range(25):
        make_person(workspace, f"p{number}", {"phone": "4930901820"})
    [(_rules, people)] = search(workspace)
    assert len(people) == 20
    assert DuplicateGroup.objects.get().size == 25


def test_who_was_dismissed_is_remembered_by_the_next_search(workspace: Workspace) -> None:
    keys = [make_person(workspace, name, {"phone": "4930901820"}).pk for name in "abc"]
    search(workspace)
    dismiss(DuplicateGroup.objects.get(), keys[2])
    assert search(workspace) == [((Rule.PHONE,), {"a", "b"})]
    dismiss(DuplicateGroup.objects.get(), keys[0])
    assert search(workspace) == []


def test_only_who_is_apart_from_everybody_is_left_out() -> None:
    assert without_dismissed([1, 2, 3], {(1, 2)}) == [1, 2, 3]
    assert without_dismissed([1, 2, 3], {(1, 2), (1, 3)}) == [2, 3]
    assert without_dismissed([1, 2], {(1, 2)}) == []


def test_a_large_workspace_waits_for_the_worker(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("people.duplicate_search.AT_ONCE_MAX_PEOPLE", 1)
    make_person(workspace, "a", {"phone": "4930901820"})
    make_person(workspace, "b", {"phone": "4930901820"})
    assert search(workspace) == []
    found = DuplicateSearch.objects.get()
    assert (found.state, found.found_at) == (DuplicateSearch.State.RUNNING, None)
    find_duplicates.call(workspace=workspace.pk)
    assert DuplicateGroup.objects.count() == 1
    found.refresh_from_db()
    assert found.state == DuplicateSearch.State.DONE


def test_a_search_takes_as_many_statements_for_many_as_for_few(
    workspace: Workspace, statements: Callable
) -> None:
    for number in range(2):
        make_person(workspace, f"a{number}", {"phone": "4930901820"})
    with statements() as few:
        start_search(workspace, actor="ann")
    for number in range(30):
        make_person(workspace, f"b{number}", {"phone": f"49309018{number // 2:02}0"})
    with statements() as many:
        start_search(workspace, actor="ann")
    assert len(many) <= len(few)
