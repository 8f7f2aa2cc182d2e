"""Measures the pages of the admin in a workspace, so that two sizes can be compared."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.urls import get_resolver, reverse

from objects.models import Object
from operations.bench.scale import SCALE_WORKSPACE, TYPE_NUMBER
from operations.bench.scratch import Scratch, run_manage
from operations.doors.keyset import Place, render_place
from operations.engine.collector import spare_what_is_loaded
from people.models import Person
from workspaces.models import Workspace

WARM_UPS: Final = 2
REPEATS: Final = 7
DATABASE_AIM_MS: Final = 10.0
GROWTH_AIM: Final = 1.5
PAGE_AIM_MS: Final = 150.0


class FailedPageError(RuntimeError):
    """A page did not answer as it should, so its time says nothing."""


@dataclass(frozen=True, slots=True)
class PageFigures:
    """What one page took at the median, and how many statements it ran."""

    name: str
    total_ms: float
    database_ms: float
    statements: int


class Stopwatch:
    """Adds up the time that the database takes."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.seconds = 0.0
        self.statements = 0

    def __call__(
        self, execute: Callable[..., Any], sql: Any, parameters: Any, many: Any, context: Any
    ) -> Any:
        """Run a statement and note how long it took."""
        began_at = perf_counter()
        try:
            return execute(sql, parameters, many, context)
        finally:
            self.seconds += perf_counter() - began_at
            self.statements += 1


def measure_pages_at(
    scratch: Scratch, rows: int, *, tell: Callable[[str], None]
) -> list[PageFigures]:
    """Fill an empty database with so many objects and people, and open the pages."""
    scratch.renew()
    environment = scratch.environment()
    sizes = (f"--objects={rows}", f"--people={rows}", f"--relationships={3 * rows}")
    tell(run_manage("seed_scale", *sizes, environment=environment).strip())
    printed = run_manage("bench", "pages-here", SCALE_WORKSPACE, environment=environment)
    return [PageFigures(**figures) for figures in json.loads(printed)]


def measure_pages_of(name: str) -> str:
    """Open the pages of a workspace and write the figures as JSON."""
    _ = get_resolver().url_patterns
    spare_what_is_loaded()
    return json.dumps([asdict(page) for page in _measure_all(Workspace.objects.get(name=name))])


def render_pages(
    small: Sequence[PageFigures],
    large: Sequence[PageFigures],
    *,
    sizes: tuple[int, int],
    vendor: str,
) -> Iterator[str]:
    """Write both sizes side by side, and what misses its aim."""
    few, many = (f"{size:,}" for size in sizes)
    yield f"{vendor}: median ms on the server, of which in the database, at {few} and {many} rows"
    yield f"{'page':34}{'small':>8}{'db':>7}{'large':>9}{'db':>7}{'ratio':>7}{'stmts':>6}  misses"
    for before, after in zip(small, large, strict=True):
        ratio = after.total_ms / before.total_ms
        yield (
            f"{after.name:34}{before.total_ms:8.1f}{before.database_ms:7.1f}"
            f"{after.total_ms:9.1f}{after.database_ms:7.1f}{ratio:7.2f}{after.statements:6}"
            f"  {', '.join(_misses(after, ratio))}"
        )


def _measure_all(workspace: Workspace) -> list[PageFigures]:
    client = Client(SERVER_NAME="localhost")
    users: Any = get_user_model().objects
    user = users.filter(is_superuser=True).first() or users.create_superuser("bench")
    client.force_login(user)
    client.post(reverse("admin:switch_workspace"), {"workspace": workspace.pk}, secure=True)
    return [_measure(client, name, address) for name, address in _pages(workspace)]


def _misses(page: PageFigures, ratio: float) -> Iterator[str]:
    if page.database_ms > DATABASE_AIM_MS:
        yield "database"
    if ratio > GROWTH_AIM:
        yield "growth"
    if page.total_ms > PAGE_AIM_MS:
        yield "page"


def _measure(client: Client, name: str, address: str) -> PageFigures:
    runs = [_open(client, address) for _ in range(WARM_UPS + REPEATS)][WARM_UPS:]
    return PageFigures(
        name,
        total_ms=median(total for total, _ in runs) * 1_000,
        database_ms=median(watch.seconds for _, watch in runs) * 1_000,
        statements=runs[-1][1].statements,
    )


def _open(client: Client, address: str) -> tuple[float, Stopwatch]:
    watch = Stopwatch()
    with connection.execute_wrapper(watch):
        began_at = perf_counter()
        answer = client.get(address, secure=True)
        total = perf_counter() - began_at
    if answer.status_code != 200:  # noqa: PLR2004, the status of a page that is there
        raise FailedPageError(f"{address} answered {answer.status_code}")
    return total, watch


def _pages(workspace: Workspace) -> Iterator[tuple[str, str]]:
    objects = f"{reverse('admin:objects_object_changelist')}?object_type={TYPE_NUMBER}"
    people = f"{reverse('admin:people_person_changelist')}?"
    stored = Object.objects.for_workspace(workspace).order_by("created_at", "pk")
    middle = stored[stored.count() // 2]
    person = Person.objects.for_workspace(workspace).order_by("pk")[0]
    deep = render_place(Place(0, (middle.created_at, middle.pk)))
    yield "objects", objects
    yield "objects of every type", reverse("admin:objects_object_changelist")
    yield "objects, deep page", f"{objects}&cursor={deep}"
    yield "objects, search, few hits", f"{objects}&q={middle.object_id[-6:]}"
    yield "objects, search, many hits", f"{objects}&q=Falcon"
    yield "objects, search, none", f"{objects}&q=zzzqqq"
    yield "objects, attribute equals, few", f"{objects}&attribute=employees:17"
    yield "objects, attribute equals, many", f'{objects}&attribute=plan:"team"'
    yield "objects without relationships", f"{objects}&without_relationships=true"
    for column in range(1, 6):
        yield f"objects by column {column}", f"{objects}&o={column}"
        yield f"objects by column {column}, down", f"{objects}&o=-{column}"
    yield "people", people
    yield "people, search, few hits", f"{people}q={person.person_id}"
    yield "people, search, many hits", f"{people}q=Lindqvist"
    yield "people, attribute equals", f"{people}attribute=logins:17"
    yield "people without relationships", f"{people}without_relationships=true"
    for column in range(1, 7):
        yield f"people by column {column}", f"{people}o={column}"
        yield f"people by column {column}, down", f"{people}o=-{column}"
    yield "relationships", reverse("admin:relationships_relationship_changelist")
    yield "object page", reverse("admin:objects_object_change", args=[middle.pk])
    yield "person page", reverse("admin:people_person_change", args=[person.pk])
    yield "activity log", reverse("admin:operations_activity_changelist")
    yield "home", reverse("admin:index")
