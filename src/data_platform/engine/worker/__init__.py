"""SQL that we do not trust, run in a process that can read the named tables and nothing else.

The parent's side is `SqlWorker`. The child (`python -m data_platform.engine.worker`) is walled in before it reads a
byte: no inherited descriptors or environment, no way to write, open a port or start a program, a memory limit that
the kernel holds, and its death when the parent dies. It is killed at a query's deadline and started anew for the next.
"""

from __future__ import annotations

from data_platform.engine.worker.client import SqlWorker
from data_platform.engine.worker.messages import Answer, Query

__all__ = ["Answer", "Query", "SqlWorker"]
