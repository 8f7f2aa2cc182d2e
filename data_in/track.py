"""The doors of the Track API, v1 and v2: a key, a body, one call of the engine, an answer."""

from collections.abc import Callable, Sequence
from typing import Any, Final, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse

from operations.doors.wire_http import (
    UNAUTHORIZED,
    BodyError,
    KeyedView,
    View,
    answer,
    find_key,
    keyed_view,
    origin_of,
    read_body,
    wire_view,
)
from operations.engine import apply, open_change_set
from operations.errors import Reason, Rejection
from operations.limits import BATCH_ITEMS_MAX
from operations.results import Outcome
from operations.types import (
    Call,
    DeleteDevice,
    DeletePerson,
    Door,
    Json,
    Origin,
    Suppress,
    Unsuppress,
)
from operations.wire.track import parse_item
from operations.wire.track_v1 import (
    parse_anonymous_event,
    parse_customer,
    parse_device,
    parse_event,
    parse_form,
    parse_members,
    parse_merge,
    parse_operation,
    parse_report,
    person_of,
)
from operations.wire.track_values import Problem
from workspaces.models import Credential, Workspace

_P = ParamSpec("_P")
# Fields of the engine that name a row: on the wire they stand within `identifiers`.
_NAMING: Final = frozenset({"id", "email", "cio_id", "object_id", "object_type_id"})


def refuse_v1(message: str, status: int) -> HttpResponse:
    """Answer with one error in the shape of v1."""
    return answer({"meta": {"error": message}}, status=status)


def refuse_v2(message: str, status: int) -> HttpResponse:
    """Answer with one error in the shape of v2."""
    return answer({"errors": [_error(Problem("invalid", "body", message))]}, status=status)


def track_v1(*methods: str) -> Callable[[KeyedView[_P]], View[_P]]:
    """Make a view of v1, which is given the key of the caller."""
    return keyed_view(Credential.Kind.TRACK, methods, refuse=refuse_v1)


# Version 1.


@track_v1("GET")
def show_region(request: HttpRequest, key: Credential) -> HttpResponse:
    """Tell where this account lives: here."""
    url = request.build_absolute_uri("/").rstrip("/")
    return answer({"url": url, "region": "us", "environment_id": key.workspace_id})


@track_v1("GET")
def show_auth(request: HttpRequest, key: Credential) -> HttpResponse:
    """Tell that the key is good."""
    return answer({"meta": {"message": "nice credentials."}})


@track_v1("PUT", "POST", "DELETE")
def change_customer(request: HttpRequest, key: Credential, identifier: str) -> HttpResponse:
    """Create, change or delete a person."""
    origin = origin_of(key, Door.TRACK_V1)
    if request.method == "DELETE":
        return _apply_v1(parse_operation(DeletePerson(person_of(identifier)), origin=origin))
    if request.method == "POST":
        _only_as_printed(key)
    return _apply_v1(parse_customer(identifier, read_body(request), origin=origin))


@track_v1("PUT", "POST")
def change_customer_as_printed(
    request: HttpRequest, key: Credential, identifier: str
) -> HttpResponse:
    """Identify a person at an address that only the documentation prints."""
    _only_as_printed(key)
    origin = origin_of(key, Door.TRACK_V1)
    return _apply_v1(parse_customer(identifier, read_body(request), origin=origin))


@track_v1("POST")
def add_event(request: HttpRequest, key: Credential, identifier: str) -> HttpResponse:
    """Record what a person did."""
    origin = origin_of(key, Door.TRACK_V1)
    return _apply_v1(parse_event(identifier, read_body(request), origin=origin))


@track_v1("POST")
def add_event_as_printed(request: HttpRequest, key: Credential, identifier: str) -> HttpResponse:
    """Record an event at an address that only the documentation prints."""
    _only_as_printed(key)
    origin = origin_of(key, Door.TRACK_V1)
    return _apply_v1(parse_event(identifier, read_body(request), origin=origin))


