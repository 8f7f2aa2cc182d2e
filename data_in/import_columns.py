"""The third step of an import: what becomes of each column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from data_in.glimpses import Glimpse, Problem, SeenColumn, problems_of
from data_in.import_frame import Step, address_of, find_import, go_to, is_set_up, render_step
from data_in.import_setup import look
from data_in.importing import NotReady, keep_settings, start_check
from data_in.models import Import
from data_in.settings import Settings, is_time_zone, parse, time_zones
from operations.wire.column_settings import CellType, ColumnSetting, DateFormat, Role

# A form takes a limited number of fields; what is not on the page stays as it is.
COLUMNS_ON_A_PAGE: Final = 250
_ATTRIBUTE: Final = "attribute"
_SKIP: Final = "skip"
_KEY: Final = "key:"
_DATE: Final = "date:"
_TYPES: Final = (
    (CellType.AUTOMATIC.value, gettext_lazy("Automatic")),
    (CellType.TEXT.value, gettext_lazy("Text")),
    (CellType.NUMBER.value, gettext_lazy("Number")),
    (CellType.BOOLEAN.value, gettext_lazy("True or false")),
    (CellType.JSON.value, gettext_lazy("JSON")),
)
_DATES: Final = (
    (f"{_DATE}{DateFormat.ISO}", gettext_lazy("ISO 8601, such as 2026-01-31")),
    (f"{_DATE}{DateFormat.DAY_FIRST}", gettext_lazy("DD/MM/YYYY")),
    (f"{_DATE}{DateFormat.MONTH_FIRST}", gettext_lazy("MM/DD/YYYY")),
    (f"{_DATE}{DateFormat.UNIX_SECONDS}", gettext_lazy("Unix seconds")),
    (f"{_DATE}{DateFormat.UNIX_MILLISECONDS}", gettext_lazy("Unix milliseconds")),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A column as a line of the page: what it holds, what it becomes, what is odd about it."""

    number: int
    seen: SeenColumn
    becomes: str
    name: str
    type: str
    similar: str
    is_new: bool
    problems: tuple[str, ...]

    @property
    def has_warning(self) -> bool:
        """Tell whether somebody should look at it."""
        return bool(self.problems or self.similar)


def show_columns(request: HttpRequest, key: int) -> HttpResponse:
    """Show the columns, or take over what was chosen and go on to the check."""
    row = find_import(request, key)
    if not is_set_up(row):
        return go_to(address_of(row))
    settings = parse(row.settings)
    seen = look(row, settings)
    if isinstance(seen, str) or not seen.columns:
        return go_to(address_of(row, "import_setup"))
    page = _page_number(request, len(seen.columns))
    if request.method != "POST":
        return _show(request, row, seen, settings=seen.proposed, page=page)
    return _take(request, row, seen, page=page)


def _take(request: HttpRequest, row: Import, seen: Glimpse, *, page: int) -> HttpResponse:
    """Keep what was typed, even while there is something wrong with it."""
    chosen = _chosen(request.POST, seen)
    looked = look(row, chosen)
    seen = seen if isinstance(looked, str) else looked
    command, _colon, argument = request.POST.get("go", "check").partition(":")
    if command == "use":
        chosen = _use_existing(chosen, seen, argument)
    zone_problem = _zone_problem(request.POST)
    try:
        keep_settings(row, chosen)
    except NotReady as error:
        problem = (Problem(None, str(error)),)
        return _show(request, row, seen, settings=chosen, page=page, problems=problem)
    if zone_problem:
        problem = (Problem(None, zone_problem),)
        return _show(request, row, seen, settings=chosen, page=page, problems=problem)
    if command == "page":
        return go_to(_page_link(row, argument))
    if command == "use":
        return go_to(_page_link(row, str(page)) + f"#column-{argument}")
    return _check(request, row, seen, settings=chosen, page=page)


def _check(
    request: HttpRequest, row: Import, seen: Glimpse, *, settings: Settings, page: int
) -> HttpResponse:
    problems = problems_of(row, settings)
    if not problems:
        try:
            start_check(row, actor=request.user.get_username())
        except NotReady as error:
            problems = (Problem(None, str(error)),)
        else:
            return go_to(address_of(row))
    return _show(request, row, seen, settings=settings, page=page, problems=problems)


