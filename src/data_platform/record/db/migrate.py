"""Upgrades an older record by the migrations in `migrations/`, inside the caller's transaction."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from data_platform.errors import RecordTooNew
from data_platform.installing import VERSION, pip_install
from data_platform.record.db.schema import REVISION

MIGRATIONS = Path(__file__).parent.with_name("migrations")


def upgrade(conn: Connection, found: str, place: str) -> None:
    """Runs the migrations after `found`; RecordTooNew when this release does not know that revision."""
    # Alembic takes 160 ms to import, and a record is older than its release once in a release
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": conn})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    if found and found not in known:
        what = (
            f"the record {place} is at revision {found}, "
            f"which data-platform {VERSION} (revision {REVISION}) does not know"
        )
        raise RecordTooNew(what, hint=pip_install(option="--upgrade"))
    command.upgrade(config, "head")
