"""The addresses of the REST API, each with and without a slash at its end."""

from typing import Any

from django.urls import URLPattern, re_path, reverse
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from data_in.export_api import ExportViewSet
from data_in.import_api import ImportViewSet
from objects.api import ObjectTypeViewSet, ObjectViewSet
from operations.doors.rest import OperationViewSet
from people.api import PersonViewSet
from relationships.api import RelationshipViewSet

KEY_PATTERNS = {
    "object_type_id": "(?P<object_type_id>[0-9]{1,10})",
    "cio_object_id": "(?P<cio_object_id>[A-Za-z0-9_-]{1,150})",
    "cio_id": "(?P<cio_id>[A-Za-z0-9_-]{1,150})",
}
VIEW_SETS: tuple[type[OperationViewSet[Any]], ...] = (
    ObjectTypeViewSet,
    ObjectViewSet,
    PersonViewSet,
    RelationshipViewSet,
)


class ApiRoot(APIView):
    """What the API consists of."""

    name = "API"
    permission_classes = (AllowAny,)
    schema = None

    def get(self, request: Request) -> Response:
        """Give the addresses of the parts."""
        names = [
            "object-types",
            "objects",
            "people",
            "relationships",
            "imports",
            "exports",
            "schema",
            "docs",
        ]
        return Response(
            {
                name.replace("-", "_"): request.build_absolute_uri(reverse(f"api-{name}"))
                for name in names
            }
        )


class NoSuchPage(APIView):
    """Every address under /api/ that is none."""

    authentication_classes = ()
    permission_classes = ()
    renderer_classes = (JSONRenderer,)
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Answer 404 to every method, in the shape of all errors."""
        raise NotFound


def _resource(view_set: type[OperationViewSet[Any]]) -> list[URLPattern]:
    name = view_set.resource_name
    row_path = "/".join([name, *[KEY_PATTERNS[key] for key in view_set.keys]])
    listed = view_set.as_view({"get": "list", "post": "create"}, detail=False)
    single = view_set.as_view(
        {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}, detail=True
    )
    return [
        re_path(rf"^{name}/?$", listed, name=f"api-{name}"),
        re_path(rf"^{row_path}/?$", single, name=f"api-{name}-one"),
    ]


api_root = ApiRoot.as_view()

urlpatterns = [
    re_path(r"^$", api_root, name="api-root"),
    *[pattern for view_set in VIEW_SETS for pattern in _resource(view_set)],
    re_path(
        r"^imports/?$",
        ImportViewSet.as_view({"get": "list", "post": "create"}),
        name="api-imports",
    ),
    re_path(
        r"^imports/(?P<key>[0-9]{1,18})/?$",
        ImportViewSet.as_view({"get": "retrieve"}),
        name="api-imports-one",
    ),
    re_path(
        r"^imports/(?P<key>[0-9]{1,18})/start/?$",
        ImportViewSet.as_view({"post": "start"}),
        name="api-imports-start",
    ),
    re_path(
        r"^imports/(?P<key>[0-9]{1,18})/(?P<which>errors|warnings)/?$",
        ImportViewSet.as_view({"get": "file"}),
        name="api-imports-file",
    ),
    re_path(
        r"^exports/?$",
        ExportViewSet.as_view({"get": "list", "post": "create"}),
        name="api-exports",
    ),
    re_path(
        r"^exports/(?P<key>[0-9]{1,18})/?$",
        ExportViewSet.as_view({"get": "retrieve"}),
        name="api-exports-one",
    ),
    re_path(
        r"^exports/(?P<key>[0-9]{1,18})/file/?$",
        ExportViewSet.as_view({"get": "file"}),
        name="api-exports-file",
    ),
    re_path(r"^schema/?$", SpectacularAPIView.as_view(), name="api-schema"),
    re_path(
        r"^docs/?$", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"
    ),
    re_path(r"^", NoSuchPage.as_view()),
]
