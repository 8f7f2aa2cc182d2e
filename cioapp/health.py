"""Whether this server can do its work, for load balancers and monitors: no login, no secrets."""

import logging
from typing import Any, Final

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Case, Min, When
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_tasks_db.models import DBTaskResult
from psycopg_pool import PoolTimeout

from operations.doors.origin import read_clock

logger = logging.getLogger(__name__)

OK: Final = "ok"
UNREACHABLE: Final = "unreachable"
MISSING: Final = "missing"
LATE: Final = "late"


class _Applied:
    """Remembers that every migration is applied: reading all of them takes a while."""

    is_known = False


@never_cache
@require_safe
def show_health(request: HttpRequest) -> JsonResponse:
    """Answer 200, or 503 with what is wrong."""
    try:
        found = _look()
    except (Error, PoolTimeout):
        logger.warning("the database cannot be reached", exc_info=True)
        found = {"database": UNREACHABLE}
    is_healthy = all(value == OK for name, value in found.items() if name != "waiting_seconds")
    answer = {"status": OK if is_healthy else "failing", **found}
    return JsonResponse(answer, status=200 if is_healthy else 503)


def _look() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if not _is_migrated():
        return {"database": OK, "migrations": MISSING}
    waiting = _waiting_seconds()
    limit = settings.HEALTH_MAX_WAITING_SECONDS
    worker = LATE if limit and waiting > limit else OK
    return {"database": OK, "migrations": OK, "worker": worker, "waiting_seconds": waiting}


def _is_migrated() -> bool:
    if not _Applied.is_known:
        executor = MigrationExecutor(connection)
        _Applied.is_known = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _Applied.is_known


def _waiting_seconds() -> int:
    """Tell how long the oldest task that is due has waited for a worker."""
    now = read_clock()
    due_at = Case(When(run_after__lte=now, then="run_after"), default="enqueued_at")
    oldest = DBTaskResult.objects.ready().aggregate(due_at=Min(due_at))["due_at"]
    return 0 if oldest is None else max(0, int((now - oldest).total_seconds()))
