"""The steps that add relationships, from the first page to the pairs."""

import pytest
from django.test import Client
from django.urls import reverse

from operations.doors.changelist import TYPES_IN_NAVIGATION
from operations.models import Activity, ChangeSet, Job
from relationships.models import Draft, Relationship
from tests.make import make_object, make_person, make_type, make_workspace, relate
from tests.relate.conftest import (
    World,
    begin,
    choose,
    confirm,
    listed,
    ready,
    sign_in,
    start,
    step,
)


def pairs() -> set[tuple[str, str]]:
    return set(Relationship.objects.values_list("person__person_id", "object__object_id"))


def test_looking_at_the_first_step_keeps_nothing(author: Client, world: World) -> None:
    response = author.get(start())
    assert response.status_code == 200
    assert b"Step 1 of 5: Choose people" in response.content
    assert not Draft.objects.exists()


def test_relates_every_chosen_person_to_every_chosen_object(author: Client, world: World) -> None:
    draft = ready(author, world, '{"role": "owner"}')
    page = author.get(step(draft, "review"))
    assert b"Add 6 relationships" in page.content
    response = confirm(author, draft)
    assert response.status_code == 302
    assert len(pairs()) == 6
    assert set(Relationship.objects.values_list("attributes__role", flat=True)) == {"owner"}
    assert ChangeSet.objects.get().rows_created == 6


def test_confirming_leads_to_the_result(author: Client, world: World) -> None:
    draft = ready(author, world)
    response = confirm(author, draft, reason="A fair in May")
    job = Job.objects.get()
    assert response.url == reverse("admin:operations_job_change", args=[job.pk])
    assert author.get(response.url).status_code == 200
    assert job.reason == "A fair in May"
    assert author.get(step(draft, "people")).url == response.url


def test_a_second_click_on_confirm_does_nothing_more(author: Client, world: World) -> None:
    draft = ready(author, world)
    first = confirm(author, draft)
    second = confirm(author, draft)
    assert second.status_code == 302
    assert first.url == second.url
    assert ChangeSet.objects.count() == Job.objects.count() == 1


def test_the_same_flow_again_changes_nothing(author: Client, world: World) -> None:
    confirm(author, ready(author, world, '{"role": "owner"}'))
    before = Activity.objects.count()
    draft = ready(author, world, '{"role": "owner"}')
    page = author.get(step(draft, "review"))
    assert b"Nothing to do" in page.content
    assert b'value="confirm">Add' not in page.content
    confirm(author, draft)
    assert Relationship.objects.count() == 6
    assert Activity.objects.count() == before


def test_the_review_tells_new_pairs_from_changing_and_unchanged_ones(
    author: Client, world: World
) -> None:
    relate(world.people[0], world.objects[0], {"role": "owner"})
    relate(world.people[1], world.objects[0], {"role": "guest", "since": 2020})
    draft = ready(author, world, '{"role": "owner"}')
    page = author.get(step(draft, "review"))
    effect = page.context["foreseen"].effect
    assert (effect.created, effect.changing, effect.unchanged) == (4, 1, 1)
    assert b"Add 4 and change 1 relationships" in page.content
    confirm(author, draft)
    changed = Relationship.objects.get(person=world.people[1], object=world.objects[0])
    assert changed.attributes == {"role": "owner", "since": 2020}


def test_boxes_survive_searching_and_paging(author: Client, world: World) -> None:
    first, second, third = world.people
    draft = begin(author, [first])
    choose(author, draft, "people", [second], go="search")
    author.post(step(draft, "people"), {"shown": listed([first.pk, third.pk]), "go": "search"})
    draft.refresh_from_db()
    assert draft.people["keys"] == [second.pk]
    assert draft.people["count"] == 1


def test_a_search_keeps_the_words_in_the_address(author: Client, world: World) -> None:
    response = author.post(start(), {"step": "people", "go": "search", "q": "Person 1"})
    page = author.get(response.url)
    assert "q=Person+1" in response.url
    assert [row.title for row in page.context["rows"]] == ["Person 1"]


