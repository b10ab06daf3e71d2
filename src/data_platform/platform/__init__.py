"""Platform: the mesh as one object, a method for each verb, over a transport."""

from data_platform.platform.facade import Platform
from data_platform.platform.transport import InProcess, Transport

__all__ = ["InProcess", "Platform", "Transport"]
