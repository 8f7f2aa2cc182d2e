"""Choosing many: all that match, pasted lists, what lists of people and objects hand over."""

import pytest
from django.test import Client
from django.urls import reverse

from operations.models import Job
from operations.tasks import maintain
from relationships.choice import KEYS_MAX
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

PEOPLE = "admin:people_person_changelist"
OBJECTS = "admin:objects_object_changelist"


def press(client: Client, draft: Draft, go: str, **posted: object) -> Draft:
    client.post(step(draft, "people"), {"go": go, **posted})
    draft.refresh_from_db()
    return draft


def test_all_that_match_are_kept_as_the_filter_and_a_bound(author: Client, world: World) -> None:
    draft = begin(author, [])
    relate(world.people[0], world.objects[0])
    press(author, draft, "all", without_relationships="true")
    assert draft.people["query"] == "without_relationships=true"
    assert draft.people["keys"] == []
    assert draft.people["count"] == 2
    assert draft.people["up_to"] == world.people[-1].pk


def test_rows_added_after_selecting_all_are_left_out(author: Client, world: World) -> None:
    draft = press(author, begin(author, []), "all")
    make_person(world.workspace, "late")
    author.post(step(draft, "type"), {"type": world.companies.number})
    choose(author, draft, "objects", world.objects[:1])
    draft.refresh_from_db()
    confirm(author, draft)
    assert Relationship.objects.count() == 3
    assert not Relationship.objects.filter(person__person_id="late").exists()


def test_a_row_can_be_taken_out_of_all_and_put_back(author: Client, world: World) -> None:
    draft = press(author, begin(author, []), "all")
    shown = listed([row.pk for row in world.people])
    rest = [row.pk for row in world.people[1:]]
    press(author, draft, "search", shown=shown, chosen=rest)
    assert (draft.people["without"], draft.people["count"]) == ([world.people[0].pk], 2)
    page = author.get(step(draft, "people"))
    assert [row.is_chosen for row in page.context["rows"]] == [True, True, False]
    everyone = [row.pk for row in world.people]
    press(author, draft, "search", shown=shown, chosen=everyone)
    assert (draft.people["without"], draft.people["count"]) == ([], 3)


def test_relating_people_without_relationships_reaches_all_of_them(
    author: Client, world: World
) -> None:
    """The first relationship of each makes the filter find one less."""
    for number in range(20):
        make_person(world.workspace, f"more-{number}")
    draft = press(author, begin(author, []), "all", without_relationships="true")
    author.post(step(draft, "type"), {"type": world.companies.number})
    posted = {"go": "all", "without_relationships": "true"}
    author.post(step(draft, "objects"), posted)
    draft.refresh_from_db()
    confirm(author, draft)
    assert Relationship.objects.count() == 23 * 2


def test_a_pasted_list_is_looked_up_and_what_is_unknown_stays(
    author: Client, world: World
) -> None:
    text = "p0\r\nP1@EXAMPLE.com\r\n\r\nnobody\r\np2, ghost;p0\r\n"
    draft = press(author, begin(author, []), "paste", pasted=text)
    assert sorted(draft.people["keys"]) == sorted(row.pk for row in world.people)
    assert draft.people["count"] == 3
    assert draft.people["unknown"] == "nobody\nghost"
    page = author.get(step(draft, "people"))
    assert b"nobody\nghost</textarea>" in page.content


def test_objects_are_pasted_by_id_within_the_type(author: Client, world: World) -> None:
    courses = world.workspace.object_types.get(name="Courses")
    make_object(courses, "c1")
    draft = begin(author, world.people)
    author.post(step(draft, "type"), {"type": world.companies.number})
    posted = {"go": "paste", "pasted": f"c1\n{world.objects[0].cio_object_id}"}
    author.post(step(draft, "objects"), posted)
    draft.refresh_from_db()
    assert sorted(draft.chosen_objects["keys"]) == sorted(row.pk for row in world.objects)


def test_pasting_twice_counts_once(author: Client, world: World) -> None:
    draft = begin(author, world.people[:1])
    press(author, draft, "paste", pasted="p0\np1")
    press(author, draft, "paste", pasted="p0\np1")
    assert draft.people["count"] == 2


