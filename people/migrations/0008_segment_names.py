"""Let a name be given to one segment of a workspace; where two share one, the later gets its number."""

from itertools import count

from django.db import migrations, models

NAME_MAX_CHARS = 100


def tell_apart(apps, schema_editor):
    segments = apps.get_model("people", "Segment").objects
    taken = set(segments.values_list("workspace_id", "name"))
    seen = set()
    for row in segments.order_by("workspace_id", "number"):
        workspace = row.workspace_id
        if (workspace, row.name) in seen:
            names = (numbered(row.name, row.number, turn) for turn in count(1))
            row.name = next(name for name in names if (workspace, name) not in taken)
            row.save(update_fields=["name"])
            taken.add((workspace, row.name))
        seen.add((workspace, row.name))


def numbered(name, number, turn):
    end = f" ({number})" if turn == 1 else f" ({number}-{turn})"
    return name[: NAME_MAX_CHARS - len(end)] + end


class Migration(migrations.Migration):
    dependencies = [("people", "0007_totals")]

    operations = [
        migrations.RunPython(tell_apart, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.UniqueConstraint(
                fields=("workspace", "name"), name="segment_name_unique_in_workspace"
            ),
        ),
    ]
