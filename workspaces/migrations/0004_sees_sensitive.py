from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workspaces", "0003_names_of_members"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="sees_sensitive",
            field=models.BooleanField(
                default=True,
                help_text="Workspace admins always do.",
                verbose_name="sees sensitive attributes",
            ),
        ),
        migrations.AddField(
            model_name="credential",
            name="sees_sensitive",
            field=models.BooleanField(
                default=True,
                help_text="Keys of workspace admins always do.",
                verbose_name="sees sensitive attributes",
            ),
        ),
    ]
