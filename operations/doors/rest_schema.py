"""How the resources of the REST API describe themselves in its OpenAPI document."""

from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer

from operations.doors.rest_rows import PATH_KEYS, ErrorsSerializer, OutcomesSerializer
from operations.doors.rest_versions import is_versioned

PRECONDITION_FAILED: Final = "412"
TOO_MANY_REQUESTS: Final = "429"
_CHANGES: Final = frozenset({"partial_update", "destroy"})
_WITH_ROW: Final = frozenset({"create", "retrieve", "partial_update"})
REFUSALS: Final = {
    "list": ("400", "401", "403"),
    "create": ("400", "401", "403", "409", "413", "415"),
    "retrieve": ("400", "401", "403", "404"),
    "partial_update": ("400", "401", "403", "404", "409", "413", "415"),
    "destroy": ("400", "401", "403", "404", "409"),
}


class OperationSchema(AutoSchema):
    """Reads a resource's serializers; the answers and errors are the same for all of them."""

    view: Any

    def get_override_parameters(self) -> list[Any]:
        """Name the ids of the path as the rows name them, and the headers about versions."""
        headers = _version_headers(self.view.action) if self._is_versioned() else []
        if self.view.action in {"list", "create"}:
            return headers
        return headers + [
            OpenApiParameter(key, PATH_KEYS[key][0], "path", description=PATH_KEYS[key][1])
            for key in self.view.keys
        ]

    def _is_versioned(self) -> bool:
        return is_versioned(self.view.queryset.model)

    def get_request_serializer(self) -> Any:
        """Describe the body: one new row or a list of them, or a change."""
        view = self.view
        if view.action == "create":
            new = view.new_serializer_class
            return _either(new, new, many=True)
        return view.change_serializer_class if view.action == "partial_update" else None

    def get_response_serializers(self) -> Any:
        """Describe the answers by status."""
        row = self.view.serializer_class
        answers: dict[str, dict[str, Any]] = {
            "list": {"200": row(many=True)},
            "create": {"201": _either(row, OutcomesSerializer), "207": OutcomesSerializer},
            "retrieve": {"200": row},
            "partial_update": {"200": row},
            "destroy": {"204": None},
        }
        action = self.view.action
        refusals = (*REFUSALS[action], TOO_MANY_REQUESTS)
        if action in _CHANGES and self._is_versioned():
            refusals = (*refusals, PRECONDITION_FAILED)
        return {**answers[action], **dict.fromkeys(refusals, ErrorsSerializer)}

    def get_operation_id(self) -> str:
        """Give a short name: `objects_create`."""
        verbs = {"partial_update": "update", "destroy": "delete"}
        name = self.view.resource_name.replace("-", "_")
        return f"{name}_{verbs.get(self.view.action, self.view.action)}"

    def get_tags(self) -> list[str]:
        """Group by resource."""
        return [self.view.resource_name]


def strip_slashes(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Write the addresses without the slash at the end, which is optional."""
    paths = {path.rstrip("/"): operations for path, operations in result["paths"].items()}
    return {**result, "paths": paths}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the token in the OpenAPI document."""

    target_class = "operations.doors.rest_access.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Give the scheme as OpenAPI names it."""
        return {"type": "http", "scheme": "bearer"}


class MemberScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the session in the OpenAPI document."""

    target_class = "operations.doors.rest_access.MemberAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Give the scheme as OpenAPI names it."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def _version_headers(action: str) -> list[OpenApiParameter]:
    found = []
    if action in _WITH_ROW:
        told = "The version of the row; send it back as If-Match to change only this version."
        codes = ["201" if action == "create" else "200"]
        found.append(OpenApiParameter("ETag", str, "header", description=told, response=codes))
    if action in _CHANGES:
        told = "An ETag. If the row has another by now, nothing happens and the answer is 412."
        found.append(OpenApiParameter("If-Match", str, "header", description=told))
    return found


def _either(first: Any, second: Any, *, many: bool = False) -> PolymorphicProxySerializer:
    name = first.__name__.removesuffix("Serializer")
    other = "List" if many else "Outcomes"
    return PolymorphicProxySerializer(
        component_name=f"{name}Or{other}",
        serializers=[first(), second(many=True) if many else second()],
        resource_type_field_name=None,
        many=False,
    )
