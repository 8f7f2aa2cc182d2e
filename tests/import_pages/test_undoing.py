"""An import is undone from its own page, after a preview, and says so afterwards."""

from django.test import Client

from operations.models import ChangeSet
from people.models import Person
from tests.import_pages.walking import PEOPLE, import_all, page
from tests.make import make_person
from workspaces.models import Workspace


def test_an_import_is_undone_from_its_page(client: Client, workspace: Workspace) -> None:
    make_person(workspace, "ann", {"plan": "free", "city": "Oslo"})
    row = import_all(client, PEOPLE)
    assert Person.objects.get(person_id="ann").attributes["plan"] == "gold"
    offered = client.get(page(row)).context["undo"]
    preview = client.post(offered.address, follow=True)
    assert Person.objects.count() == 2

    client.post(preview.redirect_chain[-1][0], {"confirm": "yes", "reason": "wrong file"})
    assert list(Person.objects.values_list("person_id", "attributes")) == [
        ("ann", {"plan": "free", "city": "Oslo"})
    ]
    assert ChangeSet.objects.get(pk=row.job.change_set_id).undone_at
    shown = client.get(page(row))
    assert shown.context["undo"].told
    assert shown.context["undo"].told.encode() in shown.content
