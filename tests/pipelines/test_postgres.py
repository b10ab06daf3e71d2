"""A real Postgres as a source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import urlsplit

import psycopg
import pyarrow as pa
import pytest

from data_platform.errors import BadInput, NotFound, SourceFailed, UnreadableData
from data_platform.pipelines.sources import read_source
from data_platform.settings import PostgresSource, Settings, Template

pytestmark = pytest.mark.engines

Run = Callable[[str], None]
Read = Callable[[str], pa.Table]


@pytest.fixture
def run(postgres_url: str) -> Run:
    def execute(statements: str) -> None:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            for statement in statements.split(";"):
                connection.execute(statement)

    return execute


@pytest.fixture
def read(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Read:
    parts = urlsplit(postgres_url)
    monkeypatch.setenv("SHOP_PASSWORD", str(parts.password))
    uri = f"postgresql://{parts.username}:${{SHOP_PASSWORD}}@{parts.hostname}:{parts.port}{parts.path}"
    return lambda table: read_source(_settings(uri), "shop", table)


def _settings(uri: str) -> Settings:
    return Settings(home=None, sources={"shop": PostgresSource("shop", Template(uri, "source 'shop'"))})  # type: ignore[arg-type]


def test_types_arrive_with_their_meaning(run: Run, read: Read) -> None:
    run(
        """CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE DOMAIN price AS numeric(10, 2);
        CREATE TABLE kinds (b bool, i2 smallint, i4 int, i8 bigint, r real, f float8, n numeric(12, 2), p price,
            t text, vc varchar(9), ch char(4), by bytea, d date, ti time, ts timestamp, tz timestamptz, u uuid, j json,
            jb jsonb, m mood, iv interval, ip inet, ai int[], at text[], a2 smallint[], mo money, o oid, ar int4range);
        INSERT INTO kinds VALUES (true, 1, 2, 3, 1.5, 2.5, 1.25, 7.5, 'é', 'v', 'c', '\\x00ff', '2026-01-02',
            '10:11:12.123456', '2026-01-02 03:04:05.678901', '2026-01-02 03:04:05+07',
            '65760142-34a9-4488-a68c-b9236615a7d2', '{"a":1}', '{"a":1}', 'glad', '1 day 2 hours', '10.0.0.1',
            '{1,NULL}', '{a,NULL}', '{1}', 12.34, 4294967295, '[1,5)');
        INSERT INTO kinds DEFAULT VALUES"""
    )
    table = read("kinds")
    assert {field.name: str(field.type) for field in table.schema} == {
        "b": "bool", "i2": "int32", "i4": "int32", "i8": "int64", "r": "float", "f": "double",
        "n": "decimal128(12, 2)", "p": "decimal128(10, 2)", "t": "string", "vc": "string", "ch": "string",
        "by": "binary", "d": "date32[day]", "ti": "time64[us]", "ts": "timestamp[us]", "tz": "timestamp[us, tz=UTC]",
        "u": "string", "j": "string", "jb": "string", "m": "string", "iv": "string", "ip": "string",
        "ai": "list<item: int32>", "at": "list<item: string>", "a2": "list<item: int32>", "mo": "decimal128(38, 2)",
        "o": "int64", "ar": "string",
    }  # fmt: skip
    full, empty = table.to_pylist()
    assert full == {
        "b": True, "i2": 1, "i4": 2, "i8": 3, "r": 1.5, "f": 2.5, "n": Decimal("1.25"), "p": Decimal("7.50"),
        "t": "é", "vc": "v", "ch": "c", "by": b"\0\xff", "d": dt.date(2026, 1, 2), "ti": dt.time(10, 11, 12, 123456),
        "ts": dt.datetime(2026, 1, 2, 3, 4, 5, 678901), "tz": dt.datetime(2026, 1, 1, 20, 4, 5, tzinfo=dt.UTC),
        "u": "65760142-34a9-4488-a68c-b9236615a7d2", "j": '{"a":1}', "jb": '{"a": 1}', "m": "glad",
        "iv": "1 day 02:00:00", "ip": "10.0.0.1/32", "ai": [1, None], "at": ["a", None], "a2": [1],
        "mo": Decimal("12.34"), "o": 4294967295, "ar": "[1,5)",
    }  # fmt: skip
    assert set(empty.values()) == {None}


def test_numerics_without_a_declared_scale_keep_every_digit(run: Run, read: Read) -> None:
    values = ["3.14159", "-0.000001", "12345678901234567890", "0", "1.50"]
    run(f"CREATE TABLE n AS SELECT v::numeric FROM unnest('{{{','.join(values)}}}'::text[]) v")
    assert read("n").column("v").to_pylist() == [Decimal(value) for value in values]


def test_an_empty_table_keeps_its_types(run: Run, read: Read) -> None:
    run("CREATE TABLE e (n numeric, d date, a int[], t timestamptz)")
    table = read("e")
    assert table.num_rows == 0
    assert [str(kind) for kind in table.schema.types] == [
        "decimal128(38, 0)",
        "date32[day]",
        "list<item: int32>",
        "timestamp[us, tz=UTC]",
    ]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("'NaN'::numeric", "not finite"),
        ("'Infinity'::numeric", "not finite"),
        ("1e40::numeric + 0.5", "38 digits"),
        ("repeat('9', 39)::numeric", "38 digits"),
        ("repeat('9', 40)::numeric(50, 10)", "38 digits"),
        ("'infinity'::date", "infinity"),
        ("'-infinity'::timestamp", "infinity"),
        ("'infinity'::timestamptz", "infinity"),
        ("'12026-01-01'::date", "outside 1 to 9999"),
        ("'0044-03-15 BC'::timestamp", "outside 1 to 9999"),
        ("'{{1,2},{3,4}}'::int[]", "array of arrays"),
        ("ARRAY[NULL, 'infinity'::date]", "infinity, or a year outside 1 to 9999, first in row 1"),
        ("ARRAY['2026-01-01', '-infinity']::timestamp[]", "infinity, or a year outside 1 to 9999"),
        ("ARRAY['infinity'::timestamptz]", "infinity, or a year outside 1 to 9999"),
        ("ARRAY['0044-03-15 BC'::date]", "outside 1 to 9999"),
        ("'24:00'::time", "a time of 24:00, first in row 1"),
        ("ARRAY['24:00'::time]", "a time of 24:00, first in row 1"),
        ("'infinity'::numeric", "not finite, or needs more than 38 digits, first in row 1"),
    ],
)
def test_a_value_that_would_arrive_wrong_is_refused(value: str, said: str, run: Run, read: Read) -> None:
    run(f"CREATE TABLE t AS SELECT 1 AS id, {value} AS odd")
    with pytest.raises(UnreadableData, match=said) as refusal:
        read("t")
    assert "odd" in str(refusal.value)


def test_the_limits_of_dates_are_let_through(run: Run, read: Read) -> None:
    run("CREATE TABLE t AS SELECT '0001-01-01 00:00Z'::timestamptz AS low, '9999-12-31'::date AS high")
    assert read("t").to_pylist() == [{"low": dt.datetime(1, 1, 1, tzinfo=dt.UTC), "high": dt.date(9999, 12, 31)}]


def test_names_are_names_whatever_they_look_like(run: Run, read: Read) -> None:
    run(
        'CREATE SCHEMA "my shop"; CREATE TABLE "my shop"."Order ""1""" ("select" int, "a""b" text, "é, x" numeric(3,1))'
    )
    assert read('my shop.Order "1"').column_names == ["select", 'a"b', "é, x"]


