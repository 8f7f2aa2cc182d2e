"""The job behind a confirmed draft: its steps, its way on after a crash, what it refuses."""

from itertools import islice

import pytest

from operations.doors import jobs
from operations.doors.jobs import Order, prepare_job, work_on
from operations.engine import apply
from operations.models import Job
from operations.types import DeletePerson, PersonKey
from operations.wire.columns import Kind
from relationships import bulk
from relationships.bulk import Plan, dump_plan, inner_keys, measure, relate_steps, walk_pairs
from relationships.choice import Choice, choose_keys
from relationships.models import Relationship
from tests.make import apply_one, make_object, make_person, origin, relate
from tests.relate.conftest import World

EVERYBODY_UNRELATED = Choice(query="without_relationships=true", up_to=10**9, count=3)


def make_plan(world: World, *, people: Choice | None = None, **attributes: object) -> Plan:
    return Plan(
        workspace=world.workspace.pk,
        people=people or choose_keys([row.pk for row in world.people]),
        objects=choose_keys([row.pk for row in world.objects]),
        type_number=world.companies.number,
        attributes=attributes,
    )


def make_job(plan: Plan) -> Job:
    size = measure(plan)
    order = Order(
        kind="relate",
        workspace=plan.workspace,
        actor="ann",
        title="Relate",
        parameters=dump_plan(plan, size.inner, inner_keys(plan, size)),
        total=size.pairs,
    )
    job = prepare_job(order)
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED)
    job.refresh_from_db()
    return job


def pairs() -> set[tuple[int, int]]:
    return set(Relationship.objects.values_list("person_id", "object_id"))


def every_pair(world: World) -> set[tuple[int, int]]:
    return {(person.pk, named.pk) for person in world.people for named in world.objects}


def test_pairs_come_in_the_order_of_their_keys(world: World) -> None:
    plan = make_plan(world)
    keys = [row.pk for row in world.objects]
    walked = [(pair.person.key, pair.object.key) for pair in walk_pairs(plan, Kind.OBJECTS, keys)]
    assert walked == sorted(every_pair(world))


@pytest.mark.parametrize("inner", [Kind.PEOPLE, Kind.OBJECTS])
@pytest.mark.parametrize("done", range(7))
def test_a_walk_goes_on_from_any_pair(world: World, inner: Kind, done: int) -> None:
    plan = make_plan(world)
    keys = sorted(row.pk for row in (world.people if inner is Kind.PEOPLE else world.objects))
    whole = list(walk_pairs(plan, inner, keys))
    position = whole[done - 1].position if done else ()
    assert list(walk_pairs(plan, inner, keys, position=position)) == whole[done:]


@pytest.mark.parametrize("done", [1, 2, 3, 5])
def test_what_a_killed_worker_left_is_finished(
    world: World, monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    """The filter finds nobody any more who was related before the crash."""
    monkeypatch.setattr(bulk, "_STEP_CALLS", 1)
    plan = make_plan(world, people=EVERYBODY_UNRELATED)
    job = make_job(plan)
    first = list(islice(relate_steps(job, origin(world.workspace)), done))
    for step in first:
        apply(step.calls)
    Job.objects.filter(pk=job.pk).update(position=list(first[-1].position), done=done)
    work_on(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert job.done == 6
    assert pairs() == every_pair(world)


def test_people_deleted_meanwhile_are_refused_and_not_made_again(world: World) -> None:
    job = make_job(make_plan(world))
    steps = relate_steps(job, origin(world.workspace))
    step = next(steps)
    apply_one(world.workspace, DeletePerson(PersonKey(id="p0")))
    outcomes = apply(step.calls).outcomes
    assert [bool(outcome.rejections) for outcome in outcomes] == [True, True] + [False] * 4
    assert step.describe(0).title == "Person 0 · Company 0"
    assert len(pairs()) == 4


def test_the_same_job_twice_changes_nothing(world: World) -> None:
    plan = make_plan(world, role="owner")
    work_on(make_job(plan).pk)
    again = make_job(plan)
    work_on(again.pk)
    again.refresh_from_db()
    assert again.change_set.rows_unchanged == 6
    assert again.change_set.rows_created == again.change_set.rows_updated == 0


def test_large_attributes_make_small_steps(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_STEP_BYTES", 250)
    job = make_job(make_plan(world, text="x" * 100))
    sizes = [len(step.calls) for step in relate_steps(job, origin(world.workspace))]
    assert sizes == [2, 2, 2]


def test_statements_do_not_grow_with_the_pairs(world: World, statements) -> None:
    def count() -> int:
        job = make_job(make_plan(world, people=Choice(query="", up_to=10**9)))
        with statements() as run:
            work_on(job.pk)
        return len(run)

    few = count()
    for number in range(30):
        make_person(world.workspace, f"more-{number}")
    assert count() == few


def test_a_choice_of_all_leaves_out_what_was_taken_out(world: World) -> None:
    taken_out = world.people[0].pk
    people = Choice(query="", up_to=10**9, without=frozenset({taken_out}), count=2)
    work_on(make_job(make_plan(world, people=people)).pk)
    assert pairs() == {pair for pair in every_pair(world) if pair[0] != taken_out}


def test_keys_of_other_types_and_workspaces_are_left_out(world: World) -> None:
    course = make_object(world.workspace.object_types.get(name="Courses"))
    plan = make_plan(world)
    plan = Plan(plan.workspace, plan.people, choose_keys([course.pk]), plan.type_number, {})
    assert measure(plan).pairs == 0


def test_a_kept_relationship_keeps_its_other_attributes(world: World) -> None:
    relate(world.people[0], world.objects[0], {"since": 2020, "role": "guest"})
    work_on(make_job(make_plan(world, role="owner")).pk)
    stored = Relationship.objects.get(person=world.people[0], object=world.objects[0])
    assert stored.attributes == {"since": 2020, "role": "owner"}


def test_the_job_is_known_by_its_name() -> None:
    assert jobs.WORKS["relate"].steps == f"{relate_steps.__module__}.{relate_steps.__name__}"
