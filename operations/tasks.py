"""Background work on the engine's own tables; the worker runs it every few minutes."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils.module_loading import import_string
from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from operations.doors.audit import forget_entries
from operations.doors.data_index_scans import make_missing_scans, schedule_reading
from operations.doors.day_totals import keep_totals
from operations.doors.days import count_days, forget_days, newest_activity
from operations.doors.jobs import forget_drafts, schedule_sweep
from operations.doors.origin import read_clock
from operations.doors.view_counts import count_views
from operations.doors.workspace_removal import resume_removals
from operations.engine.maintenance import fold_counts, forget_old
from people.segment_members import count_segments
from relationships.models import Draft

_PAUSE = timedelta(minutes=5)
# Named and not imported: what has its own upkeep may stand above what doors share.
_MORE_UPKEEP: Final = ("data_in.upkeep.forget_files",)


@task()
def maintain(seen: int = 0) -> None:
    """Fold the counts and let go of old log rows, then ask to be run again.

    `seen` is the newest activity of the moment when this turn was asked for.
    """
    now = read_clock()
    fold_counts()
    keep_totals(now=now)
    count_days(up_to=seen)
    forget_days(now=now)
    forget_old(now=now, activity_days=settings.ACTIVITY_DAYS)
    Draft.objects.older_than(settings.RELATE_DRAFT_DAYS, now=now).delete()
    forget_drafts(now=now)
    forget_entries(now=now, days=settings.AUDIT_DAYS)
    count_views(now=now)
    count_segments(now=now)
    make_missing_scans()
    schedule_reading()
    schedule_sweep()
    resume_removals()
    for name in _MORE_UPKEEP:
        import_string(name)(now=now)
    schedule_maintenance()


def schedule_maintenance() -> None:
    """Have `maintain` run in a few minutes, unless it is waiting already."""
    waiting = DBTaskResult.objects.filter(
        task_path=maintain.module_path, status=TaskResultStatus.READY
    )
    if not waiting.exists():
        maintain.using(run_after=read_clock() + _PAUSE).enqueue(seen=newest_activity())
