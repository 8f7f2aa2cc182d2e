"""The demo data is written wholly or not at all."""

import pytest
from django.core.management import call_command

from objects.models import ObjectType
from people.models import Person
from tests.engine.statements import watch_statements


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_start_that_is_interrupted_can_be_made_again(capsys: pytest.CaptureFixture[str]) -> None:
    def stop(statement: str) -> None:
        if ("INSERT" in statement and "people_person " in statement) or "COPY people" in statement:
            raise KeyboardInterrupt

    call_command("create_workspace", "--name", "Demo")
    with pytest.raises(KeyboardInterrupt), watch_statements(stop):
        call_command("seed_demo", "--workspace", "Demo")
    assert not ObjectType.objects.exists()
    call_command("seed_demo", "--workspace", "Demo")
    assert (ObjectType.objects.count(), Person.objects.count()) == (2, 2_000)
    assert "0 refused" in capsys.readouterr().out
