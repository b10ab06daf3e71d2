"""What the two databases do differently: connecting, beginning, and saying what is wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from data_platform.errors import RecordFailed

PATIENCE = 60.0
"""Seconds that a transaction waits for another one before it gives up."""


class Backend(ABC):
    """One database, not connected before the first session; `place` names it in errors, without its password."""

    WRITING: ClassVar[Mapping[str, Any]]
    READING: ClassVar[Mapping[str, Any]]

    def __init__(self, engine: Engine, place: str) -> None:
        self.engine = engine
        self.place = place

    @property
    @abstractmethod
    def url(self) -> str:
        """What opens it, with its password."""

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written, and reading is all that is left."""
        return False

    def exists(self) -> bool:
        """Whether there is a database at all; what cannot be told without asking it, `versioning` asks."""
        return True

    @abstractmethod
    def prepare(self) -> None:
        """Does what must be done outside a transaction before the first one."""

    @abstractmethod
    def copy_to(self, path: Path) -> None:
        """Writes all of it, as it stands at one moment, to a new SQLite file."""

    @abstractmethod
    def verify(self) -> None:
        """Raises RecordFailed for a database that is damaged."""

    @abstractmethod
    def exclude(self, conn: Connection) -> None:
        """Holds off everybody else who would create or upgrade the record, until the transaction ends."""

    @abstractmethod
    def diagnose(self, error: DBAPIError) -> tuple[str, str] | None:
        """What the driver's error means and how to mend it; None when it tells of a mistake in our own SQL."""

    @contextmanager
    def session(self, options: Mapping[str, Any]) -> Iterator[Connection]:
        """One transaction: committed at the end, rolled back by any exception."""
        with self.failures(), self.engine.connect() as conn:
            conn.execution_options(**options)
            with conn.begin():
                yield conn

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Turns what the database says into RecordFailed."""
        try:
            yield
        except PoolTimeout as error:
            what = f"all connections have been busy for {PATIENCE:.0f} s"
            raise self._failed(what, "run fewer publishes at once in this process") from error
        except DBAPIError as error:
            found = self.diagnose(error)
            if found is None:
                raise
            raise self._failed(*found) from error

    def _failed(self, what: str, mend: str) -> RecordFailed:
        return RecordFailed(f"the record {self.place} {what}", hint=mend)
