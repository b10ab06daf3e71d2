"""The verbs that read or write data, and may run long."""

from __future__ import annotations

from data_platform.errors import LimitExceeded

_RETRY_SECONDS = 1
HEAVY = frozenset(["Collect", "Consume", "Examine", "Publish", "RunFrame", "Sql", "Tick", "VerifyAudit"])
"""They have a limit of their own for each principal, and limits of time other than that of a request."""


def too_many_calls(principal: str, most: int) -> LimitExceeded:
    """The error for one more heavy call of a principal."""
    return LimitExceeded(
        f"{principal} has {most} calls that read or write data at one time",
        retry_after=_RETRY_SECONDS,
        hint="ask less often, or raise heavy_calls under [server] in settings.toml",
    )
