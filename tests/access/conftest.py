from tests.access.world import world

__all__ = ["world"]
