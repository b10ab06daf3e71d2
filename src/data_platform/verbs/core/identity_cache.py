"""Principals by the digest of their token, so that a busy caller is not looked up at each request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from data_platform.settings import Principal

LIFE = timedelta(seconds=2)
"""How long another process may take to notice a revocation."""
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class _Entry:
    principal: Principal
    begin: datetime
    end: datetime


class IdentityCache:
    """The principals that were authenticated in the last two seconds; threads may share it.

    `revision` grows with each `forget`: what was looked up before a change is not kept after it.
    """

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._lock = Lock()
        self.revision = 0

    def find(self, digest: str, now: datetime) -> Principal | None:
        """The principal of a token; None if it has to be looked up."""
        entry = self._entries.get(digest)
        return entry.principal if entry is not None and entry.begin <= now < entry.end else None

    def keep(
        self, digest: str, principal: Principal, now: datetime, expires_at: datetime | None, revision: int
    ) -> None:
        """Keeps what was looked up at `revision`, until the token expires at the latest."""
        end = now + LIFE if expires_at is None else min(now + LIFE, expires_at)
        with self._lock:
            if revision != self.revision:
                return
            if len(self._entries) >= _MOST:
                self._entries.clear()
            self._entries[digest] = _Entry(principal, now, end)

    def forget(self) -> None:
        """Ends every entry, after a change of tokens, principals, teams or roles."""
        with self._lock:
            self.revision += 1
            self._entries.clear()