def test_views_and_other_schemas_are_read(run: Run, read: Read) -> None:
    run("CREATE SCHEMA sales; CREATE TABLE sales.orders AS SELECT 7 AS id; CREATE VIEW v AS SELECT * FROM sales.orders")
    assert read("sales.orders").to_pylist() == read("v").to_pylist() == [{"id": 7}]


@pytest.mark.parametrize("table", ["orders; DROP TABLE orders", "(SELECT 1) x", 'orders" --', "orders WHERE true"])
def test_sql_is_only_an_unknown_table(table: str, run: Run, read: Read) -> None:
    run("CREATE TABLE orders AS SELECT 1 AS id")
    with pytest.raises(NotFound):
        read(table)
    assert read("orders").num_rows == 1


@pytest.mark.parametrize("table", ["", "a.b.c", ".a", "a.", "a\0b", "x" * 64, "a\nb"])
def test_what_is_no_name_is_refused(table: str, read: Read) -> None:
    with pytest.raises(BadInput, match="no table's name"):
        read(table)


def test_the_row_of_what_is_refused_is_named(run: Run, read: Read) -> None:
    days = "CASE WHEN i = 3 THEN 'infinity' ELSE '2026-01-01' END::date AS d"
    run(f"CREATE TABLE t AS SELECT {days} FROM generate_series(1, 5) i")
    with pytest.raises(UnreadableData, match="first in row 3"):
        read("t")
    run("CREATE TABLE n AS SELECT CASE WHEN i = 4 THEN 'NaN' ELSE '1.5' END::numeric AS d FROM generate_series(1, 5) i")
    with pytest.raises(UnreadableData, match="first in row 4"):
        read("n")


