"""Exports in the REST API: order one, see how far it is, fetch its file."""

from typing import Any, Final

from django.db.models import F, QuerySet
from django.http import FileResponse, HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from data_in.export_lines import Format
from data_in.export_ordering import why_hidden
from data_in.export_settings import Content, ExportSettings
from data_in.export_words import measure_extent
from data_in.exporting import file_of, order_export
from data_in.file_api import FileViewSet
from data_in.models import Export
from operations.doors.audit import Actor, actor_of, actor_of_key, record
from operations.doors.counts import read_counts
from operations.doors.rest_body import (
    NumberField,
    StrictSerializer,
    TextField,
    TrueFalseField,
    Values,
    read_body,
    read_item,
)
from operations.doors.rest_errors import RefusedRequest, refuse, render_rejections, status_of
from operations.doors.rest_rows import ErrorsSerializer, UnixSecondsField
from operations.doors.saved_views import TYPE_VAR
from operations.doors.selection import SelectionError, select_matching
from operations.masking import hidden_names
from operations.types import Json
from operations.wire.columns import Kind
from workspaces.models import AuditEntry
from workspaces.permissions import Permission

_NAMES_MAX: Final = 5_000


class ChoiceField(TextField):
    """A text that is one of a few."""

    default_error_messages = {"choice": '"{value}" is not one of {allowed}'}

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(**options)
        self.choices = [each.value for each in choices]

    def to_internal_value(self, data: Any) -> Any:
        """Refuse another text, and name those that are allowed."""
        value = super().to_internal_value(data)
        if value not in self.choices:
            self.fail("choice", value=value[:60], allowed=", ".join(self.choices))
        return value


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class NamesField(serializers.Field[Any, Any, Any, Any]):
    """A list of names."""

    initial: Any = []
    default_error_messages = {
        "invalid": "must be a list of texts",
        "null": "must be a list of texts, not null; leave it out for all attributes",
        "too_many": "has {count} names; the limit is {limit}",
    }

    def to_internal_value(self, data: Any) -> tuple[str, ...]:
        """Take each name once, in order."""
        if not isinstance(data, list) or not all(isinstance(name, str) for name in data):
            self.fail("invalid")
        if len(data) > _NAMES_MAX:
            self.fail("too_many", count=f"{len(data):,}", limit=f"{_NAMES_MAX:,}")
        return tuple(dict.fromkeys(data))

    def to_representation(self, value: Any) -> Any:
        """Give the names."""
        return list(value)


class NewExportSerializer(StrictSerializer):
    """What is exported and how; `filter` is the query string of a list."""

    kind = ChoiceField(Kind, required=True)
    object_type_id = NumberField(help_text="Objects or relationships of one type only.")
    filter = TextField(help_text="As in the address of the list: q=ann&segment=2")
    content = ChoiceField(Content, help_text="The rows, their relationships, or both in a ZIP.")
    attributes = NamesField(required=False)
    format = ChoiceField(Format)
    gzip = TrueFalseField()
    safe_for_spreadsheets = TrueFalseField()


class ExportSerializer(serializers.ModelSerializer[Export]):
    """An export; `total` is 0 until it is done, `download_url` is there as long as the file is."""

    status = serializers.CharField(source="state")
    total = serializers.IntegerField(source="rows")
    problem = serializers.SerializerMethodField()
    download_url = serializers.SerializerMethodField()
    created_at = UnixSecondsField()
    updated_at = UnixSecondsField()

    class Meta:
        model = Export
        fields = (
            "id",
            "kind",
            "description",
            "status",
            "total",
            "problem",
            "file_name",
            "file_bytes",
            "downloads",
            "download_url",
            "created_at",
            "updated_at",
        )

    def get_problem(self, export: Export) -> str | None:
        """Say why it failed."""
        if export.state is not Export.State.FAILED:
            return None
        return (export.job.message if export.job else "") or "it was stopped"

    def get_download_url(self, export: Export) -> str | None:
        """Give the address of the file, which asks for the same permission."""
        if file_of(export) is None:
            return None
        path = reverse("api-exports-file", args=[export.pk])
        return str(self.context["request"].build_absolute_uri(path))


_REFUSALS: Final = {400: ErrorsSerializer, 401: ErrorsSerializer, 403: ErrorsSerializer}


