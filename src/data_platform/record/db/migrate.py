"""Upgrades an older record by the migrations in `migrations/`, inside the caller's transaction."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from data_platform.errors import RecordTooNew
from data_platform.installing import VERSION, format_pip_command
from data_platform.record.db.schema import REVISION

MIGRATIONS = Path(__file__).parent.with_name("migrations")


def upgrade(conn: Connection, current: str, place: str) -> None:
    """Runs the migrations after revision `current`; raises RecordTooNew if this release does not know it."""
    # Alembic takes 160 ms to import, and a record is upgraded once per release
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": conn})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    revisions = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current and current not in revisions:
        what = (
            f"the record {place} is at revision {current}, "
            f"which data-platform {VERSION} (revision {REVISION}) does not know"
        )
        raise RecordTooNew(what, hint=format_pip_command(option="--upgrade"))
    command.upgrade(config, "head")
