from decimal import Decimal

import pytest
from django.db.models import DecimalField, Sum, Value

from westum.base import heartbeats
from westum.base.money import Total, round_half_up


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        ("2.345", 2, "2.35"),
        ("2.344999", 2, "2.34"),
        ("-2.345", 2, "-2.35"),
        ("92.5", 0, "93"),
        ("91.5", 0, "92"),
        ("0.5", 0, "1"),
        ("1", 2, "1.00"),
    ],
)
def test_round_half_up_goes_away_from_zero(value, places, rounded):
    result = round_half_up(Decimal(value), places)
    assert (result, str(result)) == (Decimal(rounded), rounded)


@pytest.fixture
def thousand_rows():
    """Rows of which each may stand for ten cents: 1,000 times 0.10 is no round number in binary."""
    from westum.base.models import FormToken

    FormToken.objects.bulk_create(FormToken(token=f"{n:032x}", user_id=n % 3, fingerprint="f") for n in range(1000))
    return FormToken.objects


TEN_CENTS = Value(Decimal("0.10"), DecimalField(max_digits=9, decimal_places=2))


@pytest.mark.django_db
def test_total_is_exact_to_the_cent(thousand_rows):
    total = thousand_rows.aggregate(total=Total(TEN_CENTS))["total"]
    assert (total, str(total)) == (Decimal("100.00"), "100.00")


@pytest.mark.django_db
@pytest.mark.databases("sqlite")
def test_sum_alone_is_not_exact_on_sqlite(thousand_rows):
    """The control: what Total is for."""
    assert thousand_rows.aggregate(total=Sum(TEN_CENTS))["total"] != Decimal("100.00")


@pytest.mark.django_db
def test_total_of_groups_can_be_compared_in_sql(thousand_rows):
    groups = thousand_rows.order_by("user_id").values("user_id").annotate(total=Total(TEN_CENTS))
    assert [str(group["total"]) for group in groups] == ["33.40", "33.30", "33.30"]
    assert groups.filter(total=Decimal("33.30")).count() == 2


@pytest.mark.django_db
def test_total_takes_a_filter(thousand_rows):
    from django.db.models import Q

    assert thousand_rows.aggregate(total=Total(TEN_CENTS, filter=Q(user_id=0)))["total"] == Decimal("33.40")


@pytest.mark.django_db
def test_total_of_nothing_is_not_zero_unless_asked():
    rows = heartbeats.Heartbeat.objects
    assert rows.aggregate(total=Total(TEN_CENTS)) == {"total": None}
    assert rows.aggregate(total=Total(TEN_CENTS, default=Decimal(0))) == {"total": Decimal("0.00")}
