"""A call whose dedup key was applied before has no second effect."""

from operations.engine import apply, apply_stream, preview
from operations.models import Activity, SeenMessage
from operations.results import Status
from operations.types import Call, EventKind, IdentifyObject, ObjectKey, PersonKey, RecordEvent
from tests.engine.state import rows_of, whole_database
from tests.make import origin
from workspaces.models import Workspace


def purchase(workspace: Workspace, key: str | None, name: str = "purchase") -> Call:
    operation = RecordEvent(PersonKey(id="ada"), EventKind.EVENT, name)
    return Call(origin(workspace), (operation,), dedup_key=key)


def events() -> list[str | None]:
    rows = Activity.objects.filter(kind="event").order_by("pk")
    return list(rows.values_list("name", flat=True))


def test_a_key_repeated_in_a_batch_counts_once(workspace: Workspace) -> None:
    calls = [
        purchase(workspace, "a", "first"),
        purchase(workspace, "a", "again"),
        purchase(workspace, "b", "other"),
    ]
    statuses = [outcome.status for outcome in apply(calls).outcomes]
    assert statuses == [Status.CREATED, Status.DUPLICATE, Status.CREATED]
    assert events() == ["first", "other"]


def test_a_key_repeated_later_changes_nothing(workspace: Workspace) -> None:
    apply([purchase(workspace, "a")])
    before = whole_database()
    assert apply([purchase(workspace, "a")]).outcomes[0].status is Status.DUPLICATE
    assert whole_database() == before


def test_a_key_repeated_in_a_later_chunk_counts_once(workspace: Workspace) -> None:
    calls = (purchase(workspace, f"message {number % 3_000}") for number in range(6_000))
    counts = apply_stream(calls)
    assert (counts[Status.CREATED], counts[Status.DUPLICATE]) == (3_000, 3_000)
    assert SeenMessage.objects.count() == 3_000


def test_calls_without_a_key_are_never_duplicates(workspace: Workspace) -> None:
    statuses = [outcome.status for outcome in apply([purchase(workspace, None)] * 2).outcomes]
    assert statuses == [Status.CREATED, Status.CREATED]


def test_a_refused_call_does_not_use_up_its_key(workspace: Workspace) -> None:
    bad = IdentifyObject(ObjectKey("acme", 9), {"name": "Acme"})
    good = IdentifyObject(ObjectKey("acme"), {"name": "Acme"})
    calls = [Call(origin(workspace), (one,), dedup_key="a") for one in (bad, good)]
    statuses = [outcome.status for outcome in apply(calls).outcomes]
    assert statuses == [Status.REFUSED, Status.CREATED]
    assert len(rows_of(workspace)["objects"]) == 1


def test_the_preview_knows_duplicates_and_keeps_no_key(workspace: Workspace) -> None:
    apply([purchase(workspace, "a")])
    calls = [purchase(workspace, "a"), purchase(workspace, "b"), purchase(workspace, "b")]
    statuses = [outcome.status for outcome in preview(calls).outcomes]
    assert statuses == [Status.DUPLICATE, Status.CREATED, Status.DUPLICATE]
    assert apply([purchase(workspace, "b")]).outcomes[0].status is Status.CREATED


def test_keys_are_compared_exactly(workspace: Workspace) -> None:
    calls = [purchase(workspace, key) for key in ("a", "A", "a ", "é", "e\u0301")]
    assert {outcome.status for outcome in apply(calls).outcomes} == {Status.CREATED}
