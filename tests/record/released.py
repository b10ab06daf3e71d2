"""Records of older releases, row by row: what an upgrade must keep.

A release that changes the schema adds its own REVISION.sql to revisions/, written by that release, and edits none.
"""

from __future__ import annotations

import re
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from data_platform.record.db import migrate
from data_platform.record.store import Record, _select_backend

FOLDER = Path(__file__).with_name("revisions")
REVISIONS = tuple(sorted(path.stem for path in FOLDER.glob("[0-9][0-9][0-9][0-9].sql")))


def make(url: str, revision: str, *, filled: bool = True) -> None:
    """A record as that revision made it, with rows or without."""
    with Record(_select_backend(url)) as record:
        record._backend.prepare()
        with record.transaction() as conn:
            config = Config(attributes={"connection": conn})
            config.set_main_option("script_location", str(migrate.MIGRATIONS).replace("%", "%%"))
            command.upgrade(config, revision)
            if filled:
                play(conn, revision)


def play(conn: Connection, name: str) -> None:
    """Runs the statements of a script, as they are."""
    script = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    for statement in re.split(r";\n", script.partition("\n\n")[2]):
        if statement.strip():
            conn.exec_driver_sql(statement.replace("%", "%%") if conn.dialect.name == "postgresql" else statement)
