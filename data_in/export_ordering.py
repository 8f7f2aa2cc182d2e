"""What the form of an export makes of a request: the rows, the settings, the order."""

from typing import Any, Final

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from data_in.export_forms import ExportForm
from data_in.export_lines import Format
from data_in.export_settings import Content, ExportSettings, kinds_of, parse, type_number_of
from data_in.export_words import measure_extent, type_of
from data_in.exporting import order_export
from data_in.models import Export
from operations.doors.admin import is_primary_key
from operations.doors.column_pages import admin_of
from operations.doors.counts import counts_of_page
from operations.doors.known_names import attribute_names
from operations.doors.saved_views import TYPE_VAR, kept_query
from operations.doors.selection import Selection, SelectionError, select_matching
from operations.masking import hidden_names
from operations.wire.columns import Kind
from operations.wire.filter_paths import parse_path
from workspaces.models import Workspace

KEYS: Final = "keys"
OFFERED_NAMES: Final = 200


def ordered(request: HttpRequest, workspace: Workspace, kind: Kind) -> Export | dict[str, Any]:
    """Give the export that was asked for, or what the page of the form shows.

    Raises SelectionError for a list that cannot be read.
    """
    selection = chosen(request.GET, workspace, kind)
    extent = measure_extent(selection, counts_of_page(request, workspace))
    number = type_number_of(Selection(kind, workspace.pk, query=_query(request.GET)))
    names = attribute_names(kind, workspace, type_number=number)
    shown = _shown_attributes(request, kind)
    hidden = getattr(hidden_names(), kind.value)
    form = ExportForm(
        request.POST if request.method == "POST" else None,
        kind=kind,
        rows_name=extent.names,
        known=tuple(dict.fromkeys([*shown, *names]))[:OFFERED_NAMES],
        shown=shown,
        hidden=hidden,
    )
    if form.is_bound and form.is_valid() and extent.rows != 0:
        asked = _settings(selection, form.cleaned_data)
        return order_export(
            workspace,
            asked,
            actor=request.user.get_username(),
            description=extent.describe(asked.content),
            rows=extent.count_of(asked.content),
        )
    return {
        "form": form,
        "extent": extent,
        "label": extent.label,
        "kind": kind.value,
        "hidden_names": sorted(hidden),
        "has_names": bool(names),
        "back": _list_address(request.GET, kind),
        "other_formats": _other_formats(selection, kind),
        "icon": _icon(selection),
    }


def chosen(sent: QueryDict, workspace: Workspace, kind: Kind) -> Selection:
    """Read which rows an address names: some by their keys, else all that its filters match."""
    if KEYS in sent:
        keys = [key for key in sent.get(KEYS, "").split(",") if is_primary_key(key)]
        if not keys:
            raise SelectionError(_("No rows are chosen. Choose them in their list."))
        return Selection(kind, workspace.pk, keys=tuple(sorted(set(map(int, keys)))))
    return select_matching(kind, workspace=workspace.pk, query=_query(sent))


def why_hidden(export: Export) -> str:
    """Say why somebody may not have a file that was made for another; usually nothing."""
    settings = parse(export.settings)
    for kind in kinds_of(settings):
        left_out = getattr(settings.hidden, kind.value)
        if getattr(hidden_names(), kind.value) - left_out:
            return _("The file holds sensitive attributes that you may not see. Run it again.")
    return ""


def _settings(selection: Selection, cleaned: dict[str, Any]) -> ExportSettings:
    return ExportSettings(
        selection=selection,
        content=Content(cleaned.get("content", Content.ROWS)),
        attributes=cleaned["attributes"],
        format=Format(cleaned["format"]),
        is_gzipped=cleaned["is_gzipped"],
        is_made_safe=cleaned["is_made_safe"],
        hidden=hidden_names(),
    )


def _query(sent: QueryDict) -> str:
    number = sent.get(TYPE_VAR, "")
    about = urlencode({TYPE_VAR: number}) if number else ""
    return "&".join(filter(None, (about, kept_query(sent))))


def _list_address(sent: QueryDict, kind: Kind) -> str:
    model = admin_of(kind).opts
    address = reverse(f"admin:{model.app_label}_{model.model_name}_changelist")
    query = "" if KEYS in sent else _query(sent)
    return f"{address}?{query}" if query else address


def _other_formats(selection: Selection, kind: Kind) -> str:
    """Give the page that writes Excel and other files within the request; it takes no choice."""
    if selection.query is None:
        return ""
    model = admin_of(kind).opts
    address = reverse(f"admin:{model.app_label}_{model.model_name}_export")
    return f"{address}?{selection.query}" if selection.query else address


def _shown_attributes(request: HttpRequest, kind: Kind) -> tuple[str, ...]:
    """Name the attributes that the list shows, whole where it shows a nested value."""
    columns = admin_of(kind).columns_of(request).shown
    paths = [parse_path(column.label) for column in columns if column.is_attribute]
    return tuple(dict.fromkeys(path[0] for path in paths if path[0] is not None))


def _icon(selection: Selection) -> str:
    found = type_of(selection)
    icons = {Kind.PEOPLE: "person", Kind.OBJECTS: "category", Kind.RELATIONSHIPS: "link"}
    return found.icon if found is not None else icons[selection.kind]
