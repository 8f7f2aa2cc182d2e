"""Let PostgreSQL write the id of the transaction into each activity by itself."""

from django.db import migrations

TABLE = "operations_activity"


def set_default(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"ALTER TABLE {TABLE} ALTER COLUMN transaction_id "
            "SET DEFAULT pg_current_xact_id()::text::bigint"
        )


def drop_default(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {TABLE} ALTER COLUMN transaction_id DROP DEFAULT")


class Migration(migrations.Migration):
    dependencies = [("operations", "0001_initial")]
    operations = [migrations.RunPython(set_default, drop_default)]
