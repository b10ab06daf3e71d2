"""sql on the command line: formats, files, standard input, limits, exit codes."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click import unstyle

from tests.cli.conftest import Run

JOIN = """
SELECT o.id, c.email, o.total FROM orders."orders_fact#1" o
LEFT JOIN customers.customers_dim c USING (id) ORDER BY o.id
"""
ROWS = [{"id": 1, "email": "ann@example.org", "total": 12.5}, {"id": 2, "email": None, "total": 3.0}]


@pytest.mark.parametrize("command", [("sql", "SELECT 1"), ("consume", "orders", "orders_fact"), ("lineage", "orders")])
def test_two_formats_at_once_are_refused(run: Run, mesh: Path, command: tuple[str, ...]) -> None:
    form = "dot" if command[0] == "lineage" else "csv"
    done = run(*command, "--json", "--format", form)
    assert done.exit_code == 2
    assert f"--json and --format {form} exclude each other" in done.stderr
    assert run(*command, "--json", "--format", "json").exit_code == 0


def test_an_answer_in_every_format(run: Run, mesh: Path, folder: Path) -> None:
    assert json.loads(run("sql", JOIN, "--json").stdout) == ROWS
    assert json.loads(run("sql", JOIN, "--format", "json").stdout) == ROWS
    assert run("sql", JOIN).stdout.splitlines() == [
        "id  email            total",
        " 1  ann@example.org   12.5",
        " 2  NULL               3.0",
    ]
    read = list(csv.DictReader(io.StringIO(run("sql", JOIN, "--format", "csv").stdout)))
    assert [row["email"] for row in read] == ["ann@example.org", ""]
    assert run("sql", JOIN, "--out", "joined.parquet").stderr == "wrote joined.parquet\n"
    assert pq.read_table(folder / "joined.parquet").to_pylist() == ROWS


def test_a_query_may_come_by_standard_input(run: Run, mesh: Path) -> None:
    assert json.loads(run("sql", "-", "--json", input=JOIN).stdout) == ROWS


def test_a_mask_holds_whatever_a_column_is_called(run: Run, mesh: Path) -> None:
    for sql in (
        "SELECT x.a FROM customers AS x(a, a2)",
        "SELECT x.* FROM customers AS x(b, a) ",
        "SELECT CAST(c AS VARCHAR) FROM customers AS c",
        "SELECT max(COLUMNS(*)) FROM (FROM customers) AS x(b, a)",
        "SELECT unnest(c) FROM customers AS c",
        "SELECT count(*) FROM customers, range(length(email))",
    ):
        assert "example.org" not in run("sql", sql, "--mask", "--json").stdout
    (counted,) = json.loads(run("sql", "SELECT max(length(email)) AS n FROM customers", "--mask", "--json").stdout)
    assert counted == {"n": 3}


@pytest.mark.parametrize("kind", ["fifo", "folder"])
def test_a_query_is_not_read_from_a_pipe_or_folder(run: Run, mesh: Path, folder: Path, kind: str) -> None:
    os.mkfifo(folder / "q.sql") if kind == "fifo" else (folder / "q.sql").mkdir()
    done = run("sql", "--file", "q.sql")
    assert (done.exit_code, "q.sql: this is" in done.stderr) == (2, True)


def test_whole_sums_are_numbers_and_text_is_harmless(run: Run, mesh: Path) -> None:
    sql = 'SELECT sum(id) AS whole, 1.50 AS exact, max(note) AS note FROM "orders_fact#1"'
    assert json.loads(run("sql", sql, "--json").stdout) == [{"whole": 3, "exact": "1.50", "note": "ชำระแล้ว"}]
    assert "\x1b" not in run("sql", 'SELECT note FROM "orders_fact#1"').stdout


def test_a_limit_is_told_and_a_mask_holds(run: Run, mesh: Path) -> None:
    done = run("sql", "SELECT * FROM range(9)", "--limit", 2, "--json")
    assert json.loads(done.stdout) == [{"range": 0}, {"range": 1}]
    assert done.stderr == "the first 2 rows; there are more\n"
    masked = run("sql", "SELECT DISTINCT upper(email) AS email FROM customers_dim", "--mask", "--json")
    assert json.loads(masked.stdout) == [{"email": "***"}]


@pytest.fixture
def tight(folder: Path) -> Path:
    """A home whose queries hand out two rows."""
    home = folder / ".data-platform"
    home.mkdir()
    (home / "settings.toml").write_text("[limits]\nquery_rows = 2\n")
    return home


@pytest.mark.parametrize("form", ["table", "csv", "json", "parquet"])
def test_past_the_limit_of_rows_stdout_has_no_half_of_a_document(run: Run, tight: Path, form: str) -> None:
    done = run("sql", "SELECT * FROM range(3)", "--format", form)
    assert (done.exit_code, done.stdout_bytes) == (2, b"")
    assert "more than 2 rows" in done.stderr


@pytest.mark.long
def test_an_error_midway_is_the_only_thing_on_stdout(run: Run, mesh: Path) -> None:
    late = "SELECT CASE WHEN x = 400000 THEN error('secret') ELSE 'fine' END FROM range(500000) r(x)"
    done = run("sql", late, "--json")
    assert (done.exit_code, list(json.loads(done.stdout))) == (2, ["error"])
    assert "the query has no answer" in done.stderr


ODD = """SELECT 'NaN'::DOUBLE AS n, '-inf'::FLOAT AS i, INTERVAL 14 MONTH + INTERVAL 90 SECOND AS d,
{'at': INTERVAL '-1 day', 'n': 'inf'::DOUBLE} AS s"""


def test_no_number_and_no_interval_is_lost(run: Run, mesh: Path, folder: Path) -> None:
    nested = {"at": "P-1D", "n": "Infinity"}
    expected = {"n": "NaN", "i": "-Infinity", "d": "P1Y2MT1M30S", "s": nested}
    assert json.loads(run("sql", ODD, "--json").stdout) == [expected]
    (row,) = csv.DictReader(io.StringIO(run("sql", ODD, "--format", "csv").stdout))
    assert (row["n"], row["i"], row["d"], json.loads(row["s"])) == ("nan", "-inf", "P1Y2MT1M30S", nested)
    assert run("sql", ODD, "--out", "odd.parquet").exit_code == 0
    (held,) = pq.read_table(folder / "odd.parquet").to_pylist()
    assert (held["i"], held["d"], json.loads(held["s"])) == (-math.inf, "P1Y2MT1M30S", nested)
    assert "P1Y2MT1M30S  {at: P-1D, n: inf}" in run("sql", ODD).stdout


BEYOND = {"DATE 'infinity'": "infinity", "TIMESTAMP '-infinity'": "-infinity", "DATE '0044-03-15 (BC)'": "-0043-03-15"}


@pytest.mark.parametrize("form", ["csv", "json", "table"])
@pytest.mark.parametrize("value", BEYOND)
def test_a_date_beyond_python_is_text(run: Run, mesh: Path, form: str, value: str) -> None:
    query = f"SELECT * FROM (VALUES (1, NULL), (2, {value})) AS t(id, until) ORDER BY id"
    done = run("sql", query, "--format", form)
    assert (done.exit_code, done.stderr) == (0, "")
    assert BEYOND[value] in done.stdout
    assert run("sql", query, "--format", "parquet", "--out", str(mesh.parent / "a.parquet")).exit_code == 0


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ('SELECT nope FROM "orders_fact#1"', 'line 1, column 8: there is no column "nope"'),
        ('SELECT id,\n  nope(id)\nFROM "orders_fact#1"', "line 2, column 3: there is no function nope"),
        ("SELECT 'ชำระแล้ว', nope FROM \"orders_fact#1\"", 'line 1: there is no column "nope"'),
        (f"SELECT '{'long' * 50}', nope FROM \"orders_fact#1\"", 'line 1: there is no column "nope"'),
    ],
)
def test_what_the_engine_does_not_find_has_its_place(run: Run, mesh: Path, query: str, place: str) -> None:
    done = run("sql", query)
    assert done.exit_code == 2
    assert f"the query has no answer: {place}" in done.stderr


def test_what_is_wrong_is_told_and_nothing_is_written(run: Run, mesh: Path, folder: Path) -> None:
    done = run("sql", "SELECT *\nFROM ordrs_fact", "--out", "out.csv")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "line 2, column 6: no product has an output ordrs_fact" in done.stderr
    assert 'did you mean "orders".orders_fact?' in done.stderr
    told = run("sql", "DELETE FROM orders_fact", "--json")
    assert (told.exit_code, json.loads(told.stdout)["error"]["kind"]) == (2, "QueryFailed")
    late = "SELECT CASE WHEN x = 400000 THEN error('secret') ELSE 'fine' END FROM range(500000) r(x)"
    failed = run("sql", late, "--out", "out.csv")
    assert failed.exit_code == 2
    assert "secret" not in failed.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.long
def test_a_query_that_takes_too_long_is_stopped_in_words(run: Run, folder: Path) -> None:
    home = folder / ".data-platform"
    home.mkdir()
    (home / "settings.toml").write_text("[limits]\nquery_seconds = 1\n")
    done = run("sql", "SELECT count(*) FROM range(1000000000000) r(x) WHERE md5(x::VARCHAR) = 'no'")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "stopped: the query did not finish in 1 seconds" in done.stderr
    assert "raise query_seconds under [limits] in settings.toml" in done.stderr


def test_a_query_may_begin_with_a_comment(run: Run, mesh: Path) -> None:
    assert json.loads(run("sql", "-- one\nSELECT 1 AS a", "--json").stdout) == [{"a": 1}]
    assert "the SQL is empty" in run("sql", "-- nothing").stderr


def test_a_query_may_stand_in_a_file(run: Run, mesh: Path, folder: Path) -> None:
    (folder / "join.sql").write_text(f"-- both\n{JOIN}", "utf-8")
    assert json.loads(run("sql", "--file", "join.sql", "--json").stdout) == ROWS
    assert json.loads(run("sql", "--file", "-", "--json", input=JOIN).stdout) == ROWS


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["join.sql"], "join.sql is a file name", "data-platform sql --file join.sql"),
        (["--file", "none.sql"], "no such file or folder: none.sql", ""),
        ([], "no query is given", "--file FILE"),
        (["SELECT 1", "--file", "-"], "two queries are given", ""),
        (["-- all\nSHOW TABLES"], "begins with SHOW", "data-platform show PRODUCT"),
        (["describe orders"], "begins with DESCRIBE", "data-platform search"),
        (["SUMMARIZE orders"], "begins with SUMMARIZE", "data-platform quality PRODUCT"),
        (["DELETE FROM orders"], "begins with DELETE", "data-platform publish"),
    ],
)
def test_what_is_no_query_is_told_what_to_do_instead(
    run: Run, mesh: Path, arguments: list[str], message: str, hint: str
) -> None:
    done = run("sql", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
    assert hint in done.stderr


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window of 80 columns, at which somebody sits."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda stream: stream.name == "<stdout>")


@pytest.mark.usefixtures("watched")
def test_a_terminal_shows_the_columns_that_fit_and_says_how_to_see_the_others(run: Run, mesh: Path) -> None:
    done = run("sql", "SELECT " + ", ".join(f"{at} AS column_number_{at}" for at in range(60)))
    assert unstyle(done.stdout).splitlines()[0].split() == [f"column_number_{at}" for at in range(4)]
    assert done.stderr == "… 56 more columns: select fewer columns, --format csv or --json shows all\n"
    many = run("sql", f"SELECT x, {', '.join(f'x AS long_name_{at}' for at in range(20))} FROM range(30) r(x)")
    assert many.stderr.splitlines()[1].startswith("the first 20 rows; ")


@pytest.mark.usefixtures("watched")
def test_consume_names_the_option_that_takes_other_columns(
    run: Run, mesh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("consume", "orders", "orders_fact").stderr == ""
    monkeypatch.setenv("COLUMNS", "12")
    done = run("consume", "orders", "orders_fact", "--version", 1)
    assert done.stderr == "… 1 more column: --columns a,b selects columns, --format csv or --json shows all\n"
    assert unstyle(done.stdout).splitlines()[0].split() == ["id", "total"]


def test_warnings_of_policies_go_to_stderr_only(
    run: Run, mesh: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = shutil.copytree(mesh, folder / "own")
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(own))
    rule = "{type: metadata-check, condition: ASSERT count(c IN consumers) = 0}"
    text = f"policies:\n  - name: alone\n    enforcement: warning\n    rule: {rule}\n"
    (folder / "policies.yaml").write_text(text)
    assert run("policies", "apply", "policies.yaml", "--yes").exit_code == 0
    for command in (("sql", "SELECT id FROM orders_fact", "--json"), ("consume", "orders", "orders_fact", "--json")):
        done = run(*command)
        assert done.exit_code == 0
        assert done.stderr.startswith("warning: policy alone")
        assert done.stderr.count("\n") == 1
        assert isinstance(json.loads(done.stdout), list)


def test_a_query_that_the_shell_split_is_told_to_be_quoted(run: Run, mesh: Path) -> None:
    done = run("sql", "select", "*", "from", "orders", "--limit", "1")
    assert done.exit_code == 2
    assert "error: the query is 4 arguments, and must be one" in done.stderr
    assert "single quotes for the shell: data-platform sql 'SELECT … FROM …'" in done.stderr
