"""audit on the command line: the log for people and scripts, its proof, and an anchor."""

from __future__ import annotations

import json
import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest
import rfc8785

from tests.cli.conftest import Run

PRODUCT = "name: orders\ndomain: sales\nowner: ana@x\noutputs:\n  - name: t\n"


@pytest.fixture(autouse=True)
def mesh(run: Run, folder: Path) -> None:
    """A mesh with a published product."""
    (folder / "product.yaml").write_text(PRODUCT)
    (folder / "rows.csv").write_text("id\n1\n")
    assert run("publish", ".", "t", "rows.csv").exit_code == 0


def edit(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / ".data-platform/record.db") as record:
        record.execute("DROP TRIGGER audit_log_are_history")
        record.execute(statement)
    record.close()


def test_the_log_says_who_did_what_and_from_where(run: Run) -> None:
    header, publish, register, opened = run("audit", "log").stdout.splitlines()
    assert header.split() == ["no.", "when", "(UTC)", "act", "on", "who", "details", "from"]
    assert " publish " in publish
    assert " orders.t " in publish
    assert " cli, " in publish
    assert "domain sales, owner ana@x, revision 1" in register
    assert "opened" in opened
    (entry,) = json.loads(run("audit", "log", "--act", "register", "--json").stdout)
    assert (entry["number"], entry["subject"], entry["door"], entry["verified"]) == (2, "orders", "cli", False)
    done = run("audit", "log", "--by", "nobody")
    assert (done.stdout, done.stderr) == ("", "no matching entry\n")
    done = run("audit", "log", "--product", "ordrs")
    assert (done.exit_code, done.stderr) == (2, "error: no product ordrs is registered\n  → did you mean orders?\n")


def test_an_export_can_be_checked_without_us(run: Run, folder: Path) -> None:
    assert run("audit", "log", "--format", "jsonl", "--out", "audit.jsonl").exit_code == 0
    previous = "0" * 64
    lines = (folder / "audit.jsonl").read_text().splitlines()
    assert run("audit", "log", "--format", "jsonl").stdout.splitlines() == lines
    for number, line in enumerate(lines, start=1):
        told = json.loads(line)
        again = rfc8785.dumps(told["entry"])
        assert sha256(again).hexdigest() == told["hash"]
        assert (told["entry"]["number"], told["entry"]["previous"]) == (number, previous)
        previous = told["hash"]
    assert len(lines) == 3
    for wrong in (("--out", "x"), ("--format", "jsonl", "--json"), ("--format", "jsonl", "--limit", "3")):
        assert run("audit", "log", *wrong).exit_code == 2


def test_what_was_written_verifies_and_an_edit_is_named(run: Run, folder: Path) -> None:
    assert run("audit", "verify").stdout.startswith("intact: 3 entries, up to 20")
    (folder / "anchor.json").write_text(run("audit", "anchor").stdout)
    assert "and agree with the anchor at 3" in run("audit", "verify", "--anchor", "anchor.json").stdout
    edit(folder, "UPDATE audit_log SET by = 'bo' WHERE number = 2")
    done = run("audit", "verify")
    assert done.exit_code == 1
    assert done.stdout.startswith("broken at entry 2: its text and its columns differ in by\n1 entry holds, up to 20")
    found = json.loads(run("audit", "verify", "--json").stdout)
    assert (found["ok"], found["broken"], found["entries"]) == (False, 2, 1)
    edit_entry = "UPDATE audit_log SET entry = 'x' WHERE number = 3"
    with sqlite3.connect(folder / ".data-platform/record.db") as record:
        record.execute(edit_entry)
    record.close()
    done = run("audit", "log", "--format", "jsonl")
    assert done.exit_code == 1
    assert "entry 3 was changed after it was written" in done.stderr


def test_a_cut_tail_shows_against_an_anchor(run: Run, folder: Path) -> None:
    (folder / "anchor.json").write_text(run("audit", "anchor").stdout)
    edit(folder, "DELETE FROM audit_log WHERE number = 3")
    assert run("audit", "verify").exit_code == 0
    done = run("audit", "verify", "--anchor", "anchor.json")
    assert done.exit_code == 1
    assert "broken at entry 3: it is missing: the log was cut" in done.stdout


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"number": 0, "hash": "", "at": "x"}', '{"number": true}', "\ufeff"])
def test_what_is_no_anchor_is_bad_input(run: Run, folder: Path, text: str) -> None:
    (folder / "anchor.json").write_text(text)
    done = run("audit", "verify", "--anchor", "anchor.json")
    assert done.exit_code == 2
    assert "anchor.json is not an anchor" in done.stderr
    assert run("audit", "verify", "--anchor", "missing.json").exit_code == 2
