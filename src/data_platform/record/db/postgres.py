"""The record in a Postgres database, for a team: many writers, row locks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import URL, Connection, create_engine, event, text
from sqlalchemy.exc import DatabaseError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import DataError as SqlDataError
from sqlalchemy.pool import ConnectionPoolEntry

from data_platform.errors import BadInput, MissingExtra
from data_platform.record.db import backend
from data_platform.record.db.types import to_json
from data_platform.settings.template import is_secret

_CREATORS = 0x6461_7461_6D65_7368
"""The advisory lock of those who create or upgrade the record: "datamesh" in ASCII."""

_BUGS = (IntegrityError, ProgrammingError, SqlDataError, NotSupportedError)

_CONDITIONS = {
    "25006": ("is read-only", "connect to the primary server"),
    "3D000": ("does not exist", "create it: createdb"),
    "42501": ("may not be changed by this user", "grant it: GRANT CREATE, USAGE ON SCHEMA public TO …"),
    "53100": ("cannot grow: the server's disk is full", "free space on the server"),
    "53300": ("has no connection left", "raise max_connections, or run fewer clients"),
}
"""Cause and hint by SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""


class Postgres(backend.Backend):
    """A record in the database that `url` names, reached by psycopg."""

    WRITING: ClassVar[Mapping[str, Any]] = {"isolation_level": "READ COMMITTED"}
    READING: ClassVar[Mapping[str, Any]] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    def __init__(self, url: URL) -> None:
        try:
            engine = create_engine(
                url.set(drivername="postgresql+psycopg"),
                connect_args={"connect_timeout": 10, "client_encoding": "utf8"} | dict(url.query),
                pool_timeout=backend.PATIENCE,
                pool_pre_ping=True,
                json_serializer=to_json,
                hide_parameters=True,
            )
        except ModuleNotFoundError as error:
            raise MissingExtra("psycopg", "postgres") from error
        event.listen(engine, "connect", _set_up)
        self._secrets = [url.password or "", *map(str, (url.query[name] for name in url.query if is_secret(name)))]
        # the query may hold a password too
        super().__init__(engine, url.set(query={}).render_as_string(hide_password=True))

    @property
    def url(self) -> str:
        """The URL as it was given, except for the name of the driver."""
        return self.engine.url.render_as_string(hide_password=False)

    def prepare(self) -> None:
        """Nothing: the server is set up by its administrators."""

    def copy_to(self, path: Path) -> None:
        """Refuses: a server is backed up with its own tools."""
        raise BadInput(
            f"the record {self.place} is not copied to {path.parent}: it is in Postgres, which has its own tools",
            hint="first pg_dump --format=custom the database, then copy tables/, keys/, settings.toml and mesh.id of "
            "the home: in this order every file that the dump names is in the copy",
        )

    def verify(self) -> None:
        """Nothing: the server's administrators monitor it."""

    def exclude(self, conn: Connection) -> None:
        """Takes the advisory lock for creating and upgrading."""
        conn.execute(text("SELECT pg_advisory_xact_lock(:creators)"), {"creators": _CREATORS})

    def diagnose(self, error: DBAPIError) -> tuple[str, str] | None:
        """By SQLSTATE."""
        state = getattr(error.orig, "sqlstate", None)
        if state in _CONDITIONS:
            return _CONDITIONS[state]
        if isinstance(error, _BUGS):
            return None
        if state == "55P03":
            return f"has been locked by another client for {backend.PATIENCE:.0f} s", "try again later"
        if error.connection_invalidated:
            return f"was lost: {self._redact_error(error)}", "see whether the last change was recorded, then try again"
        if isinstance(error, DatabaseError) and state is not None:
            return f"failed: {self._redact_error(error)}", "try again; see the server's log if it stays"
        return f"cannot be reached: {self._redact_error(error)}", "check the URL, the server and its password"

    def _redact_error(self, error: DBAPIError) -> str:
        """The driver's message without passwords."""
        words = str(error.orig)
        for secret in filter(None, self._secrets):
            words = words.replace(secret, "***")
        return words


def _set_up(connection: Any, _: ConnectionPoolEntry) -> None:
    connection.execute(f"SET TIME ZONE 'UTC'; SET lock_timeout = '{backend.PATIENCE}s'")
    connection.commit()
