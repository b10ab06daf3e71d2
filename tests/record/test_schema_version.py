"""Creating, upgrading and refusing records; what migrations build is what `schema.py` builds."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, text, update

from data_platform.errors import RecordFailed, RecordTooNew
from data_platform.installing import format_pip_command
from data_platform.record import schema_version
from data_platform.record.catalog import domains
from data_platform.record.catalog.domains import Domain
from data_platform.record.db import migrate
from data_platform.record.db.schema import METADATA, REVISION, STAMP
from data_platform.record.store import Record
from tests.record.given import NOON, registered

_CATALOG = {
    "sqlite": [
        """SELECT t.name, c.* FROM sqlite_master t, pragma_table_xinfo(t.name) c WHERE t.type = 'table'""",
        """SELECT t.name, k.* FROM sqlite_master t, pragma_foreign_key_list(t.name) k WHERE t.type = 'table'""",
        """SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type <> 'table'""",
    ],
    "postgresql": [
        """SELECT attrelid::regclass::text, attname, attnum, format_type(atttypid, atttypmod), attnotnull,
                  attcollation::regcollation::text, pg_get_expr(adbin, adrelid)
           FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
           WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) AND attnum > 0""",
        """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
           WHERE connamespace = 'public'::regnamespace""",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    ],
}


def schema_of(conn: Connection) -> list[tuple[str, ...]]:
    """Everything that the database knows of its tables, in a fixed order."""
    rows = [row for query in _CATALOG[conn.dialect.name] for row in conn.execute(text(query))]
    return sorted(tuple(" ".join(str(value).split()) for value in row) for row in rows)


def test_migrations_build_exactly_what_the_schema_builds(record: Record) -> None:
    with record.transaction() as conn:
        created = schema_of(conn)
        METADATA.drop_all(conn)
        conn.execute(delete(STAMP))
        migrate.upgrade(conn, "", record.place)
        assert schema_of(conn) == created
        assert schema_version.read_stamp(conn) == REVISION
    assert len(created) > 20


@pytest.mark.long
def test_a_record_from_before_the_first_migration_is_upgraded_when_opened(url: str) -> None:
    with Record.open(url) as record, record.transaction() as conn:
        METADATA.drop_all(conn)
        conn.execute(delete(STAMP))
    with Record.open(url) as record, record.transaction() as conn:
        registered(conn)


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release whose record is one migration further."""
    migrations = tmp_path / "migrations 100%"
    shutil.copytree(migrate.MIGRATIONS, migrations)
    (migrations / "versions" / "next.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision, down_revision = 'next', '{REVISION}'\n"
        "def upgrade():\n    op.add_column('domains', sa.Column('motto', sa.Text()))\n"
    )
    monkeypatch.setattr(migrate, "MIGRATIONS", migrations)
    for module in (migrate, schema_version):
        monkeypatch.setattr(module, "REVISION", "next")


def test_an_older_record_is_upgraded_and_keeps_its_rows(
    url: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales = Domain("sales", None, None, (), NOON)
    with Record.open(url) as record, record.transaction() as conn:
        domains.save(conn, sales)
    request.getfixturevalue("next_release")
    with Record.open(url) as record, record.transaction() as conn:
        assert conn.execute(text("SELECT name, motto FROM domains")).all() == [("sales", None)]
        assert schema_version.read_stamp(conn) == "next"
    monkeypatch.undo()
    with pytest.raises(RecordTooNew, match=f"is at revision next.*{REVISION}") as failure:
        Record.open(url)
    assert failure.value.hint == format_pip_command(option="--upgrade")


def test_a_failing_upgrade_leaves_the_record_as_it_was(url: str, request: pytest.FixtureRequest) -> None:
    with Record.open(url) as record, record.reading() as conn:
        before = schema_of(conn)
    request.getfixturevalue("next_release")
    with (migrate.MIGRATIONS / "versions" / "next.py").open("a") as script:
        script.write("    op.drop_table('leases')\n    raise InterruptedError\n")
    with pytest.raises(InterruptedError):
        Record.open(url)
    with Record(record._backend) as refused, refused.reading() as conn:
        assert schema_of(conn) == before


def test_an_unknown_revision_is_refused_and_untouched(url: str) -> None:
    with Record.open(url) as record, record.transaction() as conn:
        conn.execute(update(STAMP).values(version_num="9999"))
        before = schema_of(conn)
    with pytest.raises(RecordTooNew, match="9999"):
        Record.open(url)
    with Record(record._backend) as refused, refused.reading() as conn:
        assert schema_of(conn) == before


def test_a_database_with_other_tables_is_refused(url: str) -> None:
    with Record.open(url) as record, record.transaction() as conn:
        conn.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(RecordFailed, match="holds other tables"):
        Record.open(url)


def test_opening_a_record_that_is_up_to_date_imports_neither_alembic_nor_the_other_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/record.db"
    Record.open(url).close()
    script = (
        "import sys\n"
        "from data_platform.record.store import Record\n"
        f"Record.open({url!r})\n"
        "print([name for name in ('alembic', 'psycopg', 'sqlalchemy.dialects.postgresql', 'sqlalchemy.orm') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