def test_a_filter_narrows_the_list_and_can_be_taken_away(author: Client, world: World) -> None:
    relate(world.people[0], world.objects[0])
    posted = {"step": "people", "go": "add:without_relationships"}
    response = author.post(start(), posted)
    assert len(author.get(response.url).context["rows"]) == 2
    posted = {"go": "drop:without_relationships", "without_relationships": "true"}
    response = author.post(response.url.partition("?")[0], posted)
    assert len(author.get(response.url).context["rows"]) == 3


def test_a_filter_that_cannot_be_read_says_so(author: Client, world: World) -> None:
    draft = begin(author, [])
    page = author.get(step(draft, "people"), {"created_after": "yesterday"})
    assert b"write Unix seconds" in page.content
    assert page.context["rows"] == []


def test_pages_follow_each_other_without_gaps(author: Client, world: World) -> None:
    for number in range(60):
        make_person(world.workspace, f"more-{number}")
    seen: list[int] = []
    address = start()
    page = author.get(address)
    while True:
        seen += [row.key for row in page.context["rows"]]
        token = page.context["listing"].next_token
        if not token:
            break
        response = author.post(address, {"step": "people", "go": f"page:{token}"})
        address = response.url.partition("?")[0]
        page = author.get(response.url)
    assert len(seen) == len(set(seen)) == 63
    token = page.context["listing"].previous_token
    response = author.post(address, {"go": f"page:{token}"})
    assert [row.key for row in author.get(response.url).context["rows"]] == seen[:50]


def test_one_person_is_asked_for_type_and_objects_only(author: Client, world: World) -> None:
    page = author.get(start(person=world.people[0].pk))
    assert b"Step 2 of 5: Choose an object type" in page.content
    posted = {"step": "type", "type": world.companies.number}
    response = author.post(start(person=world.people[0].pk), posted)
    assert "/objects/" in response.url
    draft = Draft.objects.get()
    assert "/attributes/" in choose(author, draft, "objects", world.objects).url


def test_one_object_is_asked_for_people_only(author: Client, world: World) -> None:
    address = start(object=world.objects[0].pk)
    assert b"Step 1 of 5: Choose people" in author.get(address).content
    keys = [world.people[0].pk]
    response = author.post(address, {"step": "people", "chosen": keys})
    assert "/attributes/" in response.url
    assert Draft.objects.get().type_number == world.companies.number


def test_the_only_type_is_not_asked_for(db: None) -> None:
    workspace = make_workspace()
    make_object(make_type(workspace))
    person = make_person(workspace)
    page = sign_in(workspace).get(start(person=person.pk))
    assert b"Step 3 of 5: Choose objects" in page.content


def test_another_type_clears_the_chosen_objects(author: Client, world: World) -> None:
    draft = ready(author, world)
    author.post(step(draft, "type"), {"type": world.companies.number + 1})
    draft.refresh_from_db()
    assert draft.chosen_objects["count"] == 0


def test_nothing_chosen_is_told_beside_the_list(author: Client, world: World) -> None:
    response = author.post(start(), {"step": "people", "go": "next"})
    page = author.get(response.url)
    assert b"Select at least one person" in page.content


def test_no_type_chosen_is_told_beside_the_types(author: Client, world: World) -> None:
    draft = begin(author, world.people)
    page = author.post(step(draft, "type"), {"go": "next"})
    assert b"Choose an object type." in page.content


