"""How the REST API hands a list to its filters."""

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request


class WorkspaceFilterBackend(DjangoFilterBackend):
    """Tells the filters in which workspace to look up the rows that they name."""

    def get_filterset_kwargs(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> dict[str, Any]:
        """Add the workspace of the caller."""
        kwargs: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        return {**kwargs, "workspace": view.caller.workspace}