def _show(
    request: HttpRequest,
    row: Import,
    seen: Glimpse,
    *,
    settings: Settings,
    page: int,
    problems: Sequence[Problem] = (),
) -> HttpResponse:
    """Show a page of columns; where something is wrong, the page of the first of them."""
    wrong = [each.column for each in problems if each.column is not None]
    is_elsewhere = bool(wrong) and not any(_is_on(page, number) for number in wrong)
    shown = wrong[0] // COLUMNS_ON_A_PAGE + 1 if is_elsewhere else page
    lines = _lines(seen, settings, problems)
    begin = (shown - 1) * COLUMNS_ON_A_PAGE
    pages = -(-len(lines) // COLUMNS_ON_A_PAGE)
    context = {
        "lines": lines[begin : begin + COLUMNS_ON_A_PAGE],
        "column_count": len(lines),
        "warned_count": sum(line.has_warning for line in lines),
        "problems": [_told(each, seen) for each in problems],
        "key_names": [(f"{_KEY}{name}", name) for name in seen.key_names],
        "known_names": seen.known_names,
        "types": _TYPES,
        "dates": _DATES,
        "zones": sorted(time_zones()),
        "zone": settings.time_zone,
        "typed_zone": request.POST.get("time_zone", settings.time_zone),
        "page": shown,
        "pages": range(1, pages + 1) if pages > 1 else (),
        "columns_on_a_page": COLUMNS_ON_A_PAGE,
    }
    return render_step(request, "import_columns", context, step=Step.COLUMNS, row=row)


def _lines(seen: Glimpse, settings: Settings, problems: Sequence[Problem]) -> list[Line]:
    known = frozenset(seen.known_names)
    told: dict[int, list[str]] = {}
    for problem in problems:
        if problem.column is not None:
            told.setdefault(problem.column, []).append(problem.message)
    return [
        Line(
            number=number,
            seen=column,
            becomes=_becomes(setting),
            name=setting.name if setting.role is Role.ATTRIBUTE else column.header,
            type=_type_value(setting),
            similar=_similar(column, setting),
            is_new=setting.role is Role.ATTRIBUTE and setting.name not in known,
            problems=tuple(told.get(number, ())),
        )
        for number, (column, setting) in enumerate(
            zip(seen.columns, settings.columns, strict=True)
        )
    ]


def _becomes(setting: ColumnSetting) -> str:
    match setting.role:
        case Role.IDENTIFIER:
            return f"{_KEY}{setting.name}"
        case Role.ATTRIBUTE:
            return _ATTRIBUTE
        case Role.SKIP:
            return _SKIP


def _type_value(setting: ColumnSetting) -> str:
    is_date = setting.type is CellType.DATE
    return f"{_DATE}{setting.date_format}" if is_date else setting.type.value


def _similar(column: SeenColumn, setting: ColumnSetting) -> str:
    """Name an attribute that is spelled nearly so, unless it was chosen already."""
    is_as_found = setting.role is Role.ATTRIBUTE and setting.name != column.similar
    return column.similar if is_as_found else ""


def _chosen(posted: QueryDict, seen: Glimpse) -> Settings:
    """Read the columns that are on the page; the others stay as they are."""
    settings = seen.proposed
    columns = tuple(
        _read_column(posted, number, setting, key_names=seen.key_names)
        if f"becomes-{number}" in posted
        else setting
        for number, setting in enumerate(settings.columns)
    )
    zone = posted.get("time_zone", "").strip()
    is_known = is_time_zone(zone)
    return replace(settings, columns=columns, time_zone=zone if is_known else settings.time_zone)


def _read_column(
    posted: Mapping[str, Any], number: int, setting: ColumnSetting, *, key_names: Sequence[str]
) -> ColumnSetting:
    becomes = str(posted[f"becomes-{number}"])
    cell_type, date_format = _read_type(str(posted.get(f"type-{number}", "")))
    name, role = str(posted.get(f"name-{number}", "")), Role.ATTRIBUTE
    if becomes == _SKIP:
        name, role = "", Role.SKIP
    elif becomes.removeprefix(_KEY) in key_names and becomes.startswith(_KEY):
        name, role = becomes.removeprefix(_KEY), Role.IDENTIFIER
    return ColumnSetting(setting.header, role, name, cell_type, date_format)


def _read_type(value: str) -> tuple[CellType, DateFormat]:
    if value.startswith(_DATE):
        written = value.removeprefix(_DATE)
        formats = {each.value: each for each in DateFormat}
        return CellType.DATE, formats.get(written, DateFormat.ISO)
    types = {each.value: each for each in CellType}
    return types.get(value, CellType.AUTOMATIC), DateFormat.ISO


def _use_existing(settings: Settings, seen: Glimpse, argument: str) -> Settings:
    """Take the attribute that there is instead of one that is spelled nearly so."""
    columns = list(settings.columns)
    number = int(argument) if argument.isascii() and argument.isdigit() else len(columns)
    if number < len(columns) and seen.columns[number].similar:
        name = seen.columns[number].similar
        columns[number] = replace(columns[number], role=Role.ATTRIBUTE, name=name)
    return replace(settings, columns=tuple(columns))


def _zone_problem(posted: QueryDict) -> str:
    zone = posted.get("time_zone", "").strip()
    if not zone or is_time_zone(zone):
        return ""
    text = _("“%(zone)s” is no time zone that is known; write one such as Europe/Berlin.")
    return text % {"zone": zone}


def _told(problem: Problem, seen: Glimpse) -> dict[str, Any]:
    """Say where a problem is, for the list above the columns."""
    header = "" if problem.column is None else seen.columns[problem.column].header
    return {"number": problem.column, "header": header, "message": problem.message}


def _is_on(page: int, number: int) -> bool:
    return number // COLUMNS_ON_A_PAGE + 1 == page


def _page_number(request: HttpRequest, columns: int) -> int:
    text = request.GET.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < len("10000") else 1
    return max(1, min(number, -(-columns // COLUMNS_ON_A_PAGE)))


def _page_link(row: Import, page: str) -> str:
    address = address_of(row, "import_columns")
    return address if page == "1" else f"{address}?{urlencode({'page': page})}"