def test_steps_out_of_turn_lead_to_what_is_missing(author: Client, world: World) -> None:
    draft = begin(author, world.people)
    assert author.get(step(draft, "review")).url == step(draft, "type")
    assert author.get(step(draft, "nonsense")).url == step(draft, "type")


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ('{"role": ', b"not valid JSON at line 1"),
        ("[1]", b"must be a JSON object"),
        ('{"role": "a\\u0000b"}', b"NUL"),
        ('{"big": "%s"}' % ("x" * 102_400), b"102,400"),
    ],
)
def test_bad_attributes_are_told_and_kept(
    author: Client, world: World, attributes: str, problem: bytes
) -> None:
    draft = ready(author, world)
    page = author.post(step(draft, "attributes"), {"attributes": attributes, "go": "next"})
    assert page.status_code == 200
    assert problem in page.content
    assert attributes[:9].replace('"', "&quot;").encode() in page.content
    draft.refresh_from_db()
    assert draft.attributes == {}


def test_a_version_from_another_tab_has_to_be_reviewed_again(author: Client, world: World) -> None:
    draft = ready(author, world)
    choose(author, draft, "people", [], go="none")
    choose(author, draft, "people", world.people[:1])
    page = confirm(author, draft)
    assert b"changed in another tab" in page.content
    assert b"Add 2 relationships" in page.content
    assert not Relationship.objects.exists()


def test_people_deleted_meanwhile_lead_back_to_their_step(author: Client, world: World) -> None:
    draft = ready(author, world)
    draft.people["keys"] = [10**15]
    draft.save()
    response = author.get(step(draft, "review"))
    assert response.url == step(draft, "people")
    assert b"deleted meanwhile" in author.get(response.url).content


def test_too_many_pairs_are_told_in_words(author: Client, world: World, settings) -> None:
    settings.RELATE_MAX_PAIRS = 5
    draft = ready(author, world)
    page = author.get(step(draft, "review"))
    assert b"more than the 5 pairs" in page.content
    assert confirm(author, draft).status_code == 200
    assert not Relationship.objects.exists()


def test_a_reason_that_is_too_long_is_told_beside_the_field(author: Client, world: World) -> None:
    draft = ready(author, world)
    page = confirm(author, draft, reason="x" * 501)
    assert b"at most 500 characters" in page.content
    assert b"x" * 501 in page.content
    assert not Relationship.objects.exists()


def test_a_draft_whose_job_never_began_can_begin(author: Client, world: World) -> None:
    """The server may stop between the two writes of a confirmation."""
    draft = ready(author, world)
    confirm(author, draft)
    job = Job.objects.get()
    again = ready(author, world)
    stopped = Job.objects.create(
        workspace=world.workspace,
        kind="relate",
        actor=job.actor,
        parameters=job.parameters | {"draft": again.pk},
        total=6,
        weight=6,
        created_at=job.created_at,
    )
    Draft.objects.filter(pk=again.pk).update(started_at=job.created_at, job_id=stopped.pk)
    address = reverse("admin:operations_job_change", args=[stopped.pk])
    assert author.get(address).url == step(again, "review")
    assert b"has not begun yet" in author.get(step(again, "review")).content
    assert author.post(step(again, "review")).url == address
    stopped.refresh_from_db()
    assert stopped.state == Job.State.DONE


def active_entries(response: object) -> list[str]:
    """Give the titles of the marked entries of the navigation."""
    groups = response.context["sidebar_navigation"]  # type: ignore[attr-defined]
    return [entry["title"] for group in groups for entry in group["items"] if entry["active"]]


def test_the_navigation_marks_what_a_step_is_about(author: Client, world: World) -> None:
    draft = ready(author, world)
    marked = {
        name: active_entries(author.get(step(draft, name)))
        for name in ("people", "type", "objects", "attributes", "review")
    }
    assert marked.pop("people") == ["People"]
    assert set(map(tuple, marked.values())) == {("Companies",)}
    assert active_entries(author.get(start())) == ["People"]


def test_the_navigation_marks_all_objects_where_there_are_too_many_types(
    author: Client, world: World
) -> None:
    for number in range(TYPES_IN_NAVIGATION + 1):
        make_type(world.workspace, f"Type {number}")
    draft = ready(author, world)
    assert active_entries(author.get(step(draft, "objects"))) == ["Custom objects"]
