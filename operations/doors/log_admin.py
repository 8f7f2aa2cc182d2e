"""The base of lists of rows that the product writes by itself."""

from typing import Any

from django.http import HttpRequest

from operations.doors.admin import OperationAdmin


class LogAdmin(OperationAdmin):
    """Rows that the engine writes by itself."""

    actions = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody writes the log by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody rewrites the log."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody shortens the log."""
        return False
