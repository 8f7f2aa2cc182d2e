"""Note which counts of views tell of sensitive attributes; all of them until they are counted anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0007_undo")]

    operations = [
        migrations.AddField(
            model_name="savedview",
            name="is_count_sensitive",
            field=models.BooleanField(default=True, editable=False),
        ),
    ]
