"""Keep what the data index says of attributes, and how far it is up to date."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('operations', '0004_jobs'),
        ('workspaces', '0004_sees_sensitive'),
    ]

    operations = [
        migrations.CreateModel(
            name='AttributeName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('people', 'People'), ('objects', 'Objects'), ('relationships', 'Relationships')], max_length=13)),
                ('object_type_number', models.PositiveIntegerField(default=0, help_text='0 for people; else whose objects or relationships have it.')),
                ('name', models.CharField(max_length=300)),
                ('description', models.CharField(blank=True, max_length=255)),
                ('tags', models.JSONField(default=list)),
                ('is_sensitive', models.BooleanField(default=False, verbose_name='sensitive')),
                ('row_count', models.PositiveBigIntegerField(default=0)),
                ('types', models.JSONField(default=dict, help_text='How many values there are of each type.')),
                ('sample_keys', models.JSONField(default=list, help_text='Keys of some rows that have it.')),
                ('last_set_at', models.BigIntegerField(help_text='In Unix seconds.', null=True)),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attribute_names', to='workspaces.workspace')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('is_sensitive', True)), fields=['workspace'], name='sensitive_attributes')],
                'constraints': [models.UniqueConstraint(fields=('workspace', 'kind', 'object_type_number', 'name'), name='attribute_once_in_the_data_index')],
            },
        ),
        migrations.CreateModel(
            name='AttributeScan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('people', 'People'), ('objects', 'Objects'), ('relationships', 'Relationships')], max_length=13)),
                ('read_at', models.DateTimeField(help_text='When the last walk began.', null=True)),
                ('read_activity', models.BigIntegerField(default=0, help_text='The newest activity then.')),
                ('is_asked_for', models.BooleanField(default=False)),
                ('started_at', models.DateTimeField(null=True)),
                ('started_activity', models.BigIntegerField(default=0)),
                ('position', models.BigIntegerField(null=True)),
                ('found', models.JSONField(default=dict)),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attribute_scans', to='workspaces.workspace')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('workspace', 'kind'), name='one_scan_of_the_attributes_of_a_kind')],
            },
        ),
    ]
