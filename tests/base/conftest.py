import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english():
    """Sentences are asked in English, whatever a test before has left."""
    with translation.override("en"):
        yield
