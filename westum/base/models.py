"""Django looks for models here; each is in the module that says what is done with it."""

from westum.base.files import StoredFile
from westum.base.heartbeats import Heartbeat
from westum.base.installation import Installation
from westum.base.letters import Letter
from westum.base.tokens import FormToken

__all__ = ["FormToken", "Heartbeat", "Installation", "Letter", "StoredFile"]