@track_v1("POST")
def add_anonymous_event(request: HttpRequest, key: Credential) -> HttpResponse:
    """Record what somebody did who is not known."""
    origin = origin_of(key, Door.TRACK_V1)
    return _apply_v1(parse_anonymous_event(read_body(request), origin=origin))


@track_v1("PUT")
def add_device(request: HttpRequest, key: Credential, identifier: str) -> HttpResponse:
    """Add a device to a person."""
    origin = origin_of(key, Door.TRACK_V1)
    return _apply_v1(parse_device(identifier, read_body(request), origin=origin))


@track_v1("DELETE")
def delete_device(
    request: HttpRequest, key: Credential, identifier: str, token: str
) -> HttpResponse:
    """Remove a device from a person."""
    operation = DeleteDevice(person_of(identifier), token)
    return _apply_v1(parse_operation(operation, origin=origin_of(key, Door.TRACK_V1)))


@track_v1("POST")
def suppress(request: HttpRequest, key: Credential, identifier: str) -> HttpResponse:
    """Delete a person and block the identifiers."""
    operation = Suppress(person_of(identifier))
    return _apply_v1(parse_operation(operation, origin=origin_of(key, Door.TRACK_V1)))


@track_v1("POST")
def unsuppress(request: HttpRequest, key: Credential, identifier: str) -> HttpResponse:
    """Free blocked identifiers."""
    operation = Unsuppress(person_of(identifier))
    return _apply_v1(parse_operation(operation, origin=origin_of(key, Door.TRACK_V1)))


@track_v1("POST")
def merge_customers(request: HttpRequest, key: Credential) -> HttpResponse:
    """Merge one person into another."""
    return _apply_v1(parse_merge(read_body(request), origin=origin_of(key, Door.TRACK_V1)))


@track_v1("POST")
def change_members(
    request: HttpRequest, key: Credential, segment: str, action: str
) -> HttpResponse:
    """Put people into a manual segment, or take them out of it."""
    found = parse_members(
        int(segment),
        read_body(request),
        request.GET.get("id_type", ""),
        origin=origin_of(key, Door.TRACK_V1),
        removes=action == "remove",
    )
    if isinstance(found, tuple):
        return _refuse_v1(found)
    if not found:
        return answer({})
    outcomes = apply(found).outcomes
    # Unknown people do not matter; a segment that is none concerns every one of them.
    wrong = [
        each for outcome in outcomes for each in outcome.rejections if each.field == "segment"
    ]
    return _refuse_v1([_problem(wrong[0])]) if wrong else answer({})


@track_v1("POST")
def submit_form(request: HttpRequest, key: Credential, form_id: str) -> HttpResponse:
    """Take a submitted form."""
    origin = origin_of(key, Door.TRACK_V1)
    response = _apply_v1(parse_form(form_id, read_body(request), origin=origin))
    return HttpResponse(status=204) if response.status_code == 200 else response  # noqa: PLR2004


@track_v1("POST")
def add_metric(request: HttpRequest, key: Credential) -> HttpResponse:
    """Keep what happened to a message."""
    origin = origin_of(key, Door.TRACK_V1)
    return _apply_v1(parse_report(read_body(request), "metric", origin=origin))


@track_v1("POST")
def add_push_event(request: HttpRequest, key: Credential) -> HttpResponse:
    """Keep what happened to a push message."""
    origin = origin_of(key, Door.TRACK_V1)
    return _apply_v1(parse_report(read_body(request), "push_event", origin=origin))


@wire_view(("POST",), refuse=refuse_v1)
def unsubscribe(request: HttpRequest, delivery_id: str) -> HttpResponse:
    """Take an unsubscription, which needs no key and names no workspace; nothing is kept."""
    read_body(request)
    return answer({})


# Version 2.


