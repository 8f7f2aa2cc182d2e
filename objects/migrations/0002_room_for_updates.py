"""Leave room on PostgreSQL's pages, so that a changed row can stay on its own page."""

from django.db import migrations

TABLE = "objects_object"


def leave_room(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {TABLE} SET (fillfactor = 70)")


def fill_up(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {TABLE} RESET (fillfactor)")


class Migration(migrations.Migration):
    dependencies = [("objects", "0001_initial")]
    operations = [migrations.RunPython(leave_room, fill_up)]
