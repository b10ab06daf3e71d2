"""test: exit codes, what is told where, which file is which output, and JUnit that CI systems read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from data_platform.cli.formats.junit import escape_illegal
from tests.cli.conftest import Run

PRODUCT = """\
name: shop
domain: sales
owner: ana@example.com
outputs:
  - name: orders
    schema: orders.json
    sla: {freshness: 1 day}
    quality_rules:
      - {rule: positive, sql: SELECT COUNT(*) FROM orders WHERE amount <= 0, threshold: 0}
      - {rule: cheap, sql: SELECT COUNT(*) FROM orders WHERE amount > 100, threshold: 0, severity: warning}
      - {rule: odd, sql: SELECT COUNT(*) FROM orders WHERE CAST(note AS INTEGER) > 0, threshold: 0}
      - {rule: known, sql: 'SELECT COUNT(*) FROM orders ANTI JOIN "crm".people USING (id)', threshold: 0}
"""
MORE = "  - name: lines\n"
INPUTS = "inputs: [{data_product: crm, output: people}]\n"
SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "amount": {"type": "number"}, "note": {"type": "string"}},
}
ALL = "id,amount,note\n1,200,1\n2,-3,\x1b[31m]]>&<\x01\n"


@pytest.fixture
def shop(folder: Path) -> Path:
    """A working directory with a contract and files of each kind."""
    (folder / "product.yaml").write_text(PRODUCT + INPUTS)
    (folder / "several.yaml").write_text(PRODUCT + MORE + INPUTS)
    (folder / "orders.json").write_text(json.dumps(SCHEMA))
    (folder / "good.csv").write_text("id,amount,note\n1,2,0\n2,3,0\n")
    (folder / "warned.csv").write_text("id,amount,note\n1,200,0\n")
    (folder / "bad.csv").write_text(ALL)
    (folder / "misfit.csv").write_text("id,amount\nx,2\n")
    (folder / "people.csv").write_text("id\n1\n2\n")
    return folder


@pytest.mark.parametrize(
    ("file", "strict", "code"),
    [("good", False, 0), ("good", True, 0), ("warned", False, 0), ("warned", True, 1), ("bad", False, 1)],
)
def test_the_exit_code_is_the_verdict(run: Run, shop: Path, file: str, strict: bool, code: int) -> None:
    done = run("test", "product.yaml", "--data", f"{file}.csv", *(["--strict"] if strict else []))
    assert (done.exit_code, done.stderr) == (code, "")
    assert {"good.csv", "product.yaml"} <= {path.name for path in shop.iterdir()}
    assert not (shop / ".data-platform").exists()


def test_the_table_tells_every_check_and_below_it_what_cannot_be_seen_in_it(run: Run, shop: Path) -> None:
    done = run("test", ".", "--data", "bad.csv")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("refused shop.orders  bad.csv: 2 rows, 2 of 6 checks failed, 1 warning, 2 not run  ")
    cells = [line.split("  ") for line in lines[2:9]]
    assert [(row[0], row[-1].strip()) for row in cells] == [
        ("check", "result"),
        ("schema", "passed"),
        ("positive", "failed"),
        ("cheap", "warned"),
        ("odd", "no verdict"),
        ("known", "not run"),
        ("freshness", "not run"),
    ]
    assert "not run  known: it reads the input crm.people, of which no data was given" in lines
    assert "no verdict  odd: a value of note could not be converted to INTEGER" in lines
    assert "1 failing row of positive" in lines
    assert "\x1b" not in done.stdout


def test_data_that_does_not_fit_is_told_column_by_column(run: Run, shop: Path) -> None:
    done = run("test", ".", "--data", "misfit.csv")
    assert done.exit_code == 1
    assert "failed  schema.id: 1 of 1 row does not fit long, which looks like 42: 'x' in row 1" in done.stdout
    assert "1 of 6 checks failed, 2 not run" in done.stdout


def test_a_column_without_a_name_is_told_by_its_position_and_the_others_are_judged(run: Run, shop: Path) -> None:
    (shop / "frame.csv").write_text(",id,amount\n0,1,-2\n")
    done = run("test", ".", "--data", "frame.csv")
    assert (done.exit_code, done.stderr) == (1, "")
    assert "failed  schema.column 1: column 1 has no name" in done.stdout
    assert "1 failing row of positive" in done.stdout


def test_json_is_the_whole_answer(run: Run, shop: Path) -> None:
    done = run("test", "several.yaml", "--data", "orders=bad.csv", "--data", "crm.people=people.csv", "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["contract"], told["outcome"], told["untested"]) == (
        1,
        "several.yaml",
        "refused",
        ["lines"],
    )
    (orders,) = told["outputs"]
    assert (orders["product"], orders["output"], orders["data"], orders["rows"]) == ("shop", "orders", "bad.csv", 2)
    checks = {check["check"]: check for check in orders["checks"]}
    positive = checks["positive"]
    assert (positive["status"], positive["severity"], positive["value"], positive["demand"]) == (
        "failed",
        "blocking",
        1,
        "≤ 0",
    )
    assert positive["rows"][0]["id"] == 2
    assert (checks["known"]["status"], checks["cheap"]["status"]) == ("passed", "warned")
    assert checks["freshness"]["status"] == "skipped"


def test_each_file_finds_its_output(run: Run, shop: Path) -> None:
    done = run("test", "several.yaml", "--data", "lines=people.csv", "--data", "orders=good.csv", "--json")
    assert done.exit_code == 0
    told = {output["output"]: output["data"] for output in json.loads(done.stdout)["outputs"]}
    assert told == {"lines": "people.csv", "orders": "good.csv"}
    assert run("test", "several.yaml", "--output", "orders", "--data", "good.csv").exit_code == 0
    (shop / "a=b.csv").write_text("id\n1\n")
    assert run("test", "several.yaml", "--output", "lines", "--data", "a=b.csv").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["several.yaml", "--data", "good.csv"], "(orders, lines): name the output of each file"),
        (["several.yaml", "--data", "line=good.csv"], "did you mean lines?"),
        (["several.yaml", "--output", "order", "--data", "good.csv"], "did you mean orders?"),
        (["several.yaml", "--data", "lines=good.csv", "--data", "lines=bad.csv"], "lines has two files"),
        (["product.yaml", "--data", "crm.people=people.csv"], "no file is given for an output"),
        (["product.yaml", "--data", "gone.csv"], "no such file"),
        (["product.yaml", "--data", "product.yaml"], "is YAML, as product.yaml is"),
        (["gone.yaml", "--data", "good.csv"], "gone.yaml"),
        (["product.yaml", "--data", "good.csv", "--json", "--junit", "-"], "both write to stdout"),
        (["product.yaml", "--data", "good.csv", "--junit", "gone/report.xml"], "cannot be written"),
        (["product.yaml"], "--data"),
    ],
)
def test_what_cannot_be_judged_is_bad_input(run: Run, shop: Path, arguments: list[str], message: str) -> None:
    done = run("test", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr


def test_junit_has_a_case_a_check_and_the_right_counts(run: Run, shop: Path) -> None:
    done = run("test", "several.yaml", "--data", "orders=bad.csv", "--data", "lines=people.csv", "--junit", "out.xml")
    assert done.stdout.startswith("refused shop.orders")
    root = ElementTree.parse(shop / "out.xml").getroot()
    counts = ("tests", "failures", "errors", "skipped")
    assert (root.tag, [root.get(name) for name in counts]) == ("testsuites", ["9", "1", "1", "2"])
    orders, lines = root
    assert (orders.tag, orders.get("name"), [orders.get(name) for name in counts]) == (
        "testsuite",
        "shop.orders",
        ["8", "1", "1", "2"],
    )
    assert (lines.get("name"), lines.get("tests"), lines.get("failures")) == ("shop.lines", "1", "0")
    cases = {case.get("name"): [child.tag for child in case] for case in orders.iter("testcase")}
    assert cases == {
        "schema.id": [],
        "schema.amount": [],
        "schema.note": [],
        "positive": ["failure"],
        "cheap": ["system-out"],
        "odd": ["error"],
        "known": ["skipped"],
        "freshness": ["skipped"],
    }
    failure = orders.find("testcase[@name='positive']/failure")
    assert failure is not None
    assert failure.get("message") == "1, and ≤ 0 was required"
    assert json.loads((failure.text or "").splitlines()[-1])["note"] == "\x1b[31m]]>&<\x01"
    warning = orders.findtext("testcase[@name='cheap']/system-out")
    assert warning == "warning: 1, and ≤ 0 was required"
    assert float(root.get("time", "")) > 0


def test_junit_alone_is_what_stands_on_stdout(run: Run, shop: Path) -> None:
    done = run("test", "product.yaml", "--data", "warned.csv", "--junit", "-", "--strict")
    root = ElementTree.fromstring(done.stdout.encode())
    assert (done.exit_code, root.get("failures")) == (1, "1")
    assert done.stderr.startswith("warned  shop.orders")


@pytest.mark.parametrize("text", ["\x00\x08\x0b\x1b", "\ud800", "\ufffe\uffff", "tab\t\r\n", "ไทย 日本 🙂", "]]>&<\"'"])
def test_no_text_breaks_the_xml(text: str) -> None:
    element = ElementTree.Element("a", {"b": escape_illegal(text)})
    element.text = escape_illegal(text)
    read = ElementTree.fromstring(ElementTree.tostring(element, encoding="utf-8"))
    assert read.text == escape_illegal(text).replace("\r\n", "\n")  # as XML 1.0, section 2.11, reads the ends of lines
    assert len(escape_illegal(text)) == len(text)


SLOW = """\
name: slow
domain: shop
owner: shop@example.com
outputs:
  - name: rows
    quality_rules:
      - rule: never_done
        sql: SELECT COUNT(*) FROM rows a, rows b, rows c WHERE (a.id * b.id + c.id) % 7 = 8
        threshold: 0