@wire_view(("POST",), refuse=refuse_v2)
def take_entity(request: HttpRequest) -> HttpResponse:
    """Apply one item."""
    key = find_key(request, Credential.Kind.TRACK)
    if key is None:
        return refuse_v1(UNAUTHORIZED, 401)
    found = _parse_item(read_body(request), key, origin_of(key, Door.TRACK_V2))
    problems = _problems(found if isinstance(found, tuple) else apply([found]).outcomes[0])
    if problems:
        return answer({"errors": [_error(each) for each in problems]}, status=400)
    return answer({})


@wire_view(("POST",), refuse=refuse_v2)
def take_batch(request: HttpRequest) -> HttpResponse:
    """Apply many items, each by itself: some bad ones leave the others as they are."""
    key = find_key(request, Credential.Kind.TRACK)
    if key is None:
        return refuse_v1(UNAUTHORIZED, 401)
    items = _items(read_body(request))
    origin = origin_of(key, Door.TRACK_V2)
    parsed = [_parse_item(item, key, origin) for item in items]
    calls = [each for each in parsed if isinstance(each, Call)]
    outcomes = iter(_apply_batch(calls, origin))
    errors: list[Json] = []
    refused = 0
    for index, each in enumerate(parsed):
        problems = _problems(each if isinstance(each, tuple) else next(outcomes))
        refused += bool(problems)
        errors += [{"batch_index": index, **_error(problem)} for problem in problems]
    if not errors:
        return answer({})
    return answer({"errors": errors}, status=400 if refused == len(items) else 207)


def _items(body: Json) -> list[Json]:
    items = body.get("batch") if isinstance(body, dict) else None
    if not isinstance(items, list) or not items:
        raise BodyError("must be valid JSON with a list named batch that is not empty")
    if len(items) > BATCH_ITEMS_MAX:
        raise BodyError(f"must have at most {BATCH_ITEMS_MAX:,} items; send several batches")
    return items


def _apply_batch(calls: Sequence[Call], origin: Origin) -> list[Outcome]:
    if not calls:
        return []
    change_set = open_change_set(origin) if len(calls) > 1 else None
    return apply(calls, change_set=change_set).outcomes


def _parse_item(item: Json, key: Credential, origin: Origin) -> Call | tuple[Problem, ...]:
    return parse_item(item, origin=origin, is_strict=_is_strict(key))


def _is_strict(key: Credential) -> bool:
    return key.workspace.limits == Workspace.Limits.CUSTOMERIO


def _only_as_printed(key: Credential) -> None:
    """Answer as if the address did not exist where only the names of the wire are taken."""
    if _is_strict(key):
        raise Http404


def _apply_v1(parsed: Call | tuple[Problem, ...]) -> HttpResponse:
    problems = _problems(parsed if isinstance(parsed, tuple) else apply([parsed]).outcomes[0])
    return _refuse_v1(problems) if problems else answer({})


def _refuse_v1(problems: Sequence[Problem]) -> HttpResponse:
    texts = [_sentence(problem) for problem in problems]
    meta: dict[str, Any] = {"error": texts[0]} if len(texts) == 1 else {"errors": texts}
    return answer({"meta": meta}, status=400)


def _problems(found: tuple[Problem, ...] | Outcome) -> Sequence[Problem]:
    if isinstance(found, tuple):
        return found
    return [_problem(rejection) for rejection in found.rejections]


def _problem(rejection: Rejection) -> Problem:
    reason = "required" if rejection.reason is Reason.REQUIRED else "invalid"
    field = rejection.field
    return Problem(
        reason, f"identifiers.{field}" if field in _NAMING else field, rejection.message
    )


def _sentence(problem: Problem) -> str:
    """Say a problem in one text, which begins with the field unless it names it anyway."""
    name = problem.field.rpartition(".")[2]
    is_said = not name or name in problem.message
    return problem.message if is_said else f"{problem.field} {problem.message}"


def _error(problem: Problem) -> dict[str, Json]:
    return {"reason": problem.reason, "field": problem.field, "message": problem.message}
