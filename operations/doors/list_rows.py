"""The rows of a list as HTML: what is alike in a whole column is made once, not for each cell.

Unfold 0.91.0 makes all headers anew for each row and writes half a kilobyte of classes into each
cell, which was most of the time that a list took. Its `label`, `header` and `dropdown` displays
are not offered: `operations.doors.display` has what our lists show.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import lookup_field, quote
from django.db.models import Field
from django.utils.html import conditional_escape, escape, format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from unfold.templatetags.unfold_list import LINK_CLASSES, result_headers
from unfold.utils import display_for_field, display_for_value

_CHECKBOX: Final = "action_checkbox"
# Stands in an address where the key of a row belongs.
_KEY: Final = "key-of-the-row"
_LINK_CLASSES: Final = " ".join(LINK_CLASSES)

Write = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class ResultTable:
    """The headers of a list, and its rows without the `tr` around them."""

    headers: tuple[dict[str, Any], ...]
    rows: tuple[SafeString, ...]

    @property
    def sorted_columns(self) -> int:
        """Count the columns that the list is sorted by."""
        return sum(1 for header in self.headers if header["sortable"] and header["sorted"])


def make_result_table(changelist: Any) -> ResultTable:
    """Write the rows of the page that a change list shows."""
    headers = tuple(result_headers(changelist))  # type: ignore[no-untyped-call]  # unfold
    columns = tuple(_columns(changelist, headers))
    rows = (
        "".join([f"{begin}{write(row)}{end}" for begin, write, end in columns])
        for row in changelist.result_list
    )
    # Each part is escaped where it is made.
    return ResultTable(headers, tuple(mark_safe(row) for row in rows))  # noqa: S308


def _columns(
    changelist: Any, headers: tuple[dict[str, Any], ...]
) -> Iterator[tuple[str, Write, str]]:
    """Give what stands before and after each cell of a column, and what writes the cell."""
    linked = set(changelist.list_display_links or ())
    has_head = False
    for name, header in zip(changelist.list_display, headers, strict=True):
        if name == _CHECKBOX:
            begin = '<td class="action-checkbox" data-label="{}">'
            yield format_html(begin, _("Select record")), _checkbox_writer(changelist), "</td>"
            continue
        write = _writer(changelist, name)
        is_head = name in linked and not has_head
        has_head = has_head or is_head
        tag = "th" if is_head else "td"
        label = strip_tags(header["text"])
        begin = f'<{tag} class="field-{escape(_name_of(name))}" data-label="{escape(label)}">'
        if name in linked:
            write = _linking(changelist, write)
        yield begin, write, f"</{tag}>"


def _name_of(name: Any) -> str:
    return name if isinstance(name, str) else getattr(name, "__name__", "")


def _checkbox_writer(changelist: Any) -> Write:
    """Draw the box once, as unfold does, and put in the key of each row."""
    box = changelist.model_admin.action_checkbox(SimpleNamespace(pk=_KEY))
    before, after = box.split(_KEY)
    return lambda row: f"{before}{escape(row.pk)}{after}"


def _writer(changelist: Any, name: Any) -> Write:
    """Find out once where a column takes its value from, as Django does for each cell."""
    model_admin = changelist.model_admin
    fields = {field.name for field in changelist.lookup_opts.get_fields()}
    if not callable(name) and (name in fields or not hasattr(model_admin, name)):
        return _field_writer(model_admin, name)
    read = name if callable(name) else getattr(model_admin, name)
    empty = getattr(read, "empty_value_display", model_admin.get_empty_value_display())
    is_boolean = getattr(read, "boolean", False)

    def write(row: Any) -> str:
        value = read(row)
        if isinstance(value, SafeString):
            return value
        return conditional_escape(display_for_value(value, empty, is_boolean))

    return write


def _field_writer(model_admin: Any, name: str) -> Write:
    empty = model_admin.get_empty_value_display()

    def write(row: Any) -> str:
        field, _attribute, value = lookup_field(name, row, model_admin)
        if isinstance(field, Field) and field.remote_field is None:
            return conditional_escape(display_for_field(value, field, empty))
        return conditional_escape(display_for_value(value, empty))

    return write


def _linking(changelist: Any, write: Write) -> Write:
    """Link a cell to the page of its row, which leads back to the list as it is filtered."""
    key_name = changelist.pk_attname
    address = changelist.url_for_result(SimpleNamespace(**{key_name: _KEY}))
    context = {"preserved_filters": changelist.preserved_filters, "opts": changelist.opts}
    before, _key, after = escape(add_preserved_filters(context, address)).partition(_KEY)
    opener = str(changelist.to_field or key_name) if changelist.is_popup else ""

    def write_link(row: Any) -> str:
        link = f"{before}{escape(quote(getattr(row, key_name)))}{after}"
        popup = f' data-popup-opener="{escape(row.serializable_value(opener))}"' if opener else ""
        return f'<a href="{link}" class="{_LINK_CLASSES}"{popup}>{write(row)}</a>'

    return write_link
