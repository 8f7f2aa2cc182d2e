"""Give jobs what they need to be done in steps; nothing had made one before."""

import django.db.models.deletion
import operations.columns
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('operations', '0003_day_counts'),
        ('workspaces', '0002_default_workspace'),
    ]

    operations = [
        migrations.DeleteModel(name='Job'),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=30)),
                ('state', models.CharField(choices=[('draft', 'Not confirmed'), ('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='draft', max_length=10)),
                ('actor', models.CharField(max_length=150)),
                ('title', models.CharField(blank=True, max_length=500)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('parameters', operations.columns.AttributesField(default=dict)),
                ('change_set', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='jobs', to='operations.changeset')),
                ('total', models.PositiveBigIntegerField(default=0)),
                ('weight', models.PositiveBigIntegerField(default=0, help_text='How many rows it touches, those that go along included.')),
                ('done', models.PositiveBigIntegerField(default=0)),
                ('position', operations.columns.AttributesField(default=list, help_text='Where the next step begins.')),
                ('refusals', operations.columns.AttributesField(default=list, help_text='The first rows that were refused.')),
                ('message', models.CharField(blank=True, max_length=500)),
                ('lease', models.CharField(blank=True, max_length=32)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('cancel_requested', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
                ('queued_at', models.DateTimeField(blank=True, null=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('workspace', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='jobs', to='workspaces.workspace')),
            ],
            options={
                'verbose_name': 'task',
                'verbose_name_plural': 'tasks',
                'indexes': [
                    models.Index(fields=['workspace', '-id'], name='jobs_newest_first'),
                    models.Index(condition=models.Q(('state__in', ('queued', 'running'))), fields=['workspace'], name='jobs_unfinished'),
                ],
            },
        ),
    ]
