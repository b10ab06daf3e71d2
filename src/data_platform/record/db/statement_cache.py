"""The compiled statements of all records in SQLite that this process opens.

SQLAlchemy keeps compiled statements for each engine, because an engine may speak a dialect of its own. All records in
SQLite speak the same one, so a statement is compiled once, and not again for each record that is opened.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.util import LRUCache

_STATEMENTS = 500
"""As many as SQLAlchemy keeps for an engine."""


class StatementCache:
    """A `compiled_cache` of SQLAlchemy; the first part of its keys is the engine's dialect, which is left out."""

    def __init__(self) -> None:
        self._statements: LRUCache[Any, Any] = LRUCache(_STATEMENTS)

    def get(self, key: tuple[Any, ...]) -> Any:
        """The compiled statement; None if it was not compiled yet."""
        return self._statements.get(key[1:])

    def __setitem__(self, key: tuple[Any, ...], statement: Any) -> None:
        self._statements[key[1:]] = statement
