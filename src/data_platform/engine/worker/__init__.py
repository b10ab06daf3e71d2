"""Runs untrusted SQL in a process that can read the named tables and nothing else.

The parent's side is `SqlWorker`. The child (`python -m data_platform.engine.worker`) is sandboxed before it reads
a byte: no inherited descriptors or environment, no right to write, open a port or start a program, a memory limit that
the kernel enforces, and its end when the parent ends. It is killed at a query's deadline, and the next starts another.
"""

from __future__ import annotations

from data_platform.engine.worker.client import SqlWorker
from data_platform.engine.worker.messages import Answer, WorkerQuery

__all__ = ["Answer", "SqlWorker", "WorkerQuery"]
