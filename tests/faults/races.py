"""Contestants that set off at the same moment, each with a database connection of its own, over many trials."""

import threading

from django.db import connection

PATIENCE = 60  # seconds; a contestant that is stuck fails the test instead of hanging it


def race(*, trials, contestants, act, before, after):
    """Run the trials. `act(contestant)` is what they all do at once; its result or its exception is kept.

    Between the trials, in the test's own thread: `before()` sets the stage, `after(results)` looks at what came of it.
    """
    start, end = threading.Barrier(contestants + 1), threading.Barrier(contestants + 1)
    results = [None] * contestants

    def run(contestant):
        try:
            connection.ensure_connection()
            for _trial in range(trials):
                start.wait(PATIENCE)
                try:
                    results[contestant] = act(contestant)
                except Exception as fault:  # noqa: BLE001  (the trial judges what came of it)
                    results[contestant] = fault
                end.wait(PATIENCE)
        except threading.BrokenBarrierError:
            pass  # the test's own thread has failed and tells why
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[contestant], daemon=True) for contestant in range(contestants)]
    for thread in threads:
        thread.start()
    try:
        for _trial in range(trials):
            before()
            start.wait(PATIENCE)
            end.wait(PATIENCE)
            after(list(results))
    finally:
        start.abort()
        end.abort()
        for thread in threads:
            thread.join(PATIENCE)
