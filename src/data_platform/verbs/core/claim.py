"""The claim of a request on its idempotency key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Claim:
    """The right of one request to act for a key, until another takes it over; `holder` identifies the request.

    `digest_data` is called once the data beside the request has been read. `outcome` is what the verb will answer or
    raise, where that is certain before its act is committed.
    """

    verb: str
    holder: str
    digest_data: Callable[[], str] | None = None
    data_digest: str | None = None
    outcome: object = None

    def close_data(self) -> None:
        """Takes the digest of the data, all of which has been read."""
        if self.digest_data is not None and self.data_digest is None:
            self.data_digest = self.digest_data()