def test_what_ranges_and_composites_hold_arrives_as_postgres_writes_it(run: Run, read: Read) -> None:
    run(
        """CREATE TYPE pair AS (a date, b int); CREATE TABLE t AS SELECT '[2026-01-01,infinity]'::daterange AS r,
        ROW('infinity', 1)::pair AS p, ARRAY[ROW('infinity', 1)::pair] AS ps, '24:00+02'::timetz AS z"""
    )
    expected = {"r": "[2026-01-01,infinity]", "p": "(infinity,1)", "ps": ["(infinity,1)"], "z": "24:00:00+02"}
    assert read("t").to_pylist() == [expected]


def test_a_name_that_holds_a_dot(run: Run, read: Read) -> None:
    run('CREATE TABLE "a.b" AS SELECT 1 AS v; CREATE SCHEMA s; CREATE TABLE s."c.d" AS SELECT 2 AS v')
    run('CREATE TABLE "say ""so""" AS SELECT 3 AS v')
    assert read("a.b")["v"].to_pylist() == read('"a.b"')["v"].to_pylist() == [1]
    assert read('s."c.d"')["v"].to_pylist() == [2]
    assert read('"say ""so"""')["v"].to_pylist() == [3]
    run("CREATE SCHEMA a; CREATE TABLE a.b AS SELECT 4 AS v")
    assert (read("a.b")["v"].to_pylist(), read('"a.b"')["v"].to_pylist()) == ([4], [1])
    with pytest.raises(NotFound, match=r"did you mean 's\.\"c\.d\"'"):
        read('s."c.e"')


def test_an_unknown_table_names_the_nearest(run: Run, read: Read) -> None:
    run("CREATE SCHEMA sales; CREATE TABLE sales.customers (id int); CREATE TABLE orders (id int)")
    with pytest.raises(NotFound, match="did you mean 'orders'"):
        read("order")
    with pytest.raises(NotFound, match=r"did you mean 'sales\.customers'"):
        read("sale.customers")


def test_a_view_that_fails_is_told_in_one_line(run: Run, read: Read) -> None:
    run("CREATE VIEW broken AS SELECT 1 / (random() * 0)::int AS x")
    with pytest.raises(SourceFailed, match="division by zero"):
        read("broken")


def test_nothing_can_be_written_through_a_source(run: Run, read: Read) -> None:
    run(
        """CREATE TABLE log (x int); CREATE FUNCTION note() RETURNS int LANGUAGE sql
        AS 'INSERT INTO log VALUES (1) RETURNING x'; CREATE VIEW sly AS SELECT note() AS x"""
    )
    with pytest.raises(SourceFailed, match="read-only"):
        read("sly")


@pytest.mark.parametrize("password", ["wr0ng-s3cret", "p@ss/w:rd%?#[", "p%zz@db"])
def test_a_refused_login_does_not_show_the_password(
    password: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = urlsplit(postgres_url)
    monkeypatch.setenv("SHOP_PASSWORD", password)
    settings = _settings(f"postgresql://mesh:${{SHOP_PASSWORD}}@{parts.hostname}:{parts.port}{parts.path}")
    with pytest.raises(SourceFailed, match="password authentication failed") as refusal:
        read_source(settings, "shop", "orders")
    assert password not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert "${SHOP_PASSWORD}" in str(refusal.value)


def test_a_server_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2")
    with pytest.raises(SourceFailed, match="Connection refused") as refusal:
        read_source(_settings("postgresql://mesh:${SHOP_PASSWORD}@127.0.0.1:1/shop"), "shop", "orders")
    assert "hunter2" not in str(refusal.value)


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(BadInput, match="postgresql://"):
        read_source(_settings("mysql://db/shop"), "shop", "orders")
