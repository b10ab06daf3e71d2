"""An open record: a database and the transactions on it.

    with Record.open("sqlite:////home/ana/mesh/.data-platform/record.db") as record:
        with record.transaction() as conn:
            domains.save(conn, domain)

A transaction commits when its block ends and rolls back when the block raises. On SQLite it excludes every other
writer from its first line; on Postgres it is READ COMMITTED, so what must not change under it is locked
(`outputs.lock`) or changed by compare-and-swap (`outputs.swap`, `products.replace`). Never open a transaction inside
another one: on SQLite the inner one waits for the outer one until it gives up.
"""

from __future__ import annotations

import os
import weakref
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from data_platform.errors import BadInput
from data_platform.record import schema_version
from data_platform.record.db.backend import Backend
from data_platform.record.db.postgres import Postgres
from data_platform.record.db.sqlite import SQLite

_SQLITE = "sqlite:///"


class Record:
    """The mesh's database; threads may share it, and a process may fork while no transaction is open."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        _close_before_fork(backend.engine)
        weakref.finalize(self, backend.engine.dispose)  # a record that is dropped unclosed leaves no connection open

    @classmethod
    def open(cls, url: str, *, begin: bool = True, lost: str | None = None) -> Record:
        """The record at `sqlite:///PATH` (the path as it is, unquoted) or `postgresql://USER@HOST/DATABASE`.

        An empty database becomes a record if `begin` is true; an older record is upgraded. `lost` is the hint of the
        error for a missing record. Raises BadInput for another kind of URL, RecordTooNew for a record of a newer
        release, RecordFailed when there is no record or the database cannot be opened or written.
        """
        record = cls(_select_backend(url))
        with ExitStack() as unless_open:
            unless_open.callback(record.close)
            if not begin and not record._backend.exists():
                raise schema_version.make_lost_error(record._backend, lost)
            with record._backend.convert_errors():
                record._backend.prepare()
            schema_version.ensure(record._backend, begin=begin, hint=lost)
            unless_open.pop_all()
        return record

    @property
    def place(self) -> str:
        """The file or the server, without its password, for messages."""
        return self._backend.place

    @property
    def url(self) -> str:
        """The URL that `open` takes, with its password: for our own processes only, never for output."""
        return self._backend.url

    @property
    def read_only(self) -> bool:
        """Whether the record can only be read; `transaction` then raises RecordFailed."""
        return self._backend.read_only

    def transaction(self) -> AbstractContextManager[Connection]:
        """A transaction that may write; RecordFailed when the database fails or stays locked for 60 s."""
        return self._backend.open_session(self._backend.WRITING)

    def reading(self) -> AbstractContextManager[Connection]:
        """A transaction that sees one state of the record, from its first query on, and cannot write.

        Keep it short: while it lasts, SQLite's WAL and Postgres's dead rows cannot shrink.
        """
        return self._backend.open_session(self._backend.READING)

    def copy_to(self, path: Path) -> None:
        """Writes the current state of the record to a new SQLite file, while others write.

        Raises BadInput for a record in Postgres, RecordFailed if the copy is incomplete.
        """
        self._backend.copy_to(path)

    def verify(self) -> None:
        """Raises RecordFailed if the database's own check finds damage."""
        self._backend.verify()

    def close(self) -> None:
        """Closes every connection; the record opens new ones if it is used again."""
        self._backend.engine.dispose()

    def __enter__(self) -> Record:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Record({self.place!r})"


def _select_backend(url: str) -> Backend:
    if url.startswith(_SQLITE):
        return SQLite(url.removeprefix(_SQLITE))
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise _make_url_error() from None  # the text may hold a password
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise _make_url_error()
    return Postgres(parsed)


def _make_url_error() -> BadInput:
    return BadInput("that is no URL of a record", hint="write sqlite:///PATH or postgresql://USER@HOST/DATABASE")


def _close_before_fork(engine: Engine) -> None:
    """Closes idle connections before a fork: neither SQLite's locks nor a Postgres socket may be shared."""
    reference = weakref.ref(engine)

    def close() -> None:
        alive = reference()
        if alive is not None:
            alive.dispose()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=close)
