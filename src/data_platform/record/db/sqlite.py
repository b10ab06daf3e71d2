"""The record in one SQLite file, in WAL mode, so that readers and the writer do not wait for each other."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from shlex import quote
from typing import Any, ClassVar, cast

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from data_platform.errors import BadInput, StorageFailed
from data_platform.record.db import backend
from data_platform.record.db.read_only import Access, is_read_only_disk
from data_platform.record.db.statement_cache import StatementCache
from data_platform.record.db.types import to_json

_BUGS = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError, sqlite3.NotSupportedError)
_COMPILED = StatementCache()
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)


DAMAGE_HINT = "data-platform restore a backup of this home, or data-platform doctor --rebuild"
PAGE = 4096
LITTLE_LOG = 4 * 1024 * 1024
CHECKPOINT_SECONDS = 900.0
_LARGEST_LOG = 256 * 1024 * 1024
"""Bytes of the log at which it is merged into the record. Otherwise it is merged after `CHECKPOINT_SECONDS` at the
earliest: so a copy of the record and a later copy of its log still match."""


def _limit_log(folder: Path) -> int:
    """At most a sixteenth of the free space: the log must not fill a small disk."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return LITTLE_LOG
    return max(LITTLE_LOG, min(_LARGEST_LOG, free // 16))


class SQLite(backend.Backend):
    """A record in the file at `path`, whose folder must exist."""

    WRITING: ClassVar[Mapping[str, Any]] = {"writing": True}
    READING: ClassVar[Mapping[str, Any]] = {"writing": False}

    def __init__(self, path: str) -> None:
        if not path or path == ":memory:":
            raise BadInput("a record needs a file", hint="write sqlite:///PATH")
        self.path = Path(path).absolute()
        self._access = Access.from_path(self.path)
        engine = create_engine(
            URL.create("sqlite", database=str(self.path)),
            creator=self._connect,
            max_overflow=-1,
            json_serializer=to_json,
            hide_parameters=True,
            execution_options={"compiled_cache": _COMPILED},
        )
        event.listen(engine, "connect", self._set_up)
        event.listen(engine, "begin", _begin)
        super().__init__(engine, str(self.path))

    def _connect(self) -> sqlite3.Connection:
        target, is_uri = self._access.resolve_target()
        return sqlite3.connect(
            target, timeout=backend.PATIENCE, isolation_level=None, uri=is_uri, check_same_thread=False
        )

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written: the disk is read-only, or this user may only read."""
        return self._access.read_only

    @property
    def url(self) -> str:
        """The path as it is; SQLAlchemy would quote it."""
        return f"sqlite:///{self.path}"

    def exists(self) -> bool:
        """Whether the file or the log beside it has content: new content may be in the log only."""
        try:
            return any(
                path.stat().st_size
                for path in (self.path, self.path.with_name(f"{self.path.name}-wal"))
                if path.exists()
            )
        except OSError:
            return True  # opening it says why

    def prepare(self) -> None:
        """Switches the file to WAL, which it then stays.

        SQLite reports "locked" at once, whatever the busy timeout, if two processes switch at the same time: so this
        method waits itself.
        """
        if self.read_only:
            return
        self._open_log()
        deadline = time.monotonic() + backend.PATIENCE
        with self.engine.connect().execution_options(writing=None) as conn:
            while True:
                try:
                    conn.exec_driver_sql("PRAGMA journal_mode=WAL")
                    return
                except OperationalError as error:
                    if _read_code(error) not in _LOCKED or time.monotonic() > deadline:
                        raise
                time.sleep(0.01)

    def copy_to(self, path: Path) -> None:
        """By SQLite's online backup, which copies the state of one moment."""
        with self.convert_errors(), self.engine.connect().execution_options(writing=None) as conn:
            source = conn.connection.driver_connection
            try:
                with closing(sqlite3.connect(path)) as target:
                    cast("sqlite3.Connection", source).backup(target)
                    target.execute("PRAGMA journal_mode=WAL")
                path.chmod(0o600)
            except (OSError, sqlite3.Error) as error:
                raise StorageFailed(f"cannot write {path}: {error}", hint=f"check the disk of {path.parent}") from error
        copy = SQLite(str(path))
        try:
            copy.verify()
        finally:
            copy.engine.dispose()

    def verify(self) -> None:
        """By SQLite's own check of every page."""
        with self.open_session(self.READING) as conn:
            problems = conn.exec_driver_sql("PRAGMA integrity_check(3)").scalars().all()
        if list(problems) != ["ok"]:
            raise self._make_error(f"is damaged: {'; '.join(map(str, problems))}", DAMAGE_HINT)

    def exclude(self, conn: Connection) -> None:
        """A transaction that began IMMEDIATE excludes every other writer already."""

    @contextmanager
    def open_session(self, options: Mapping[str, Any]) -> Iterator[Connection]:
        """One transaction; after one that wrote, the log is merged into the file if a checkpoint is due."""
        if self.read_only and options["writing"]:
            raise self._make_error(*self._explain_unopened())
        with super().open_session(options) as conn:
            yield conn
        if options["writing"] and self._is_checkpoint_due():
            with self.convert_errors(), self.engine.connect().execution_options(writing=None) as conn:
                conn.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def _is_checkpoint_due(self) -> bool:
        try:
            log = self._find_sibling("-wal").stat()  # written just now, by the clock of the disk and not by ours
            return log.st_size >= LITTLE_LOG and log.st_mtime - self.path.stat().st_mtime > CHECKPOINT_SECONDS
        except OSError:
            return False

    def _set_up(self, connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA wal_autocheckpoint={_limit_log(self.path.parent) // PAGE}")
        connection.execute(f"PRAGMA journal_size_limit={LITTLE_LOG}")

    def _find_sibling(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)

    def _open_log(self) -> None:
        """Makes the log writable if the record is: it may still have an earlier mode of the record."""
        with suppress(OSError):
            mode = self.path.stat().st_mode
            for path in (self._find_sibling("-wal"), self._find_sibling("-shm")):
                if path.exists() and mode & 0o200 and not path.stat().st_mode & 0o200:
                    path.chmod(mode & 0o777)

    def diagnose(self, error: DBAPIError) -> tuple[str, str] | None:
        """By SQLite's result codes."""
        if isinstance(error.orig, _BUGS):
            return None
        code = _read_code(error)
        if code in _LOCKED:
            what = f"has been locked by another process for {backend.PATIENCE:.0f} s"
            return what, f"end that process (`fuser {quote(str(self.path))}` names it), or wait and try again"
        if code == sqlite3.SQLITE_FULL:
            return "cannot grow: the disk is full", f"free space under {self.path.parent}"
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return "is damaged, or no SQLite database", DAMAGE_HINT
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            return self._explain_unopened()
        return f"failed: {error.orig}", f"check the disk that holds {self.path.parent}"

    def _explain_unopened(self) -> tuple[str, str]:
        folder = self.path.parent
        if not folder.is_dir():
            return "cannot be opened: its folder does not exist", f"mkdir -p {quote(str(folder))}"
        if self.path.is_dir():
            return "cannot be opened: it is a folder", "name a file in it"
        if is_read_only_disk(folder):
            return (
                "cannot be written: it lies on a read-only file system",
                "read it, or mount it writable",
            )
        files = [
            folder,
            self.path,
            *(path for path in (self._find_sibling("-wal"), self._find_sibling("-shm")) if path.exists()),
        ]
        hint = f"let this user read and write them all: chmod u+rwX {' '.join(quote(str(path)) for path in files)}"
        return "cannot be opened for writing: no permission on the file or its folder", hint


def _begin(conn: Connection) -> None:
    writing = conn.get_execution_options()["writing"]
    if writing is None:
        return
    if conn.info.get("writing") is not writing:  # the connection keeps its mode while it waits in the pool
        conn.exec_driver_sql(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
        conn.info["writing"] = writing
    # the write lock is taken at once: a reader that becomes a writer later would fail instead of waiting
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _read_code(error: DBAPIError) -> int:
    # the low byte of an extended result code is the primary one (https://sqlite.org/rescode.html)
    return getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
