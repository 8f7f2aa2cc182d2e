"""Imports in the REST API: send a file or its address, see what it would do, have it done."""

from collections.abc import Iterator
from typing import Any, Final

from django.core.files.base import File
from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from data_in.export_api import ChoiceField
from data_in.file_api import FileViewSet
from data_in.formats.encodings import UnusableFile
from data_in.glimpses import glimpse
from data_in.import_fetching import fetch, name_of
from data_in.import_files import error_file, warning_file
from data_in.importing import NotReady, keep_settings, receive, remove, start_check, start_import
from data_in.models import Import
from data_in.settings import Blanks, Mode, Settings
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
from operations.doors.rest_parser import StrictJSONParser
from operations.doors.rest_rows import ErrorsSerializer, UnixSecondsField
from operations.masking import current_reader, each_read_for
from operations.wire.columns import Identifier, Kind
from operations.wire.values import parse_truth
from workspaces.permissions import Permission

_CHUNK_BYTES: Final = 262_144
_FILES: Final = {"errors": error_file, "warnings": warning_file}


class NewImportSerializer(StrictSerializer):
    """What a file holds and how its rows are read; send it as `file` of a form, or its `url`."""

    kind = ChoiceField(Kind, required=True)
    object_type_id = NumberField(
        help_text="The type of all rows; without it the rows name theirs."
    )
    url = TextField(help_text="An https address at which the file is.")
    name = TextField()
    description = TextField()
    mode = ChoiceField(Mode)
    identifier = ChoiceField(Identifier, help_text="The column that names people.")
    blanks = ChoiceField(Blanks, help_text="What an empty cell does to its attribute.")
    removes = TrueFalseField(help_text="The rows name what is to be deleted or unrelated.")
    all_or_nothing = TrueFalseField()
    encoding = TextField(help_text="Without it UTF-8, or what the mark of the file says.")
    delimiter = TextField(help_text="One character; found by looking.")


class ImportSerializer(serializers.ModelSerializer[Import]):
    """An import; `found` counts what it would do, `result` what it did."""

    object_type_id = serializers.IntegerField(source="object_type_number", allow_null=True)
    state = serializers.CharField()
    rows_to_import = serializers.IntegerField(source="rows")
    rows_imported = serializers.IntegerField(source="job.done", default=0)
    problem = serializers.SerializerMethodField()
    found = serializers.DictField(child=serializers.IntegerField())
    result = serializers.DictField(child=serializers.IntegerField())
    errors_url = serializers.SerializerMethodField()
    warnings_url = serializers.SerializerMethodField()
    created_at = UnixSecondsField()

    class Meta:
        model = Import
        fields = (
            "id",
            "kind",
            "object_type_id",
            "name",
            "description",
            "state",
            "rows_to_import",
            "rows_imported",
            "found",
            "result",
            "problem",
            "errors_url",
            "warnings_url",
            "created_at",
        )

    def get_problem(self, row: Import) -> str | None:
        """Say why it failed."""
        message = row.job.message if row.job is not None else ""
        return row.problem or message or None

    def get_errors_url(self, row: Import) -> str | None:
        """Give the address of the refused rows, if there are any."""
        return self._address(row, "errors", count="refused")

    def get_warnings_url(self, row: Import) -> str | None:
        """Give the address of the rows with warnings, if there are any."""
        return self._address(row, "warnings", count="warnings")

    def _address(self, row: Import, which: str, *, count: str) -> str | None:
        if row.files_gone_at is not None or not (row.result or row.found).get(count):
            return None
        path = reverse("api-imports-file", args=[row.pk, which])
        return str(self.context["request"].build_absolute_uri(path))


_REFUSALS: Final = {400: ErrorsSerializer, 401: ErrorsSerializer, 403: ErrorsSerializer}


