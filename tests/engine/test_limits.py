"""Every limit at one below, at, and one above."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from objects.models import Object, ObjectType
from operations.engine import apply
from operations.errors import Reason
from operations.limits import (
    AUTOMATIC_TYPES_MAX,
    CUSTOMERIO_ATTRIBUTES_MAX,
    CUSTOMERIO_NAME_MAX_BYTES,
    CUSTOMERIO_VALUE_MAX_BYTES,
    DEDUP_KEY_MAX_CHARS,
    DEVICE_TOKEN_MAX_CHARS,
    EMAIL_MAX_CHARS,
    EVENT_NAME_MAX_CHARS,
    ICON_MAX_CHARS,
    IDENTIFIER_MAX_CHARS,
    INTEGER_MAX,
    INTEGER_MIN,
    JSON_MAX_DEPTH,
    OBJECT_TYPE_NUMBER_MAX,
    PLATFORM_MAX_CHARS,
    TYPE_NAME_MAX_CHARS,
    UNIX_SECONDS_MAX,
    UNIX_SECONDS_MIN,
)
from operations.results import Outcome, Status
from operations.types import (
    AddDevice,
    Call,
    EventKind,
    Identifiers,
    IdentifyObject,
    IdentifyPerson,
    ObjectKey,
    Operation,
    PersonKey,
    RecordEvent,
    Relate,
    Rules,
    SaveObjectType,
)
from tests.engine.state import whole_database
from tests.make import apply_one, make_type, make_workspace, origin
from workspaces.models import Workspace

ADA = PersonKey(id="ada")
ACME = ObjectKey("acme")


@dataclass(frozen=True)
class TextLimit:
    """A text of limited length, and the operation that carries it."""

    field: str
    limit: int
    operation: Callable[[str], Operation]
    suffix: str = ""

    def text(self, length: int) -> str:
        return "é" * (length - len(self.suffix)) + self.suffix


TEXT_LIMITS = [
    TextLimit("object_id", IDENTIFIER_MAX_CHARS, lambda text: IdentifyObject(ObjectKey(text))),
    TextLimit("id", IDENTIFIER_MAX_CHARS, lambda text: IdentifyPerson(PersonKey(id=text))),
    TextLimit(
        "id",
        IDENTIFIER_MAX_CHARS,
        lambda text: IdentifyPerson(PersonKey(email="a@b.c"), identifiers=Identifiers(id=text)),
    ),
    TextLimit(
        "anonymous_id",
        IDENTIFIER_MAX_CHARS,
        lambda text: IdentifyPerson(PersonKey(anonymous_id=text)),
    ),
    TextLimit(
        "email", EMAIL_MAX_CHARS, lambda text: IdentifyPerson(PersonKey(email=text)), "@b.example"
    ),
    TextLimit(
        "email",
        EMAIL_MAX_CHARS,
        lambda text: IdentifyPerson(ADA, identifiers=Identifiers(email=text)),
        "@b.example",
    ),
    TextLimit("object_id", IDENTIFIER_MAX_CHARS, lambda text: Relate(ADA, ObjectKey(text))),
    TextLimit("name", TYPE_NAME_MAX_CHARS, lambda text: SaveObjectType(name=text)),
    TextLimit(
        "singular_name",
        TYPE_NAME_MAX_CHARS,
        lambda text: SaveObjectType(name="Courses", singular_name=text),
    ),
    TextLimit("icon", ICON_MAX_CHARS, lambda text: SaveObjectType(name="Courses", icon=text)),
    TextLimit("token", DEVICE_TOKEN_MAX_CHARS, lambda text: AddDevice(ADA, text)),
    TextLimit("platform", PLATFORM_MAX_CHARS, lambda text: AddDevice(ADA, "token", text)),
    TextLimit("name", EVENT_NAME_MAX_CHARS, lambda text: RecordEvent(ADA, EventKind.EVENT, text)),
]


@pytest.mark.parametrize("case", TEXT_LIMITS, ids=lambda case: f"{case.field}-{case.limit}")
@pytest.mark.parametrize("below", [1, 0])
def test_a_text_may_be_as_long_as_the_limit(
    workspace: Workspace, case: TextLimit, below: int
) -> None:
    outcome = apply_one(workspace, case.operation(case.text(case.limit - below)))
    assert outcome.status is not Status.REFUSED, outcome.rejections


@pytest.mark.parametrize("case", TEXT_LIMITS, ids=lambda case: f"{case.field}-{case.limit}")
def test_a_text_may_not_be_one_longer(workspace: Workspace, case: TextLimit) -> None:
    before = whole_database()
    outcome = apply_one(workspace, case.operation(case.text(case.limit + 1)))
    assert [(one.reason, one.field) for one in outcome.rejections] == [
        (Reason.TOO_LONG, case.field)
    ]
    assert str(case.limit) in outcome.rejections[0].message
    assert whole_database() == before


@pytest.mark.parametrize(
    ("length", "is_refused"), [(DEDUP_KEY_MAX_CHARS, False), (DEDUP_KEY_MAX_CHARS + 1, True)]
)
def test_dedup_keys_have_a_limit(workspace: Workspace, length: int, is_refused: bool) -> None:
    call = Call(origin(workspace), (IdentifyObject(ACME),), dedup_key="é" * length)
    status = apply([call]).outcomes[0].status
    assert (status is Status.REFUSED) is is_refused


@pytest.mark.parametrize(
    ("number", "is_refused"),
    [
        (0, True),
        (1, False),
        (2, False),
        (OBJECT_TYPE_NUMBER_MAX - 1, False),
        (OBJECT_TYPE_NUMBER_MAX, False),
        (OBJECT_TYPE_NUMBER_MAX + 1, True),
        (-1, True),
        (True, True),
        ("1", True),
        (1.0, True),
    ],
)
def test_type_numbers_have_a_range(workspace: Workspace, number: Any, is_refused: bool) -> None:
    outcome = apply_one(workspace, SaveObjectType(number=number, name="Courses"))
    assert (outcome.status is Status.REFUSED) is is_refused
    if is_refused:
        assert outcome.rejections[0].field == "object_type_id"


def test_a_number_after_the_largest_one_is_refused(workspace: Workspace) -> None:
    apply_one(workspace, SaveObjectType(number=OBJECT_TYPE_NUMBER_MAX, name="Last"))
    outcome = apply_one(workspace, SaveObjectType(name="One more"))
    assert outcome.status is Status.REFUSED


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"deeper": value}
    return value


@pytest.mark.parametrize("levels", [JSON_MAX_DEPTH - 1, JSON_MAX_DEPTH, JSON_MAX_DEPTH + 1])
def test_nesting_has_a_limit(workspace: Workspace, levels: int) -> None:
    # The attributes themselves are the first level.
    outcome = apply_one(workspace, IdentifyObject(ACME, {"value": nested(levels - 1)}))
    assert (outcome.status is Status.REFUSED) is (levels > JSON_MAX_DEPTH)


@pytest.mark.parametrize(
    ("value", "is_refused"),
    [
        (INTEGER_MIN - 1, True),
        (INTEGER_MIN, False),
        (INTEGER_MAX, False),
        (INTEGER_MAX + 1, True),
    ],
)
def test_integers_have_64_bits(workspace: Workspace, value: int, is_refused: bool) -> None:
    outcome = apply_one(workspace, IdentifyObject(ACME, {"value": value}))
    assert (outcome.status is Status.REFUSED) is is_refused


INSTANTS = pytest.mark.parametrize(
    ("second", "is_refused"),
    [
        (UNIX_SECONDS_MIN - 1, True),
        (UNIX_SECONDS_MIN, False),
        (0, False),
        (UNIX_SECONDS_MAX, False),
        (UNIX_SECONDS_MAX + 1, True),
        (10**18, True),
        (1.5, True),
        (True, True),
        ("1700000000", True),
    ],
)


@INSTANTS
def test_created_at_is_an_instant_that_both_databases_keep(
    workspace: Workspace, second: Any, is_refused: bool
) -> None:
    outcome = apply_one(workspace, IdentifyObject(ACME, {"created_at": second}))
    assert (outcome.status is Status.REFUSED) is is_refused
    if is_refused:
        assert [one.field for one in outcome.rejections] == ["attributes.created_at"]
    else:
        row = Object.objects.for_workspace(workspace).get()
        assert row.created_at.timestamp() == second


@INSTANTS
def test_timestamps_are_instants(workspace: Workspace, second: Any, is_refused: bool) -> None:
    outcome = apply_one(workspace, IdentifyObject(ACME, {"name": "Acme"}, at=second))
    assert (outcome.status is Status.REFUSED) is is_refused


def test_calls_make_fifteen_types_at_most(db: None) -> None:
    workspace = make_workspace()
    rules = Rules(creates_types=True)

    def identify(number: int) -> Outcome:
        operation = IdentifyObject(ObjectKey("acme", number))
        return apply([Call(origin(workspace), (operation,), rules)]).outcomes[0]

    statuses = [identify(number).status for number in range(1, AUTOMATIC_TYPES_MAX + 1)]
    assert set(statuses) == {Status.CREATED}
    refused = identify(AUTOMATIC_TYPES_MAX + 1)
    assert [(one.reason, one.field) for one in refused.rejections] == [
        (Reason.TOO_MANY, "object_type_id")
    ]
    assert ObjectType.objects.for_workspace(workspace).count() == AUTOMATIC_TYPES_MAX
    make_type(workspace, "Courses")
    assert ObjectType.objects.for_workspace(workspace).count() == AUTOMATIC_TYPES_MAX + 1


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_the_real_service_limits_values_names_and_their_number(db: None, over: int) -> None:
    workspace = make_workspace(limits="customerio")
    standard = make_workspace()
    for made in (workspace, standard):
        make_type(made, number=1)
    letters = "é" * 10
    at_limit: dict[str, dict[str, Any]] = {
        "value": {"value": letters + "x" * (CUSTOMERIO_VALUE_MAX_BYTES - 20 + over)},
        "name": {letters + "x" * (CUSTOMERIO_NAME_MAX_BYTES - 20 + over): 1},
        # created_at is one of them
        "number": {f"n{n}": n for n in range(CUSTOMERIO_ATTRIBUTES_MAX - 1 + over)},
    }
    for name, attributes in at_limit.items():
        operation = IdentifyObject(ObjectKey(name), attributes)
        assert apply_one(standard, operation).status is Status.CREATED
        status = apply_one(workspace, operation).status
        assert (status is Status.REFUSED) is (over > 0), name
