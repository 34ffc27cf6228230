from django.conf import settings
from django.core import serializers
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_noop

from mobilities.models import CountryGroup, FundedDayTier, TravelDayLimit, UnitCost

ORDER = [
    "municipalities",
    "activity_types",
    "budget_categories",
    "esf_codes",
    "fields_of_work",
    "languages",
    "partnership_statements",
    "unit_costs",
    "organisations",
    "organisation_names",
    "network_memberships",
    "ka1_2015",
    "ka1_2019",
    "omstallning_i_west",
    "stok_2008",
]
LOADED = gettext_noop("loaded this from the reference data")
# The tables of annex IV are edited as tables. What says for which case a row is, without the bounds in a series of rows:
# where the database has a series it stands as somebody left it.
CASES = {
    UnitCost: ("kind", "call_year", "sending_country", "payee", "country_group", "travel_mode", "activity_code"),
    CountryGroup: ("call_year", "country_code"),
    FundedDayTier: ("call_year", "audience"),
    TravelDayLimit: ("call_year", "travel_mode"),
}
OURS = 1000  # primary keys up to here belong to the fixtures


class Command(BaseCommand):
    help = "Insert the reference data that is not there yet. Rows that are there, and may have been edited, stay as they are, and removed rates stay away."

    @transaction.atomic
    def handle(self, **options):
        inserted = [row for name in ORDER for row in _insert_missing(name)]
        for model in {type(row) for row in inserted}:
            _leave_lines(model, [row for row in inserted if type(row) is model])
            _number_own_rows_above(model)
        if options["verbosity"]:
            self.stdout.write(f"{len(inserted)} rows of reference data were inserted.")


def _insert_missing(name):
    """The rows of the fixture that the database did not have. `loaddata` would overwrite what was edited since."""
    with (settings.FIXTURE_DIRS[0] / f"{name}.json").open(encoding="utf-8") as file:
        parsed = list(serializers.deserialize("json", file))
    known = {}
    for found in parsed:
        model = type(found.object)
        if model not in known:
            known[model] = _Known(model)
        if not known[model].has(found.object):
            found.save()
            yield found.object


class _Known:
    """What the database had before: its rows, and of the tables of annex IV also those removed and their cases."""

    def __init__(self, model):
        self.case = CASES.get(model)
        self.keys = set(model._base_manager.values_list("pk", flat=True))
        self.cases = set()
        if self.case:
            self.keys |= set(model.history.values_list(model._meta.pk.name, flat=True))
            self.cases = set(model._base_manager.values_list(*self.case))

    def has(self, row):
        if row.pk in self.keys:
            return True
        return bool(self.case) and tuple(getattr(row, name) for name in self.case) in self.cases


def _leave_lines(model, rows):
    """Raw saves leave no history, so each row's first line is written here."""
    if hasattr(model, "history"):
        model.history.bulk_history_create(rows, batch_size=500, default_change_reason=LOADED)


def _number_own_rows_above(model):
    """Rows that people add get keys that no later fixture will claim."""
    table, key = model._meta.db_table, model._meta.pk
    if key.get_internal_type() != "BigAutoField":
        return
    last = max(OURS, model._base_manager.aggregate(last=Max("pk"))["last"])
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [last, table])
        else:
            sequence = [table, key.column]
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), greatest(%s, nextval(pg_get_serial_sequence(%s, %s))))",
                [*sequence, last, *sequence],
            )
