"""The verbs that read or write data, and may run long."""

from __future__ import annotations

HEAVY = frozenset(["Collect", "Consume", "Examine", "Publish", "RunFrame", "Sql", "Tick", "VerifyAudit"])
"""They have a limit of their own for each principal, and limits of time other than that of a request."""