"""
"""A contract whose rule keeps the command busy for as long as anybody waits."""


@pytest.mark.long
def test_a_cancelled_job_leaves_no_data_behind(shop: Path) -> None:
    (shop / "tmp").mkdir()
    (shop / "slow.yaml").write_text(SLOW)
    (shop / "rows.csv").write_text("id\n" + "\n".join(map(str, range(100_000))) + "\n")
    command = [sys.executable, "-c", "from data_platform.cli.main import main; main()", "test", "slow.yaml"]
    environment = {**os.environ, "TMPDIR": str(shop / "tmp")}
    with subprocess.Popen([*command, "--data", "rows.csv"], env=environment, cwd=shop) as process:
        deadline = time.monotonic() + 30
        while not list((shop / "tmp").glob("data-platform-test-*")) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert list((shop / "tmp").glob("data-platform-test-*"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 143
    assert list((shop / "tmp").glob("data-platform-test-*")) == []


@pytest.mark.parametrize(
    ("contract", "data", "kind"),
    [("product.yaml", "none.csv", "UnreadableData"), ("none.yaml", "good.csv", "InvalidSpec")],
)
def test_what_cannot_be_judged_is_an_error_in_the_report_too(
    run: Run, shop: Path, contract: str, data: str, kind: str
) -> None:
    done = run("test", contract, "--data", data, "--junit", "report.xml")
    root = ElementTree.parse(shop / "report.xml").getroot()
    assert (done.exit_code, root.get("tests"), root.get("errors")) == (2, "1", "1")
    (error,) = root.iter("error")
    assert error.get("type") == kind
    assert f"none.{'csv' if kind == 'UnreadableData' else 'yaml'}" in (error.text or "")
    assert ElementTree.fromstring(run("test", contract, "--data", data, "--junit", "-").stdout).get("errors") == "1"


def test_no_rows_pass_with_a_word(run: Run, shop: Path) -> None:
    (shop / "empty.csv").write_text("id,amount,note\n")
    done = run("test", "product.yaml", "--data", "empty.csv")
    assert done.exit_code == 0
    assert done.stderr.splitlines()[-1] == "warning: empty.csv: 0 rows; checks pass trivially"
    (output,) = json.loads(run("test", "product.yaml", "--data", "empty.csv", "--json").stdout)["outputs"]
    assert output["warnings"] == ["empty.csv: 0 rows; checks pass trivially"]


def test_hints_are_about_files_where_files_are_given(run: Run, shop: Path) -> None:
    (shop / "numbers.json").write_text("[1, 2]")
    for name in ("god.csv", "product.yaml", "numbers.json"):
        told = run("test", "product.yaml", "--data", name).stderr
        assert "→" in told
        assert "pyarrow" not in told
        assert "list of dicts" not in told


CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: c
name: orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - name: id
        logicalType: integer
        quality: [{name: read, type: text, description: Somebody reads it.}]
    quality: [{name: soda, type: custom, engine: soda, implementation: x}]
"""


