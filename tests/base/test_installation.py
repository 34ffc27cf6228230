import pytest
from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.utils import timezone

from westum.base import installation
from westum.base.models import Installation

pytestmark = pytest.mark.django_db


def faults():
    return [fault.id for fault in run_checks(tags=[Tags.database], databases=["default"])]


@pytest.mark.parametrize(("rows", "demo"), [([], False), ([False], False), ([True], True)])
def test_installation_knows_what_it_is(rows, demo, settings):
    for is_demo in rows:
        assert Installation.objects.create(is_demo=is_demo).started_on == timezone.localdate()
    assert installation.is_demo() == demo
    settings.PRODUCTION = True
    assert faults() == (["westum.E001"] if demo else [])
    if demo:
        with pytest.raises(ImproperlyConfigured, match="invented people"):
            installation.refuse_demo()
    else:
        installation.refuse_demo()


def test_demonstration_may_be_a_demonstration(settings):
    Installation.objects.create(is_demo=True)
    assert not settings.PRODUCTION
    assert faults() == []


def test_installation_is_one_row():
    Installation.objects.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        Installation.objects.create(pk=2)
