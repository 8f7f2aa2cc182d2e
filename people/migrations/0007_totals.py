"""Move the counts of relationships into a narrow table beside the people.

The rows of people have many indexes, and each change of a count wrote an entry into all of them.
"""

import django.db.models.deletion
from django.db import migrations, models

import operations.columns
from operations.search_index import PERSON_WORDS

ROWS = "people_person"
TOTALS = "people_persontotals"
COLUMNS = "id, workspace_id, created_at, relationship_count"


def fill(apps, schema_editor):
    schema_editor.execute(f"INSERT INTO {TOTALS} ({COLUMNS}) SELECT {COLUMNS} FROM {ROWS}")


def fill_back(apps, schema_editor):
    count = f"SELECT relationship_count FROM {TOTALS} WHERE {TOTALS}.id = {ROWS}.id"
    schema_editor.execute(f"UPDATE {ROWS} SET relationship_count = ({count})")
    if schema_editor.connection.vendor == "postgresql":
        # A table is not altered while foreign keys of its rows wait to be compared.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


def drop_triggers(apps, schema_editor):
    """Let go of the triggers that note changed words, for SQLite makes the table anew."""
    if schema_editor.connection.vendor == "sqlite":
        for trigger in PERSON_WORDS.trigger_names():
            schema_editor.execute(f'DROP TRIGGER IF EXISTS "{trigger}"')


def make_triggers(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for statement in PERSON_WORDS.triggers():
            schema_editor.execute(statement)


def fill_pages(apps, schema_editor):
    """Leave no room on PostgreSQL's pages: what changes now moves an entry of some index."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {ROWS} RESET (fillfactor)")


def leave_room(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {ROWS} SET (fillfactor = 70)")


class Migration(migrations.Migration):
    dependencies = [("people", "0006_duplicates"), ("workspaces", "0003_names_of_members")]
    operations = [
        migrations.RunPython(drop_triggers, make_triggers),
        migrations.RemoveIndex("person", "people_without_relationships"),
        migrations.RemoveIndex("person", "people_by_relationships"),
        migrations.RemoveConstraint("person", "person_relationship_count_not_negative"),
        migrations.CreateModel(
            name="PersonTotals",
            fields=[
                (
                    "created_at",
                    models.DateTimeField(
                        help_text="That of the row: one index leads to the newest rows without relationships."
                    ),
                ),
                (
                    "relationship_count",
                    models.PositiveIntegerField(default=0, verbose_name="relationships"),
                ),
                (
                    "person",
                    operations.columns.RowKeyField(
                        db_column="id",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="totals",
                        serialize=False,
                        to="people.person",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workspaces.workspace",
                    ),
                ),
            ],
        ),
        migrations.RunPython(fill, fill_back),
        migrations.AddConstraint(
            "persontotals",
            models.CheckConstraint(
                condition=models.Q(relationship_count__gte=0),
                name="person_relationship_count_not_negative",
            ),
        ),
        migrations.AddIndex(
            "persontotals",
            models.Index(
                fields=["workspace", "relationship_count", "person"],
                name="people_by_relationships",
            ),
        ),
        migrations.AddIndex(
            "persontotals",
            models.Index(
                fields=["workspace", "created_at", "person"],
                condition=models.Q(relationship_count=0),
                name="people_without_relationships",
            ),
        ),
        migrations.RemoveField("person", "is_unrelated"),
        migrations.RemoveField("person", "relationship_rank"),
        migrations.RemoveField("person", "relationship_count"),
        migrations.RunPython(make_triggers, drop_triggers),
        migrations.RunPython(fill_pages, leave_room),
    ]