@pytest.mark.parametrize("data", ["id\n1\n", "id\nx\n"], ids=["that fits", "that does not fit"])
def test_a_check_that_nobody_here_can_run_is_told_once(run: Run, folder: Path, data: str) -> None:
    (folder / "c.odcs.yaml").write_text(CONTRACT)
    (folder / "d.csv").write_text(data)
    done = run("test", "c.odcs.yaml", "--data", "d.csv")
    lines = done.stdout.splitlines()
    for name, reason in (("read", "text is for people to judge"), ("soda", "soda is not run here")):
        assert len([line for line in lines if line.startswith(name)]) == 1
        assert [line for line in lines if line.startswith("not run") and name in line] == [f"not run  {name}: {reason}"]
    found = json.loads(run("test", "c.odcs.yaml", "--data", "d.csv", "--json").stdout)["outputs"][0]["checks"]
    assert sorted(each["check"] for each in found if each["status"] == "skipped") == ["read", "soda"]


@pytest.mark.parametrize("query", ["SELEC COUNT(*) FROM t", "SELECT COUNT(*) FROM ridez"])
@pytest.mark.parametrize("command", ["test", "import"])
def test_sql_that_cannot_run_is_bad_input_and_an_error_in_the_report(
    run: Run, folder: Path, query: str, command: str
) -> None:
    (folder / "c.odcs.yaml").write_text(
        "apiVersion: v3.1.0\nkind: DataContract\nid: c\nversion: 1.0.0\nname: orders\nschema:\n  - name: t\n"
        f"    quality: [{{type: sql, query: {query}, mustBe: 0}}]\n"
        "    properties:\n      - {name: a, logicalType: string}\n"
    )
    (folder / "f.csv").write_text("a\nx\n")
    data = ["--data", "f.csv", "--junit", "report.xml"] if command == "test" else ["--out", "made"]
    result = run(command, "c.odcs.yaml", *data)
    assert result.exit_code == 2
    assert "c.odcs.yaml:8" in result.stderr
    if command == "test":
        assert 'errors="1"' in (folder / "report.xml").read_text()
    assert not (folder / "made").exists()
