"""Who may add relationships, and what forged requests meet: an answer, never a crash."""

import pytest
from django.test import Client
from django.urls import reverse

from operations.models import Job
from relationships.models import Draft, Relationship
from tests.relate.conftest import (
    World,
    begin,
    confirm,
    listed,
    make_world,
    ready,
    sign_in,
    start,
    step,
)
from workspaces.models import Role

STEPS = ("people", "type", "objects", "attributes", "review", "done")
FORGED = ["", "abc", "\x00", "-1", "9" * 30, "²", "1.5", "<b>", "1,2"]


def test_admins_may_and_viewers_may_not(author: Client, world: World) -> None:
    draft = ready(author, world)
    viewer, admin = sign_in(world.workspace, Role.VIEWER), sign_in(world.workspace, Role.ADMIN)
    assert admin.get(start()).status_code == 200
    assert viewer.get(start()).status_code == 403
    assert viewer.post(start(), {"step": "people"}).status_code == 403
    for name in STEPS:
        assert viewer.get(step(draft, name)).status_code == 403
        assert viewer.post(step(draft, name), {"go": "confirm"}).status_code == 403


def test_the_list_offers_the_action_to_authors_only(author: Client, world: World) -> None:
    address = reverse("admin:people_person_changelist")
    viewer = sign_in(world.workspace, Role.VIEWER)
    assert b"relate_selected" in author.get(address).content
    assert b"relate_selected" not in viewer.get(address).content
    posted = {"action": "relate_selected", "_selected_action": [world.people[0].pk]}
    viewer.post(address, posted)
    assert not Draft.objects.exists()


def test_a_member_who_lost_the_role_cannot_confirm(world: World) -> None:
    client = sign_in(world.workspace)
    draft = ready(client, world)
    world.workspace.memberships.update(role=Role.VIEWER)
    assert confirm(client, draft).status_code == 403
    assert not Relationship.objects.exists()


def test_another_members_draft_is_not_reachable(author: Client, world: World) -> None:
    draft = ready(author, world)
    other = sign_in(world.workspace)
    for name in STEPS:
        assert other.get(step(draft, name)).status_code == 404
        assert other.post(step(draft, name), {"go": "next"}).status_code == 404
    assert confirm(other, draft).status_code == 404
    assert not Relationship.objects.exists()


def test_strangers_are_asked_to_sign_in(client: Client, world: World) -> None:
    assert "/login/" in client.get(start()).url


def test_keys_of_another_workspace_choose_nothing(author: Client, world: World) -> None:
    elsewhere = make_world()
    draft = begin(author, elsewhere.people)
    assert draft.people["count"] == 0
    begin(author, world.people)
    draft = Draft.objects.latest("pk")
    author.post(step(draft, "type"), {"type": world.companies.number})
    keys = [row.pk for row in elsewhere.objects]
    posted = {"shown": listed(keys), "chosen": keys}
    author.post(step(draft, "objects"), posted)
    draft.refresh_from_db()
    assert draft.chosen_objects["count"] == 0
    page = author.get(start(person=elsewhere.people[0].pk, object=elsewhere.objects[0].pk))
    assert b"Step 1 of 5" in page.content
    assert page.context["draft"].chosen_objects == {}


def test_ids_of_another_workspace_are_not_found(author: Client, world: World) -> None:
    elsewhere = make_world(people=5)
    draft = begin(author, [])
    pasted = f"p4\n{elsewhere.people[0].cio_id}"
    author.post(step(draft, "people"), {"go": "paste", "pasted": pasted})
    draft.refresh_from_db()
    assert draft.people["keys"] == []
    assert draft.people["unknown"] == pasted


@pytest.mark.parametrize("forged", FORGED)
def test_forged_keys_and_buttons_never_crash(author: Client, world: World, forged: str) -> None:
    draft = ready(author, world)
    assert author.get(start(), {"person": forged, "object": forged, "type": forged})
    for name in STEPS:
        for posted in (
            {"go": forged, "shown": forged, "chosen": [forged, forged], "type": forged},
            {"go": f"page:{forged}", "shown": forged},
            {"go": f"drop:{forged}", "q": forged, "f": forged, "created_after": forged},
            {"go": "paste", "pasted": forged},
            {"go": "all", "q": forged, "related_type": forged},
            {"go": f"step:{forged}", "attributes_rows": forged, "attributes": forged},
            {"go": "confirm", "version": forged, "reason": forged},
        ):
            draft = Draft.objects.get(pk=draft.pk)
            response = author.post(step(draft, name), posted, follow=True)
            assert response.status_code in {200, 404}, (name, posted)


@pytest.mark.parametrize("cursor", [*FORGED, f"{'9' * 25}.1", "W3RydWUsMCxbMSwyXV0", "bnVsbA"])
def test_forged_pages_are_the_first_page(author: Client, world: World, cursor: str) -> None:
    draft = begin(author, [])
    page = author.get(step(draft, "people"), {"cursor": cursor})
    assert len(page.context["rows"]) == 3


def test_a_draft_that_nobody_has_gets_a_friendly_page(author: Client, world: World) -> None:
    for key in (1, 10**17, 10**40):
        address = reverse("admin:relate_step", args=[key, "people"])
        page = author.get(address)
        assert page.status_code == 404
        assert b"There is no such draft" in page.content


def test_a_thousand_boxes_fit_into_one_post(author: Client, world: World) -> None:
    keys = [*range(10**9, 10**9 + 1200), world.people[0].pk]
    draft = begin(author, [])
    response = author.post(step(draft, "people"), {"shown": listed(keys), "chosen": keys})
    assert response.status_code == 302


def test_names_are_escaped(author: Client, world: World) -> None:
    from tests.make import make_object, make_person

    evil = "<img src=x onerror=alert(1)>"
    person = make_person(world.workspace, "evil", {"name": evil})
    named = make_object(world.companies, "evil", {"name": evil})
    draft = begin(author, [person])
    author.post(step(draft, "type"), {"type": world.companies.number})
    author.post(step(draft, "objects"), {"chosen": [named.pk]})
    author.post(step(draft, "attributes"), {"attributes": f'{{"{evil}": "{evil}"}}'})
    for name in STEPS[:-1]:
        assert evil.encode() not in author.get(step(draft, name)).content
    draft.refresh_from_db()
    confirm(author, draft)
    assert Job.objects.get().done == 1


def test_filters_too_long_for_an_address_are_told(author: Client, world: World) -> None:
    draft = begin(author, [])
    posted = {"go": "search", "attribute": [f'name:"{"x" * 100}"'] * 20}
    response = author.post(step(draft, "people"), posted, follow=True)
    assert b"too long for an address" in response.content
