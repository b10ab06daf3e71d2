"""Claims on keys: taken before the act, committed with it, renewed while it runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from math import ceil

from sqlalchemy import Connection

from data_platform.errors import KeyInUse, KeyReused, Unavailable
from data_platform.record.operations import idempotency
from data_platform.record.operations.idempotency import CLAIMED, KeyRow
from data_platform.verbs.core.claim import Claim
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.renewal import LEASE, renewing

KEPT = timedelta(hours=24)
"""How long a key is remembered."""
PATIENCE = 2.0
"""Seconds that a request waits for another one with its key."""
_POLL = 0.05


def claim_key(context: Context, row: KeyRow) -> KeyRow | None:
    """Claims the key for the request that `row` describes; else the settled row of the request that came before.

    Raises KeyReused where that was another request, KeyInUse while it still runs.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        earlier = _try_to_claim(context, row)
        if earlier is None:
            return None
        if earlier.request_digest != row.request_digest:
            raise KeyReused(
                f"the idempotency key {row.key!a} came before with another request",
                hint="send each new request with a new key",
            )
        if earlier.state != CLAIMED:
            return earlier
        if time.monotonic() > deadline:
            raise KeyInUse(
                f"the first request with the idempotency key {row.key!a} still runs",
                retry_after=max(1, ceil((earlier.claimed_until - context.clock()).total_seconds())),
                hint="send the same request again later",
            )
        time.sleep(_POLL)


def commit_claim(tx: Connection, claim: Claim, entry: int) -> None:
    """Settles the key in the transaction of the act; raises Unavailable where another request has taken it over."""
    answer = None
    if claim.outcome is not None:
        # imported here: the JSON form of requests takes 0.2 s to load, and few callers send a key
        from data_platform.verbs.idempotency.outcomes import encode_outcome

        answer = encode_outcome(claim.verb, claim.outcome)
    if not idempotency.commit(tx, claim.holder, entry, answer, claim.data_digest):
        raise Unavailable(
            "nothing was done: the idempotency key of this request was taken over by a retry",
            hint="the retry does it, or has done it",
        )


@contextmanager
def renewed(context: Context, claim: Claim) -> Iterator[None]:
    """Renews the claim while the block runs."""

    def renew() -> None:
        with context.record.transaction() as tx:
            idempotency.renew(tx, claim.holder, context.clock() + LEASE)

    with renewing(renew, LEASE):
        yield


def _try_to_claim(context: Context, row: KeyRow) -> KeyRow | None:
    now = context.clock()
    row = replace(row, claimed_until=now + LEASE, expires_at=now + KEPT)
    with context.record.reading() as conn:
        earlier = idempotency.find(conn, row.principal, row.key)
    if earlier is not None and not earlier.is_free(now):
        return earlier
    with context.record.transaction() as tx:
        if earlier is None and idempotency.claim(tx, row):
            return None
        if earlier is not None and idempotency.take_over(tx, earlier, row):
            return None
        return idempotency.find(tx, row.principal, row.key) or row  # released just now: the next try claims it
