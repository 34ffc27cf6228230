import json

from django.conf import settings

from mobilities.rate_notes import NOTES


def test_all_notes_of_the_reference_data_can_be_translated():
    rows = json.loads((settings.BASE_DIR / "fixtures" / "unit_costs.json").read_text())
    assert set(NOTES) == {row["fields"]["note"] for row in rows if row["fields"].get("note")}
