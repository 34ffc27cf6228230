import pytest

from tests import factories
from tests.consortium.conftest import english, fields, send, sign_in  # noqa: F401  (the same browser, the same language)


@pytest.fixture
def mobility_of(project, traveller, host):
    """`mobility_of("accepted")` is a mobility of the traveller in that state, with Lar Exemplo in Porto as host."""

    def make(state="draft", **values):
        return factories.MobilityFactory(
            **{"project": project, "participant": traveller, "receiving_organisation": host, "state": state} | values
        )

    return make


@pytest.fixture
def cast(copied_cast):
    """Tests that count people take `tests.cast.cast` instead, which has only who was asked for."""
    return copied_cast
