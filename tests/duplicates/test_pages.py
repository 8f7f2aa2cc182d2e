"""The page of likely duplicates: groups, the way to a merge, and what is dismissed."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from operations.models import AttributeKind, AttributeName
from people.models import DuplicateGroup, NotDuplicates, Person
from tests.make import make_object, make_person, make_type, make_workspace, member, relate
from workspaces.models import Membership, Role, Workspace

PAGE = "/admin/people/duplicates/"


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


def sign_in(workspace: Workspace, role: Role = Role.AUTHOR) -> Client:
    client = Client()
    client.force_login(member(role, workspace))
    return client


def twins(workspace: Workspace, number: int = 0) -> tuple[Person, Person]:
    phone = f"49309018{number:03}"
    return (
        make_person(workspace, f"a{number}", {"phone": phone}),
        make_person(workspace, f"b{number}", {"phone": phone}),
    )


def groups(client: Client, query: str = "") -> list[list[str]]:
    found = client.get(PAGE + query).context["groups"]
    return [[each.person.person_id for each in group.people] for group in found]


def test_says_how_to_begin_and_that_nobody_is_here_twice(workspace: Workspace) -> None:
    client = sign_in(workspace)
    assert "Find people who are here twice" in client.get(PAGE).content.decode()
    client.post(f"{PAGE}search/")
    assert "No likely duplicates" in client.get(PAGE).content.decode()


def test_leads_to_the_preview_of_a_merge_into_who_has_most_relationships(
    workspace: Workspace,
) -> None:
    first, second = twins(workspace)
    relate(second, make_object(make_type(workspace)))
    client = sign_in(workspace)
    client.post(f"{PAGE}search/")
    assert groups(client) == [["b0", "a0"]]
    page = client.get(PAGE).content.decode()
    address = reverse("admin:people_person_merge", args=[second.pk])
    link = f"{address}?other={first.pk}"
    assert link in page
    assert client.get(link).context["kept"] == second


def test_a_merged_pair_is_gone_without_another_search(workspace: Workspace) -> None:
    first, second = twins(workspace)
    client = sign_in(workspace)
    client.post(f"{PAGE}search/")
    address = reverse("admin:people_person_merge", args=[first.pk])
    preview = client.get(f"{address}?other={second.pk}")
    form = {"other": second.pk, "keep": "row", "versions": preview.context["versions"]}
    client.post(address, form)
    assert not Person.objects.filter(pk=second.pk).exists()
    assert groups(client) == []


def test_who_is_dismissed_is_not_shown_again_until_recalled(workspace: Workspace) -> None:
    _first, second = twins(workspace)
    client = sign_in(workspace)
    client.post(f"{PAGE}search/")
    form = {"group": DuplicateGroup.objects.get().pk, "person": second.pk}
    client.post(f"{PAGE}dismiss/", form)
    client.post(f"{PAGE}dismiss/", form)
    assert groups(client) == []
    client.post(f"{PAGE}search/")
    assert groups(client) == []
    assert NotDuplicates.objects.count() == 1
    client.post(f"{PAGE}recall/")
    assert groups(client) == [["a0", "b0"]]


@pytest.mark.parametrize("form", [{}, {"group": "x", "person": "1"}, {"group": "1", "person": ""}])
def test_a_group_that_is_not_there_is_answered_in_words(
    workspace: Workspace, form: dict[str, str]
) -> None:
    answer = sign_in(workspace).post(f"{PAGE}dismiss/", form, follow=True)
    assert "not there any more" in answer.content.decode()


def test_nobody_dismisses_in_another_workspace(workspace: Workspace) -> None:
    _first, second = twins(workspace)
    sign_in(workspace).post(f"{PAGE}search/")
    stranger = sign_in(make_workspace())
    form = {"group": DuplicateGroup.objects.get().pk, "person": second.pk}
    stranger.post(f"{PAGE}dismiss/", form)
    assert not NotDuplicates.objects.exists()
    assert groups(stranger) == []


def test_equal_phone_numbers_are_not_told_to_who_may_not_see_them(workspace: Workspace) -> None:
    twins(workspace)
    sign_in(workspace).post(f"{PAGE}search/")
    AttributeName.objects.create(
        workspace=workspace, kind=AttributeKind.PEOPLE, name="phone", is_sensitive=True
    )
    user = member(Role.VIEWER, workspace)
    client = Client()
    client.force_login(user)
    assert groups(client) == [["a0", "b0"]]
    Membership.objects.filter(user=user).update(sees_sensitive=False)
    assert groups(client) == []
    assert "49309018" not in client.get(PAGE).content.decode()


def test_a_viewer_reads_and_does_nothing(workspace: Workspace) -> None:
    twins(workspace)
    sign_in(workspace).post(f"{PAGE}search/")
    viewer = sign_in(workspace, Role.VIEWER)
    assert groups(viewer) == [["a0", "b0"]]
    page = viewer.get(PAGE).content.decode()
    assert "Merge…" not in page
    for name in ("search", "dismiss", "recall"):
        assert viewer.post(f"{PAGE}{name}/").status_code == 403


def test_goes_from_page_to_page_in_a_fixed_number_of_statements(
    workspace: Workspace, statements: Callable
) -> None:
    twins(workspace, 0)
    client = sign_in(workspace)
    client.post(f"{PAGE}search/")
    groups(client)
    with statements() as few:
        groups(client)
    for number in range(1, 30):
        twins(workspace, number)
    client.post(f"{PAGE}search/")
    groups(client)
    with statements() as many:
        shown = groups(client)
    assert len(shown) == 25
    assert len(many) == len(few)
    link = re.search(r'href="(\?cursor=[^"]+)" rel="next"', client.get(PAGE).content.decode())
    assert link is not None
    assert len(groups(client, link[1])) == 5
