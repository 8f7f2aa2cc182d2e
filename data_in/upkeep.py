"""What the worker tidies up: files that were kept long enough, and those that nobody knows."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from data_in.exporting import forget_export_files
from data_in.files import Shelf, folder_names, remove_folder
from data_in.importing import forget_import_files
from data_in.models import Export, Import

# A file may be on its way for hours before its row is there.
_UNKNOWN_FOR: Final = timedelta(days=1)


def forget_files(*, now: datetime) -> None:
    """Let go of the files of old imports and exports, and of those whose workspace is gone."""
    forget_import_files(now=now, days=settings.IMPORT_FILE_DAYS)
    forget_export_files(now=now, days=settings.EXPORT_DAYS)
    for shelf, rows in ((Shelf.IMPORTS, Import.objects), (Shelf.EXPORTS, Export.objects)):
        names = folder_names(shelf, older_than=now - _UNKNOWN_FOR)
        known = set(rows.filter(folder__in=names).values_list("folder", flat=True))
        for name in names:
            if name not in known:
                remove_folder(shelf, name)
