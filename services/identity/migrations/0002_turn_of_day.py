from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0001_initial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='TurnedDay',
            fields=[
                ('zone', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ('day', fields.DateField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'turned_days', 'app': 'models', 'pk_attr': 'zone', 'table_description': 'Up to which local day, in each time zone, it is recorded what began or ended with the day.'},
            bases=['Model'],
        ),
    ]