class ExportViewSet(FileViewSet[Export]):
    """Exports of the caller's workspace."""

    queryset = Export.objects.none()
    serializer_class = ExportSerializer
    permission = Permission.EXPORT

    def get_queryset(self) -> QuerySet[Export]:
        """Give the exports that this caller may see."""
        return Export.objects.for_workspace(self.caller.workspace).select_related("job")

    @extend_schema(responses={200: ExportSerializer(many=True), **_REFUSALS})
    def list(self, request: Request) -> Response:
        """List exports, the newest first."""
        rows = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    @extend_schema(request=NewExportSerializer, responses={201: ExportSerializer, **_REFUSALS})
    def create(self, request: Request) -> Response:
        """Order an export; a small one is done in the answer, a large one in the background."""
        values = read_item(NewExportSerializer(), read_body(request))
        if isinstance(values, tuple):
            errors = render_rejections(values, index=0)
            raise RefusedRequest(errors, status_code=status_of(values))
        export = self._order(self._settings(values))
        self._record(request, export, f"Exported {export.description}")
        return Response(self.get_serializer(export).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={200: ExportSerializer, 404: ErrorsSerializer, **_REFUSALS})
    def retrieve(self, request: Request, key: str) -> Response:
        """Give one export."""
        return Response(self.get_serializer(self._find(key)).data)

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 404: ErrorsSerializer}
    )
    def file(self, request: Request, key: str) -> HttpResponseBase:
        """Send the file."""
        export = self._find(key)
        path = file_of(export)
        if path is None:
            message = "the file is not there; order the export again"
            raise refuse("not_found", message, status_code=status.HTTP_404_NOT_FOUND)
        if why_hidden(export):
            message = "the file holds sensitive attributes that this key may not see"
            raise refuse("sensitive", message, status_code=status.HTTP_403_FORBIDDEN)
        Export.objects.filter(pk=export.pk).update(downloads=F("downloads") + 1)
        self._record(request, export, f"Downloaded {export.file_name}")
        response = FileResponse(path.open("rb"), as_attachment=True, filename=export.file_name)
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response

    def _settings(self, values: Values) -> ExportSettings:
        kind, number = Kind(values["kind"]), values.get("object_type_id")
        asked = [values.get("filter", "").removeprefix("?")]
        if number is not None:
            if kind is Kind.PEOPLE:
                raise _wrong("object_type_id", "people have no object type")
            if not self.caller.workspace.object_types.filter(number=number).exists():
                raise _wrong("object_type_id", f"there is no object type {number}")
            asked.insert(0, f"{TYPE_VAR}={number}")
        query = "&".join(filter(None, asked))
        return ExportSettings(
            selection=select_matching(kind, workspace=self.caller.workspace.pk, query=query),
            content=Content(values.get("content", Content.ROWS)),
            attributes=values.get("attributes"),
            format=Format(values.get("format", Format.CSV)),
            is_gzipped=values.get("gzip", False),
            is_made_safe=values.get("safe_for_spreadsheets", False),
            hidden=hidden_names(),
        )

    def _order(self, asked: ExportSettings) -> Export:
        workspace = self.caller.workspace
        try:
            extent = measure_extent(asked.selection, read_counts(workspace.pk))
        except SelectionError as error:
            raise _wrong("filter", str(error)) from None
        return order_export(
            workspace,
            asked,
            actor=self.caller.name,
            description=extent.describe(asked.content),
            rows=extent.count_of(asked.content),
        )

    def _find(self, key: str) -> Export:
        export = self.get_queryset().filter(pk=key).first()
        if export is None:
            message = "there is no such export in this workspace"
            raise refuse("not_found", message, status_code=status.HTTP_404_NOT_FOUND)
        return export

    def _record(self, request: Request, export: Export, description: str) -> None:
        details: dict[str, Json] = {"export": export.pk, "of": export.kind, "rows": export.rows}
        kind = AuditEntry.Kind.EXPORTED
        record(
            self._actor(request), kind, description, workspace=export.workspace, details=details
        )

    def _actor(self, request: Request) -> Actor:
        credential = self.caller.credential
        plain = request._request
        return actor_of(plain) if credential is None else actor_of_key(plain, credential)


def _wrong(field: str, message: str) -> RefusedRequest:
    return refuse("invalid", message, status_code=status.HTTP_400_BAD_REQUEST, field=field)
