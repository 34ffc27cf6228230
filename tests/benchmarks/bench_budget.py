"""By hand: does the budget page bear five thousand mobilities, and do a thousand agree to the cent?

    python3 manage.py test tests/benchmarks/bench_budget.py -n 0 -s

The yardstick is reading the same mobilities with their organisations and lines, in the same run.
"""

import statistics
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mobilities.models import GrantLine, Mobility
from tests import factories, granted
from tests.mobilities import test_grant_sums
from tests.mobilities.test_grant_sums import cast, rates

__all__ = ["cast", "rates"]


def seconds(deed):
    before = time.perf_counter()
    deed()
    return time.perf_counter() - before


@pytest.mark.django_db
def test_page_of_five_thousand_mobilities_asks_as_many_queries_as_one_of_fifty(rates, cast, sign_in):
    client, url = sign_in(cast.coordinator), reverse("reporting:budget", args=[cast.project.slug])
    members, asked = [factories.OrganisationFactory() for _n in range(20)], []

    def page():
        assert client.get(url).status_code == 200

    def yardstick():
        parties = "activity_type", "sending_organisation", "receiving_organisation"
        list(Mobility.objects.filter(project=cast.project).select_related(*parties))
        list(GrantLine.objects.filter(mobility__project=cast.project))

    for number in (50, 4950):
        granted.mobilities(cast.project, members, number, seed=number)
        page()
        with CaptureQueriesContext(connection) as queries:
            page()
        asked.append(len(queries))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # the databases' own housekeeping, for which a test is too short
    took = [(seconds(page), seconds(yardstick)) for _pair in range(7)]
    ratio = statistics.median(page / bare for page, bare in took)
    print(
        f"queries {asked}; {len(took)} pairs, median page {statistics.median(t[0] for t in took):.2f} s, ratio {ratio:.2f}"
    )
    assert asked[0] == asked[1]


def test_thousand_mobilities_agree_to_the_cent(rates, cast):
    test_grant_sums.agree(cast, 1000)