def test_more_keys_than_a_draft_holds_are_told_and_kept(
    author: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relationships.relate_choosing.KEYS_MAX", 1)
    draft = press(author, begin(author, []), "paste", pasted="p0\np1")
    assert draft.people["keys"] == []
    assert draft.people["unknown"] == "p0\np1"
    assert b"cannot be selected one by one" in author.get(step(draft, "people")).content


def test_a_thousand_keys_take_the_statements_of_three(
    author: Client, world: World, statements
) -> None:
    """The keys travel as one parameter, and no row of the list asks for anything."""

    def run(keys: list[int]) -> list[int]:
        draft = begin(author, [])
        with statements() as posting:
            press(author, draft, "paste", pasted="p0\np1\np2")
        draft.people |= {"keys": keys, "count": len(keys)}
        draft.type_number = world.companies.number
        draft.chosen_objects = {"keys": [row.pk for row in world.objects], "count": 2}
        draft.save()
        counts = [len(posting)]
        for name in ("people", "type", "objects", "attributes", "review"):
            with statements() as run:
                assert author.get(step(draft, name)).status_code == 200
            counts.append(len(run))
        return counts

    few = run([row.pk for row in world.people])
    many = run([row.pk for row in world.people] + list(range(10**9, 10**9 + KEYS_MAX)))
    assert few == many


@pytest.mark.parametrize("across", ["0", "1"])
def test_the_list_of_people_hands_over_its_choice(
    author: Client, world: World, across: str
) -> None:
    posted = {
        "action": "relate_selected",
        "_selected_action": [world.people[0].pk, world.people[1].pk],
        "select_across": across,
    }
    response = author.post(reverse(PEOPLE), posted)
    draft = Draft.objects.get()
    assert response.url == step(draft, "type")
    assert draft.people["count"] == (3 if across == "1" else 2)


def test_the_list_of_objects_hands_over_its_filter_and_type(author: Client, world: World) -> None:
    relate(world.people[0], world.objects[0])
    number = world.companies.number
    posted = {
        "action": "relate_selected",
        "_selected_action": [world.objects[1].pk],
        "select_across": "1",
    }
    address = f"{reverse(OBJECTS)}?object_type={number}&without_relationships=true"
    response = author.post(address, posted)
    draft = Draft.objects.get()
    assert response.url == step(draft, "people")
    assert draft.type_number == number
    assert draft.chosen_objects["count"] == 1
    choose(author, draft, "people", world.people)
    draft.refresh_from_db()
    confirm(author, draft)
    assert Relationship.objects.filter(object=world.objects[1]).count() == 3


def test_objects_of_two_types_cannot_be_related_at_once(author: Client, world: World) -> None:
    course = make_object(make_type(world.workspace, "Books"))
    posted = {
        "action": "relate_selected",
        "_selected_action": [world.objects[0].pk, course.pk],
    }
    page = author.post(reverse(OBJECTS), posted, follow=True)
    assert b"Choose objects of one type" in page.content
    assert not Draft.objects.exists()


def test_more_than_a_thousand_pairs_go_to_the_background(author: Client, world: World) -> None:
    for number in range(40):
        make_person(world.workspace, f"more-{number}")
        make_object(world.companies, f"more-{number}")
    relate(world.people[0], world.objects[0], {"role": "owner"})
    relate(world.people[1], world.objects[0], {"role": "guest"})
    draft = press(author, begin(author, []), "all")
    author.post(step(draft, "type"), {"type": world.companies.number})
    author.post(step(draft, "objects"), {"go": "all"})
    posted = {"attributes": '{"role": "owner", "since": 2020}'}
    author.post(step(draft, "attributes"), posted)
    draft.refresh_from_db()
    page = author.get(step(draft, "review"))
    effect = page.context["foreseen"].effect
    assert (effect.created, effect.changing, effect.unchanged) == (43 * 42 - 2, 2, 0)
    assert b"in the background" in page.content
    confirm(author, draft)
    job = Job.objects.get()
    assert job.total == 43 * 42
    assert job.is_unfinished
    assert Relationship.objects.count() == 2


def test_lists_in_attributes_leave_only_a_bound(author: Client, world: World) -> None:
    for number in range(600):
        make_person(world.workspace, f"more-{number}")
    relate(world.people[0], world.objects[0])
    draft = press(author, begin(author, []), "all")
    author.post(step(draft, "type"), {"type": world.companies.number})
    author.post(step(draft, "objects"), {"go": "all"})
    author.post(step(draft, "attributes"), {"attributes": '{"tags": ["a"]}'})
    page = author.get(step(draft, "review"))
    assert page.context["foreseen"].effect.changing is None
    assert b"attributes may change" in page.content


def test_old_drafts_are_cleared_by_the_upkeep(author: Client, world: World) -> None:
    old, young = begin(author, world.people), begin(author, world.people)
    Draft.objects.filter(pk=old.pk).update(updated_at="2020-01-01T00:00:00Z")
    maintain.call()
    assert list(Draft.objects.values_list("pk", flat=True)) == [young.pk]


def test_an_expired_draft_starts_anew_with_what_it_knows(author: Client, world: World) -> None:
    draft = ready(author, world, '{"role": "owner"}')
    Draft.objects.filter(pk=draft.pk).update(updated_at="2020-01-01T00:00:00Z")
    page = author.get(step(draft, "objects"))
    assert page.status_code == 410
    assert b"This draft has expired" in page.content
    response = author.post(step(draft, "objects"))
    fresh = Draft.objects.latest("pk")
    assert fresh.pk != draft.pk
    assert response.url == step(fresh, "attributes")
    assert fresh.attributes == {"role": "owner"}


def test_an_empty_workspace_says_what_to_do_next(db: None) -> None:
    workspace = make_workspace()
    client = sign_in(workspace)
    assert b"No people yet" in client.get(start()).content
    person = make_person(workspace)
    assert b"No object types yet" in client.get(start(person=person.pk)).content
    make_type(workspace, "Companies")
    assert b"No Companies yet" in client.get(start(person=person.pk)).content


def test_the_condition_builder_filters_and_its_chip_takes_it_away(
    author: Client, world: World
) -> None:
    make_person(world.workspace, "gold", {"name": "Gold", "plan": "gold"})
    draft = begin(author, [])
    row = {"subject": "attribute", "name": "plan", "operator": "eq", "value": "gold", "to": ""}
    posted = {f"f.{name}": value for name, value in row.items()}
    posted |= {"go": "search", "f.apply": "1", "f.join": "all", "f.group": "0"}
    response = author.post(step(draft, "people"), posted)
    page = author.get(response.url)
    assert [row.title for row in page.context["rows"]] == ["Gold"]
    chip = page.context["chips"][0]
    assert "plan" in chip.label
    posted = {"go": chip.command, "f": page.context["builder"].text}
    response = author.post(step(draft, "people"), posted)
    assert len(author.get(response.url).context["rows"]) == 4
