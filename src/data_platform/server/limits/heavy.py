"""The verbs that read or write data, and may run long."""

from __future__ import annotations

from data_platform.errors import LimitExceeded

_RETRY_SECONDS = 1
HEAVY = frozenset(["Collect", "Consume", "Examine", "Publish", "RunFrame", "Sql", "Tick", "VerifyAudit"])
"""They have a limit of their own for each principal, and limits of time other than that of a request."""
QUERIES = frozenset(["RunFrame", "Sql"])
"""They have a process of their own each."""


class TooManyQueries(LimitExceeded):
    """All places for queries are taken; one may be free soon."""


def too_many_queries(most: int) -> TooManyQueries:
    """The error for one more query."""
    return TooManyQueries(
        f"{most} queries run at one time",
        retry_after=_RETRY_SECONDS,
        hint="ask later, or raise queries under [server] in settings.toml",
    )


def too_many_calls(principal: str, most: int) -> LimitExceeded:
    """The error for one more heavy call of a principal."""
    return LimitExceeded(
        f"{principal} has {most} calls that read or write data at one time",
        retry_after=_RETRY_SECONDS,
        hint="ask less often, or raise heavy_calls under [server] in settings.toml",
    )
