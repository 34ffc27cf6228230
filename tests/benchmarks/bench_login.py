"""S9, by hand: does the time of the answer tell whether an address has an account? A median of 0.9 to 1.1 does not.

    python3 manage.py test tests/benchmarks/bench_login.py -n 0 -s

The yardstick is the same page for an address that nobody has, in the same run and in random order.
"""

import random
import statistics
import time

from django.test import Client

from tests.westum.test_accounts import CONFIRM, NOBODY, ask_for_code, user

__all__ = ["user"]


def test_answer_takes_as_long_for_an_address_that_nobody_has(user, settings):
    """Paired in random order; the median of the ratios is close to one."""
    settings.ACCOUNT_RATE_LIMITS = False
    seed, pairs = 20260101, 60
    chance, ratios = random.Random(seed), []

    def seconds(email):
        client = Client()
        before = time.perf_counter()
        ask_for_code(client, email)
        client.get(CONFIRM)
        return time.perf_counter() - before

    seconds(user.email), seconds(NOBODY)
    for _pair in range(pairs):
        order = [user.email, NOBODY]
        chance.shuffle(order)
        took = {email: seconds(email) for email in order}
        ratios.append(took[user.email] / took[NOBODY])
    print(f"n = {pairs} pairs, median ratio {statistics.median(ratios):.3f}, seed {seed}")
