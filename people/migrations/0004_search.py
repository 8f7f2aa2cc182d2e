"""Make the index that people are searched by, and on PostgreSQL that of the attributes."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

from operations.search_index import PERSON_WORDS


def make(apps, schema_editor):
    for statement in PERSON_WORDS.creation(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    for statement in PERSON_WORDS.removal(schema_editor.connection.vendor):
        schema_editor.execute(statement)


class KeptTrigramExtension(TrigramExtension):
    """Stays when the migration is taken back, for other indexes may need it."""

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        pass


class Migration(migrations.Migration):
    dependencies = [("people", "0003_sorting")]
    operations = [KeptTrigramExtension(), migrations.RunPython(make, drop)]
