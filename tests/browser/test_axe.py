"""Every page is looked at by axe-core, in both themes, and watched for complaints of the console.

axe/axe.min.js is the file of the npm package axe-core, whose licence lies beside it.
"""

from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from objects.models import Object
from operations.engine.segments import SegmentDefinition, save_segment
from operations.models import Activity, ChangeSet
from operations.wire.columns import Kind
from operations.wire.filters import parse_text
from people.models import Person, Segment
from tests.make import member, origin
from workspaces.models import AuditEntry, Membership, Role, SavedView, Workspace

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.slow]

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
FILTER = '{"attribute":{"field":"party","operator":"exists"}}'
RUN = """axe.run(document, {resultTypes: ["violations"]}).then((found) => found.violations
  .filter((each) => ["serious", "critical"].includes(each.impact))
  .map((each) => `${each.id}: ${each.nodes.map((node) => node.html).slice(0, 3).join(" ")}`))"""


def addresses(workspace: Workspace) -> list[str]:
    """Name every page, with rows and without, and with something wrong."""
    row = Object.objects.filter(object_type__number=1, totals__relationship_count__gt=1)[0]
    person = Person.objects.filter(totals__relationship_count__gt=1)[0]
    member(Role.VIEWER, workspace, username="grace")
    team = Membership.objects.get(user__username="grace")
    one, someone = f"objects/object/{row.pk}", f"people/person/{person.pk}"
    view = f"?f={quote(FILTER)}&view={make_view(workspace)}"
    definition = SegmentDefinition("Segment", condition=parse_text(FILTER, kind=Kind.PEOPLE))
    save_segment(definition, origin=origin(workspace))
    segment = Segment.objects.get()
    tabs = ("attributes", "relationships", "activity", "neighbourhood", "manage")
    return [
        "",
        "imports/",
        "exports/",
        "people/",
        "password_change/",
        "people/person/",
        "people/person/?q=nothing-like-this",
        f"people/person/{view}",
        f"people/person/{view}&sort=name",
        f"views/{SavedView.objects.get().pk}/",
        "views/add/people/?q=a",
        "columns/people/",
        "people/segment/",
        "people/segment/add/",
        f"people/segment/{segment.pk}/change/",
        f"people/segment/{segment.pk}/delete/",
        f"people/person/?segment={segment.number}",
        "people/person/add/",
        "people/person/import/",
        "people/person/export/",
        *(f"{someone}/change/?tab={tab}" for tab in tabs),
        f"{someone}/delete/",
        "people/suppression/",
        "objects/object/?object_type=1",
        "objects/object/add/?object_type=1",
        *(f"{one}/change/?tab={tab}" for tab in tabs),
        f"{one}/change/?tab=neighbourhood&hops=2",
        f"{one}/delete/",
        "objects/objecttype/",
        "objects/objecttype/add/?preset=courses",
        f"objects/objecttype/{row.object_type_id}/change/",
        f"objects/objecttype/{row.object_type_id}/delete/",
        "relationships/relationship/",
        "relationships/add/",
        "operations/activity/",
        "operations/activity/?after=yesterday",
        "data-index/",
        "data-index/?of=relationships-1&show=sensitive",
        "data-index/attribute/?of=objects-1",
        f"operations/activity/{Activity.objects.latest('pk').pk}/change/",
        "operations/changeset/",
        f"operations/changeset/{ChangeSet.objects.latest('pk').pk}/change/",
        "operations/job/",
        "workspaces/membership/",
        "workspaces/membership/add/",
        f"workspaces/membership/{team.pk}/change/",
        f"workspaces/membership/{team.pk}/delete/",
        "workspaces/workspace/",
        f"workspaces/workspace/{workspace.pk}/change/",
        "workspaces/credential/",
        "workspaces/credential/add/",
        "workspaces/auditentry/",
        "workspaces/auditentry/?after=yesterday",
        "workspaces/auditentry/export/",
        f"workspaces/auditentry/{AuditEntry.objects.latest('pk').pk}/change/",
        "usage/",
        "people/duplicates/",
        "auth/user/",
        "auth/user/add/",
        f"auth/user/{team.user_id}/change/",
    ]


def make_view(workspace: Workspace) -> int:
    view = SavedView(workspace=workspace, kind="people", name="View", is_shared=True)
    view.query, view.columns = f"f={quote(FILTER)}", ["title", "attribute:party"]
    view.is_pinned = True
    view.save()
    return view.pk


def test_no_page_has_a_serious_violation(
    page: Page, samples: Workspace, complaints: list[str]
) -> None:
    found = []
    for address in addresses(samples):
        answer = page.goto(f"/admin/{address}")
        assert answer is not None and answer.status == 200, address
        page.wait_for_function("window.Alpine !== undefined")
        for theme in ("light", "dark"):
            found += [f"{address} ({theme}): {each}" for each in look(page, theme)]
    assert not found, "\n".join(found)
    assert complaints == []


def look(page: Page, theme: str) -> list[str]:
    page.evaluate(
        "theme => document.documentElement.classList.toggle('dark', theme)", theme == "dark"
    )
    page.wait_for_timeout(200)
    page.evaluate(f"window.axe || (() => {{ {AXE} }})()")
    return list(page.evaluate(RUN))
