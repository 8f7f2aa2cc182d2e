"""The address a request came from."""

from django.conf import settings
from django.http import HttpRequest


def find_client_address(request: HttpRequest) -> str | None:
    """Believe X-Forwarded-For only behind a proxy, and there only what the proxy itself added."""
    forwarded = request.headers.get("x-forwarded-for", "") if settings.IS_BEHIND_PROXY else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR")
