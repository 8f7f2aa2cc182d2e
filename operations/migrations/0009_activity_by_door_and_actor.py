"""Let the log be filtered by door and by user however few activities match."""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('operations', '0008_undo'),
        ('workspaces', '0008_sensitive_counts'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='activity',
            index=models.Index(fields=['workspace', 'door', 'id'], name='activity_of_a_door'),
        ),
        migrations.AddIndex(
            model_name='activity',
            index=models.Index(fields=['workspace', 'actor', 'id'], name='activity_of_an_actor'),
        ),
    ]
