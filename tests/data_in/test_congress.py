"""Real data, a cut of it and the whole: members, committees and states of a congress."""

from pathlib import Path

import pytest

from objects.models import Object
from people.models import Person
from relationships.models import Relationship
from tests.data_in.importing import import_csv

pytestmark = pytest.mark.django_db

FILES = (
    ("people.csv", 537, ("--kind", "people")),
    ("committees.csv", 230, ("--kind", "objects", "--type", "1", "--type-name", "Committees")),
    ("states.csv", 56, ("--kind", "objects", "--type", "2", "--type-name", "States")),
    ("committee_memberships.csv", 3_879, ("--kind", "relationships")),
    ("state_delegations.csv", 537, ("--kind", "relationships")),
)


SAMPLES = Path(__file__).resolve().parent.parent / "samples"
SAMPLE_COUNTS = (20, 14, 19, 74, 20)


def import_all(folder, status, counts):
    for (name, _, options), count in zip(FILES, counts, strict=True):
        run = import_csv(folder / name, *options)
        assert (run.code, run.counts()) == (0, {status: count}), name


def test_the_sample_is_imported_and_then_unchanged():
    import_all(SAMPLES, "created", SAMPLE_COUNTS)
    assert Object.objects.of_type(1).without_relationships().count() == 2
    assert Relationship.objects.count() == 94
    import_all(SAMPLES, "unchanged", SAMPLE_COUNTS)


def test_the_whole_congress_is_imported_and_then_unchanged(shared_data):
    folder = shared_data / "congress"
    counts = [count for _, count, _ in FILES]
    import_all(folder, "created", counts)
    committees = Object.objects.of_type(1)
    assert committees.count() == 230
    assert committees.without_relationships().count() == 2
    assert Relationship.objects.of_type(1).count() == 3_879
    assert Relationship.objects.of_type(2).count() == 537
    import_all(folder, "unchanged", counts)


def test_json_and_accents_stay_as_they_are(shared_data):
    import_csv(shared_data / "congress" / "people.csv", "--kind", "people")
    person = Person.objects.get(person_id="C000127")
    assert person.attributes["external_ids"]["fec"] == ["S8WA00194", "H2WA01054"]
    assert person.attributes["terms_served"] == 6
    names = Person.objects.values_list("attributes", flat=True)
    assert "Nydia M. Velázquez" in {found.get("official_full") for found in names}
