"""Make the workspace that every installation starts with."""

from django.db import migrations


def make_default(apps, schema_editor):
    apps.get_model("workspaces", "Workspace").objects.get_or_create(name="Default")


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0001_initial")]
    operations = [migrations.RunPython(make_default, migrations.RunPython.noop)]
