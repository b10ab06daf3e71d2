"""What `publish` and `test` suggest for data that does not fit: options, schemas, majors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

PRODUCT = """\
name: trips
domain: mobility
owner: team@example.com
version: "1.0.0"
outputs:
  - {name: fares, schema: fares.json}
pii_columns: [born]
"""
COLUMNS = {
    "id": {"type": "integer"},
    "amount": {"type": "number"},
    "at": {"type": "string", "format": "date-time"},
    "born": {"type": "string", "format": "date"},
}


@pytest.fixture
def trips(folder: Path) -> Path:
    (folder / "product.yaml").write_text(PRODUCT)
    (folder / "fares.json").write_text(json.dumps({"type": "object", "properties": COLUMNS}))
    return folder


ZONE = "give --zone ZONE (ReadOptions and settings.toml: zone); ZONE is where times without an offset are from"
HINTS = {
    "a naive time": ("at\n2026-01-31T08:15:00\n", (), ZONE),
    "a naive time in a format": ("at\n31.01.2026 08:15\n", ("--timestamp-format", "%d.%m.%Y %H:%M"), ZONE),
    "a time in another format": (
        "at\n31.01.2026 08:15\n",
        (),
        "--timestamp-format '%d.%m.%Y %H:%M' --zone ZONE (",
    ),
    "a decimal comma": ('id,amount\n1,"12,5"\n', (), "give --decimal ',' (ReadOptions and settings.toml: decimal)"),
    "a word for null": ("id,amount\n1,N/A\n", (), "if N/A means that there is no value, give --null 'N/A' ("),
    "a header": ("id,amount\n1,2\n", ("--columns", "id,amount"), "does the first line name the columns?"),
    "semicolons": ('id;amount\n1;"12,5"\n', (), "give --delimiter ';' (ReadOptions and settings.toml: delimiter)"),
}


@pytest.mark.parametrize("case", HINTS)
def test_the_option_that_is_missing_is_suggested(run: Run, trips: Path, case: str) -> None:
    text, options, hint = HINTS[case]
    (trips / "rows.csv").write_text(text)
    done = run("publish", ".", "rows.csv", *options)
    assert done.exit_code in (1, 2)
    assert hint in done.stderr
    tested = run("test", ".", "--data", "rows.csv", *options)
    assert hint in tested.stdout + tested.stderr


def test_json_lines_lack_a_zone_too(run: Run, trips: Path) -> None:
    (trips / "rows.jsonl").write_text('{"at": "2026-01-31T08:15:00"}\n')
    assert f"→ {ZONE}" in run("publish", ".", "rows.jsonl").stderr


def test_nothing_is_said_of_a_protected_value(run: Run, trips: Path) -> None:
    (trips / "rows.csv").write_text("id,born\n1,31.01.1970\n")
    done = run("publish", ".", "rows.csv")
    assert done.exit_code == 1
    assert "→" not in done.stderr
    assert "31.01" not in done.stderr


def test_types_that_were_inferred_are_declared_to_be_changed(run: Run, folder: Path) -> None:
    (folder / "product.yaml").write_text(PRODUCT.replace(", schema: fares.json", "").replace("born", "b"))
    (folder / "one.csv").write_text("a,b\n1,x\n")
    (folder / "two.csv").write_text("a,b\nx,x\n")
    assert run("publish", ".", "one.csv").exit_code == 0
    done = run("publish", ".", "two.csv")
    assert done.exit_code == 1
    assert "→ its types were inferred from earlier data; to change one, declare a schema: `schema: FILE`" in done.stderr


def test_a_major_that_is_not_listed_is_answered_with_how_to_list_it(run: Run, trips: Path) -> None:
    (trips / "rows.csv").write_text("id\n1\n")
    done = run("publish", ".", "fares@0", "rows.csv")
    assert done.exit_code == 2
    assert done.stderr == (
        "error: product.yaml lists no output fares@0\n"
        "  → it lists fares as version 1.0.0; to publish to fares@0 too, list fares twice in outputs:\n"
        '  → the entry that major 0 had, with its schema, rules and sla, and version: "0.1.0"\n'
        '  → and the present entry, with version: "1.0.0"\n'
    )
    assert '→ it lists fares as version 1.0.0: to begin major 2, write version: "2.0.0"' in (
        run("publish", ".", "fares@2", "rows.csv").stderr
    )


def test_the_advice_about_an_old_major_works(run: Run, trips: Path) -> None:
    (trips / "rows.csv").write_text("id\n1\n")
    assert run("publish", ".", "fares", "rows.csv").exit_code == 0
    (trips / "product.yaml").write_text(PRODUCT.replace("1.0.0", "2.0.0"))
    assert run("publish", ".", "fares", "rows.csv").exit_code == 0
    assert 'and version: "1.0.0"' in run("publish", ".", "fares@1", "rows.csv").stderr
    both = "".join(f'  - {{name: fares, schema: fares.json, version: "{major}.0.0"}}\n' for major in (1, 2))
    (trips / "product.yaml").write_text(PRODUCT.replace("  - {name: fares, schema: fares.json}\n", both))
    for major in (1, 2):
        done = run("publish", ".", f"fares@{major}", "rows.csv")
        assert done.exit_code == 0, done.stderr
        assert f"published trips.fares@{major} version 2" in done.stdout
