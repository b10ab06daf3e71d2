"""Ends what a call computes, once nobody waits for it any more."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Interruption:
    """Is set once, by any thread; then it calls what was attached, and at once what is attached later.

    What is attached must return at once, and may be called after its work is over.
    """

    def __init__(self) -> None:
        self.is_set = False
        self._lock = threading.Lock()
        self._actions: list[Callable[[], None]] = []

    def attach(self, action: Callable[[], None]) -> None:
        """Calls `action` when this is set."""
        with self._lock:
            if not self.is_set:
                self._actions.append(action)
                return
        action()

    def set(self) -> None:
        """Calls all that is attached; a second time, nothing."""
        with self._lock:
            self.is_set = True
            actions, self._actions = self._actions, []
        for action in actions:
            action()
