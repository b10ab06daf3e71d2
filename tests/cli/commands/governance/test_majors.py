"""deprecate, retire: what they print, refuse, and exit with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

ONE = """\
name: orders
domain: sales
owner: ana@example.com
version: "1.0.0"
outputs: [{name: t, schema: one.json}]
"""
TWO = ONE.replace("1.0.0", "2.0.0").replace("one.json", "two.json")


@pytest.fixture
def majors(run: Run, folder: Path) -> Path:
    """orders.t in two majors, of which bob@example.com has read the first."""
    for name, column in (("one", "id"), ("two", "key")):
        schema = {"type": "object", "properties": {column: {"type": "integer"}}}
        (folder / f"{name}.json").write_text(json.dumps(schema))
        (folder / f"{name}.csv").write_text(f"{column}\n1\n")
    for name, text in (("one", ONE), ("two", TWO)):
        (folder / "product.yaml").write_text(text)
        assert run("publish", "product.yaml", "t", f"{name}.csv").exit_code == 0
    as_bob = {"DATA_PLATFORM_USER": "bob@example.com"}
    assert run("consume", "orders", "t@1", "--format", "csv", env=as_bob).stdout == '"id"\n1\n'
    return folder


def test_a_major_is_deprecated_and_retired_once_nobody_reads_it(run: Run, majors: Path) -> None:
    early = run("retire", "orders.t@1")
    assert (early.exit_code, early.stdout) == (1, "")
    assert "orders.t@1 is not deprecated" in early.stderr
    assert "data-platform deprecate orders.t@1 --until DATE" in early.stderr

    told = run("deprecate", "orders.t@1", "--until", "2999-03-01")
    assert (told.exit_code, told.stderr) == (0, "")
    first, reader = told.stdout.splitlines()
    assert first == "deprecated orders.t@1, ends 2999-03-01"
    assert reader.startswith("  bob@example.com, last read ")

    read = run("retire", "orders.t@1", "--json")
    error = json.loads(read.stdout)["error"]
    assert (read.exit_code, error["kind"], error["exit_code"]) == (1, "Refused", 1)
    assert error["message"].startswith("orders.t@1 is still read:\n  bob@example.com, last read ")
    assert error["message"] in read.stderr

    ended = run("deprecate", "orders.t@2", "--until", "2999-06-01", "--json")
    found = json.loads(ended.stdout)
    assert (ended.exit_code, found["output"], found["major"], found["version"]) == (0, "t", 2, 1)
    assert (found["ends_at"][:10], found["retired"], found["readers"]) == ("2999-06-01", False, [])

    gone = run("retire", "orders.t@2", "--json")
    assert (gone.exit_code, json.loads(gone.stdout)["retired"]) == (0, True)
    assert run("consume", "orders", "t", "--format", "csv").stdout == '"id"\n1\n'
    missing = run("consume", "orders", "t@2")
    assert missing.exit_code == 2
    assert "orders.t@2 was retired on " in missing.stderr and "read t@1" in missing.stderr


def test_what_cannot_be_meant_ends_with_2(run: Run, majors: Path) -> None:
    refused = {
        ("deprecate", "orders.t", "--until", "2999-01-01"): "orders.t has 2 majors",
        ("deprecate", "orders.t@3", "--until", "2999-01-01"): "orders has no output t@3",
        ("deprecate", "orders.t@1#1", "--until", "2999-01-01"): "is not about one data version",
        ("deprecate", "nothing.t@1", "--until", "2999-01-01"): "no product nothing is registered",
        ("deprecate", "orders.t@1", "--until", "2001-01-01"): "2001-01-01 00:00 is not in the future",
        ("deprecate", "orders.t@1", "--until", "soon"): "soon",
        ("deprecate", "orders.t@1"): "--until",
        ("retire", "orders.t"): "name one: t@1 or t@2",
        ("retire", "orders.t@x"): "is not PRODUCT[.OUTPUT][@MAJOR]",
        ("retire", "orders.t@1", "--days", "0"): "--days",
    }
    for arguments, message in refused.items():
        done = run(*arguments)
        assert (done.exit_code, done.stdout) == (2, ""), arguments
        assert message in done.stderr, arguments