class ImportViewSet(FileViewSet[Import]):
    """Imports of the caller's workspace."""

    queryset = Import.objects.none()
    serializer_class = ImportSerializer
    parser_classes = (StrictJSONParser, MultiPartParser)
    permission = Permission.IMPORT

    def get_queryset(self) -> QuerySet[Import]:
        """Give the imports that this caller may see."""
        return Import.objects.for_workspace(self.caller.workspace).with_jobs()

    @extend_schema(responses={200: ImportSerializer(many=True), **_REFUSALS})
    def list(self, request: Request) -> Response:
        """List imports, the newest first."""
        rows = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    @extend_schema(request=NewImportSerializer, responses={201: ImportSerializer, **_REFUSALS})
    def create(self, request: Request) -> Response:
        """Take a file and have it checked; a small one is checked in the answer."""
        file = request.FILES.get("file")
        body = read_body(request) if file is None else _form_values(request)
        values = read_item(NewImportSerializer(), body)
        if isinstance(values, tuple):
            errors = render_rejections(values, index=0)
            raise RefusedRequest(errors, status_code=status_of(values))
        row = self._receive(values, file)
        try:
            start_check(row, actor=self.caller.name)
        except NotReady as error:
            Import.objects.filter(pk=row.pk).update(problem=str(error))
        return self._answer(row, status_code=status.HTTP_201_CREATED)

    @extend_schema(responses={200: ImportSerializer, 404: ErrorsSerializer, **_REFUSALS})
    def retrieve(self, request: Request, key: str) -> Response:
        """Give one import."""
        return self._answer(self._find(key), status_code=status.HTTP_200_OK)

    @extend_schema(
        request=None,
        responses={
            200: ImportSerializer,
            404: ErrorsSerializer,
            409: ErrorsSerializer,
            **_REFUSALS,
        },
    )
    def start(self, request: Request, key: str) -> Response:
        """Have a checked file imported; a small one is done in the answer."""
        row = self._find(key)
        try:
            start_import(row, actor=self.caller.name)
        except NotReady as error:
            raise refuse("conflict", str(error), status_code=status.HTTP_409_CONFLICT) from None
        return self._answer(row, status_code=status.HTTP_200_OK)

    @extend_schema(
        operation_id="imports_file",
        responses={(200, "text/csv"): OpenApiTypes.STR, 404: ErrorsSerializer, **_REFUSALS},
    )
    def file(self, request: Request, key: str, which: str) -> HttpResponseBase:
        """Send the refused rows, or those with warnings, as a file like the one that came."""
        row = self._find(key)
        if row.files_gone_at is not None or not row.found:
            raise _not_found("the file is not there")
        pieces = each_read_for(_FILES[which](row), current_reader())
        response = StreamingHttpResponse(pieces, content_type="text/csv")
        response["Content-Disposition"] = f'attachment; filename="{which}.csv"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response

    def _receive(self, values: Values, file: File[Any] | None) -> Import:
        kind, number = Kind(values["kind"]), values.get("object_type_id")
        url = values.get("url", "")
        if (file is None) == (not url):
            raise _wrong("file", "send either a file or a url")
        if number is not None and kind is Kind.PEOPLE:
            raise _wrong("object_type_id", "people have no object type")
        try:
            row = receive(
                self.caller.workspace,
                kind=kind,
                object_type_number=number,
                actor=self.caller.name,
                file_name=name_of(url) if file is None else file.name or "",
                chunks=fetch(url) if file is None else _chunks(file),
                name=values.get("name", ""),
                description=values.get("description", ""),
            )
        except UnusableFile as error:
            raise _wrong("file" if file is not None else "url", str(error)) from None
        try:
            keep_settings(row, glimpse(row, _settings(values)).proposed)
        except UnusableFile as error:
            remove(row)
            raise _wrong("file" if file is not None else "url", str(error)) from None
        return row

    def _find(self, key: str) -> Import:
        row = self.get_queryset().filter(pk=key).first()
        if row is None:
            raise _not_found("there is no such import in this workspace")
        return row

    def _answer(self, row: Import, *, status_code: int) -> Response:
        found = self._find(str(row.pk))
        return Response(self.get_serializer(found).data, status=status_code)


def _settings(values: Values) -> Settings:
    identifier = values.get("identifier")
    return Settings(
        mode=Mode(values.get("mode", Mode.ALL)),
        identifier=Identifier(identifier) if identifier else None,
        blanks=Blanks(values.get("blanks", Blanks.IGNORE)),
        removes=values.get("removes", False),
        all_or_nothing=values.get("all_or_nothing", False),
        encoding=values.get("encoding") or None,
        delimiter=values.get("delimiter") or None,
    )


def _form_values(request: Request) -> dict[str, Any]:
    """Read the texts of a form as the values that JSON would have."""
    sent: Any = request.data
    found: dict[str, Any] = {name: value for name, value in sent.items() if name != "file"}
    number = found.get("object_type_id", "")
    if number.isascii() and number.isdecimal():
        found["object_type_id"] = int(number)
    for name in ("removes", "all_or_nothing"):
        truth = parse_truth(found.get(name, ""))
        if truth is not None:
            found[name] = truth
    return found


def _chunks(file: File[Any]) -> Iterator[bytes]:
    return iter(file.chunks(_CHUNK_BYTES))


def _wrong(field: str, message: str) -> RefusedRequest:
    return refuse("invalid", message, status_code=status.HTTP_400_BAD_REQUEST, field=field)


def _not_found(message: str) -> RefusedRequest:
    return refuse("not_found", message, status_code=status.HTTP_404_NOT_FOUND)
