"""What imports and exports share in the REST API: who calls, and what they may see."""

from functools import cache, partial
from typing import Any, ClassVar, TypeVar

from django.db.models import Model
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from operations.doors.origin import read_clock
from operations.doors.rest_access import Caller, find_caller
from operations.doors.sensitive import hidden_from_caller
from operations.masking import read_for
from workspaces.credentials import record_use
from workspaces.permissions import Permission

_Row = TypeVar("_Row", bound=Model)


class FileViewSet(GenericViewSet[_Row]):
    """Rows that stand for a file, asked for with one permission whatever is done with them."""

    renderer_classes = (JSONRenderer,)
    filter_backends = ()
    permission: ClassVar[Permission]
    caller: Caller

    def permission_for(self, request: Request) -> Permission:
        """Ask for the same, whatever is done."""
        return self.permission

    def is_listed_by_time(self, request: Request) -> bool:
        """List by the key."""
        return False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, and note for whom this call is."""
        super().initial(request, *args, **kwargs)
        caller = find_caller(request)
        if caller is None:
            raise exceptions.PermissionDenied
        self.caller = caller
        read_for(cache(partial(hidden_from_caller, caller)))
        if caller.credential is not None:
            record_use(caller.credential, at=read_clock())
