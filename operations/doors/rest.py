"""A resource of the REST API: authenticate, parse, apply once, answer."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from rest_framework import exceptions, serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from operations.doors.filters import REPEATABLE
from operations.doors.origin import origin_from
from operations.doors.rest_access import Caller, find_caller
from operations.doors.rest_body import (
    StrictSerializer,
    Values,
    check_items,
    read_body,
    read_item,
)
from operations.doors.rest_errors import (
    ErrorEntry,
    RefusedRequest,
    entry,
    refuse,
    render_rejections,
    status_of,
)
from operations.doors.rest_schema import OperationSchema
from operations.doors.rest_versions import changed_since, expect_version, headers_of
from operations.doors.sensitive import hidden_from_caller
from operations.engine import apply, open_change_set
from operations.errors import Reason, Rejection, is_stale
from operations.masking import read_for
from operations.results import Outcome, Status
from operations.types import Call, Door, Json, Operation, Origin
from workspaces.credentials import record_use
from workspaces.models import Workspace
from workspaces.permissions import Permission

RowT = TypeVar("RowT", bound=Model)
NOT_TAKEN = frozenset({Status.REFUSED, Status.SKIPPED})


class OperationViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[RowT]):
    """Reads rows of the caller's workspace; every write is one call into the engine.

    `queryset` of a resource is empty: it only tells the OpenAPI document which model it is about.
    """

    http_method_names = ["get", "head", "options", "post", "patch", "delete"]
    schema = OperationSchema()
    resource_name: ClassVar[str]
    row_name: ClassVar[str]
    keys: ClassVar[Mapping[str, str]]
    """The ids that name a row in a path and an outcome, each with its lookup."""

    new_serializer_class: type[StrictSerializer]
    change_serializer_class: type[StrictSerializer]
    edit_permission = Permission.EDIT
    delete_permission = Permission.DELETE
    caller: Caller
    origin: Origin

    def rows_of(self, workspace: Workspace) -> QuerySet[RowT]:
        """Give the rows of a workspace."""
        raise NotImplementedError

    def new_operation(self, values: Values) -> Operation:
        """Say how a row is made."""
        raise NotImplementedError

    def change_operation(self, row: RowT, values: Values) -> Operation:
        """Say how a row is changed."""
        raise NotImplementedError

    def delete_operation(self, row: RowT) -> Operation:
        """Say how a row is deleted."""
        raise NotImplementedError

    def is_listed_by_time(self, request: Request) -> bool:
        """Say whether the list goes by created_at, which takes an index, or by the key."""
        return False

    def permission_for(self, request: Request) -> Permission:
        """Say which permission a request needs."""
        if request.method in SAFE_METHODS:
            return Permission.VIEW
        return self.delete_permission if request.method == "DELETE" else self.edit_permission

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, and note once for whom and when this call is."""
        super().initial(request, *args, **kwargs)
        caller = find_caller(request)
        if caller is None:
            raise exceptions.PermissionDenied
        self.caller = caller
        read_for(cache(partial(hidden_from_caller, caller)))
        self.origin = origin_from(
            workspace_id=caller.workspace.pk, door=Door.REST, actor=caller.name
        )
        if caller.credential is not None:
            record_use(caller.credential, at=self.origin.received_at)
        self._check_query(request)

    def get_view_name(self) -> str:
        """Give the title of the browsable page."""
        return self.resource_name.replace("-", " ").capitalize()

    def get_queryset(self) -> QuerySet[RowT]:
        """Give the rows that this caller may see."""
        return self.rows_of(self.caller.workspace)

    def get_object(self) -> RowT:
        """Find the row that the path names, or answer 404."""
        return self._get_row({key: self.kwargs[key] for key in self.keys})

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        """Give the serializer of this action; the forms of the browsable pages ask for it."""
        by_action = {
            "create": self.new_serializer_class,
            "partial_update": self.change_serializer_class,
        }
        return by_action.get(self.action or "", self.serializer_class)  # type: ignore[return-value]

    def create(self, request: Request) -> Response:
        """Make one row, or a list of rows; a refused item of a list does not stop the others."""
        body = read_body(request)
        if isinstance(body, list):
            return self._create_many(check_items(body))
        operation = self._parse_new(self.new_serializer_class(), body)
        outcome = self._apply_one(operation, if_skipped=self._there_already)
        keys = self._keys_of(outcome)
        path = request.path.rstrip("/")
        address = request.build_absolute_uri("/".join([path, *map(str, keys.values())]))
        return self._answer(keys, status_code=201, headers={"Location": address})

    def retrieve(self, request: Request, *args: Any, **keys: Any) -> Response:
        """Give one row, and its version as the ETag."""
        return self._render(self.get_object(), status_code=status.HTTP_200_OK)

    def partial_update(self, request: Request, **keys: str) -> Response:
        """Merge a change into one row."""
        row = self.get_object()
        values = read_item(self.change_serializer_class(), read_body(request))
        if isinstance(values, tuple):
            raise _refusal(values)
        operation = self._expecting(self.change_operation(row, values), row)
        outcome = self._apply_one(operation, if_skipped=self._not_found)
        return self._answer(self._keys_of(outcome), status_code=200)

    def destroy(self, request: Request, **keys: str) -> Response:
        """Delete one row."""
        row = self.get_object()
        operation = self._expecting(self.delete_operation(row), row)
        outcome = self._apply_one(operation, if_skipped=self._not_found)
        if outcome.status is not Status.DELETED:
            raise self._not_found()
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _create_many(self, items: list[Json]) -> Response:
        serializer = self.new_serializer_class()
        outcomes = [Outcome(Status.REFUSED) for _ in items]
        calls: dict[int, Call] = {}
        for index, item in enumerate(items):
            values = read_item(serializer, item)
            if isinstance(values, tuple):
                outcomes[index] = Outcome(Status.REFUSED, values)
            else:
                calls[index] = self._call(self.new_operation(values))
        if calls:
            result = apply(list(calls.values()), change_set=open_change_set(self.origin))
            for index, outcome in zip(calls, result.outcomes, strict=True):
                outcomes[index] = outcome
        return self._answer_many(outcomes)

    def _answer_many(self, outcomes: list[Outcome]) -> Response:
        errors: list[ErrorEntry] = []
        rendered: list[dict[str, Json]] = []
        for index, outcome in enumerate(outcomes):
            errors += render_rejections(outcome.rejections, index=index)
            if outcome.status is Status.SKIPPED:
                errors.append(self._conflict(index))
            rendered.append({"index": index, "status": outcome.status, **self._keys_of(outcome)})
        if all(outcome.status in NOT_TAKEN for outcome in outcomes):
            raise RefusedRequest(errors, status_code=status.HTTP_400_BAD_REQUEST)
        code = status.HTTP_207_MULTI_STATUS if errors else status.HTTP_201_CREATED
        return Response({"outcomes": rendered, "errors": errors}, status=code)

    def _parse_new(self, serializer: StrictSerializer, item: Json) -> Operation:
        values = read_item(serializer, item)
        if isinstance(values, tuple):
            raise _refusal(values)
        return self.new_operation(values)

    def _apply_one(
        self, operation: Operation, *, if_skipped: Callable[[], RefusedRequest]
    ) -> Outcome:
        outcome = apply([self._call(operation)]).outcomes[0]
        if is_stale(outcome.rejections):
            raise changed_since(self.row_name)
        if outcome.status is Status.REFUSED:
            raise _refusal(outcome.rejections)
        if outcome.status is Status.SKIPPED:
            raise if_skipped()
        return outcome

    def _call(self, operation: Operation) -> Call:
        return Call(origin=self.origin, operations=(operation,))

    def _answer(
        self, keys: Mapping[str, Json], *, status_code: int, headers: dict[str, str] | None = None
    ) -> Response:
        return self._render(self._get_row(keys), status_code=status_code, headers=headers)

    def _render(
        self, row: RowT, *, status_code: int, headers: dict[str, str] | None = None
    ) -> Response:
        serializer = self.serializer_class(row, context=self.get_serializer_context())  # type: ignore[misc]
        found = headers_of(row) | (headers or {})
        return Response(dict(serializer.data), status=status_code, headers=found)

    def _expecting(self, operation: Operation, row: RowT) -> Operation:
        return expect_version(operation, row, self.request, row_name=self.row_name)

    def _get_row(self, keys: Mapping[str, Json]) -> RowT:
        lookups = {self.keys[key]: value for key, value in keys.items()}
        row = self.get_queryset().filter(**lookups).first()
        if row is None:
            raise self._not_found()
        return row

    def _keys_of(self, outcome: Outcome) -> dict[str, Json]:
        found: dict[str, Json] = {
            "object_type_id": outcome.object_type_number,
            "cio_object_id": outcome.cio_object_id,
            "cio_id": outcome.cio_id,
        }
        return {key: found[key] for key in self.keys}

    def _not_found(self) -> RefusedRequest:
        message = f"there is no such {self.row_name} in this workspace"
        return refuse("not_found", message, status_code=status.HTTP_404_NOT_FOUND)

    def _there_already(self) -> RefusedRequest:
        return RefusedRequest([self._conflict(0)], status_code=status.HTTP_409_CONFLICT)

    def _conflict(self, index: int) -> ErrorEntry:
        message = f"this {self.row_name} is there already; change it with PATCH"
        return entry(Reason.CONFLICT, message, index=index)

    def _check_query(self, request: Request) -> None:
        known = {"format": 1}
        if not self.detail:  # the browsable pages post to the address of the list they show
            known |= {"limit": 1, "cursor": 1}
            known |= getattr(self, "filterset_class").base_filters  # noqa: B009
        errors: list[ErrorEntry] = []
        for name, values in request.query_params.lists():
            if name not in known:
                message = f"{name[:60]} is not known here; known are {', '.join(known)}"
                errors.append(entry(Reason.INVALID, message, field=name))
            elif len(values) > 1 and name not in REPEATABLE:
                message = f"{name} is there {len(values)} times; send it once"
                errors.append(entry(Reason.INVALID, message, field=name))
        if errors:
            raise RefusedRequest(errors, status_code=status.HTTP_400_BAD_REQUEST)


def _refusal(rejections: tuple[Rejection, ...]) -> RefusedRequest:
    errors = render_rejections(rejections, index=0)
    return RefusedRequest(errors, status_code=status_of(rejections))
