"""How many entries of the audit log may come of acts that a caller can repeat at will, such as denied requests."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

WINDOW = timedelta(minutes=1)
MOST_IN_WINDOW = 10
"""The entries of one principal in a window, whatever they are about."""
_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Admission:
    """An act that gets an entry: it stands for `count` acts of its kind, itself included.

    `others` is the number of acts of other kinds of the principal that got no entry, because there were too many.
    """

    count: int
    others: int


@dataclass(slots=True)
class _Window:
    begin: datetime
    uncounted: int = 0


class EntryLimit:
    """One entry a minute for each kind of act of a principal, ten for a principal; the next one counts the rest.

    It is this process's alone. Threads may share it.
    """

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, Hashable], _Window] = {}
        self._entries: dict[str, list[datetime]] = {}
        self._others: dict[str, int] = {}
        self._lock = Lock()

    def admit(self, principal: str, kind: Hashable, now: datetime) -> Admission | None:
        """Whether an act gets an entry, and what that has to count; None if it is only counted."""
        with self._lock:
            window = self._kinds.get((principal, kind))
            if window is not None and now - window.begin < WINDOW:
                window.uncounted += 1
                return None
            entries = [at for at in self._entries.get(principal, ()) if now - at < WINDOW]
            if len(entries) >= MOST_IN_WINDOW:
                self._others[principal] = self._others.get(principal, 0) + 1
                return None
            self._forget_if_full()
            self._entries[principal] = [*entries, now]
            self._kinds[principal, kind] = _Window(now)
            return Admission(1 + (window.uncounted if window else 0), self._others.pop(principal, 0))

    def _forget_if_full(self) -> None:
        """Keeps the memory small; what was only counted is lost then."""
        for kept in (self._kinds, self._entries, self._others):
            if len(kept) >= _MOST_KEPT:
                kept.clear()
