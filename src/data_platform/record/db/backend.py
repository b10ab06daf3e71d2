"""What the two databases do differently: connecting, beginning a transaction, and explaining errors."""

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
        """The URL that opens it, with its password."""

    @property
    def read_only(self) -> bool:
        """Whether the database can only be read."""
        return False

    def exists(self) -> bool:
        """Whether there is a database; True if that needs a connection, because `schema_version` checks it then."""
        return True

    @abstractmethod
    def prepare(self) -> None:
        """Does what must be done outside a transaction before the first one."""

    @abstractmethod
    def copy_to(self, path: Path) -> None:
        """Writes its state at one moment to a new SQLite file."""

    @abstractmethod
    def verify(self) -> None:
        """Raises RecordFailed for a database that is damaged."""

    @abstractmethod
    def exclude(self, conn: Connection) -> None:
        """Blocks other clients from creating or upgrading the record until the transaction ends."""

    @abstractmethod
    def diagnose(self, error: DBAPIError) -> tuple[str, str] | None:
        """The cause of the driver's error and the hint for it; None for an error in our own SQL."""

    @contextmanager
    def open_session(self, options: Mapping[str, Any]) -> Iterator[Connection]:
        """One transaction: committed at the end, rolled back by any exception."""
        with self.convert_errors(), self.engine.connect() as conn:
            conn.execution_options(**options)
            with conn.begin():
                yield conn

    @contextmanager
    def convert_errors(self) -> Iterator[None]:
        """Converts the database's errors into RecordFailed."""
        try:
            yield
        except PoolTimeout as error:
            what = f"all connections have been busy for {PATIENCE:.0f} s"
            raise self._make_error(what, "run fewer publishes at once in this process") from error
        except DBAPIError as error:
            diagnosis = self.diagnose(error)
            if diagnosis is None:
                raise
            raise self._make_error(*diagnosis) from error

    def _make_error(self, what: str, hint: str) -> RecordFailed:
        return RecordFailed(f"the record {self.place} {what}", hint=hint)
