from tests.access.world import lasting_world, world

__all__ = ["lasting_world", "world"]
