"""Slowing down who tries too much in a short time. Allauth's own limits leave reading alone."""

import logging
import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache

log = logging.getLogger(__name__)


def is_hasty(request, *, action, times, seconds):
    """Whether the address of the request has done the action more than `times` in this period of `seconds`.

    Without a cache nobody is slowed down: the page is more important than the limit.
    """
    key = f"{action}:{get_adapter().get_client_ip(request)}:{int(time.time() // seconds)}"
    try:
        cache.add(key, 0, seconds * 2)
        return cache.incr(key) > times
    except Exception as fault:  # noqa: BLE001  (whatever a cache's library may raise)
        log.warning("the cache did not count %s: %s", action, type(fault).__name__)
        return False
