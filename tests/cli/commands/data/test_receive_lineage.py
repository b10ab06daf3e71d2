"""receive-lineage: events from files, what is kept and what is not, on a terminal and for scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from data_platform.cli.commands.data import receive_lineage
from tests.cli.conftest import GOOD, Run, write_orders
from tests.verbs.lineage.events import make_event

EVENT = make_event(("data-platform", "orders.orders_fact"))
OTHER = make_event(("s3://elsewhere", "x"))


@pytest.fixture
def mesh(run: Run, tmp_path: Path) -> Path:
    product = write_orders(tmp_path)
    data = tmp_path / "rows.jsonl"
    data.write_text("\n".join(map(json.dumps, GOOD)))
    assert run("publish", str(product / "product.yaml"), "orders_fact", str(data)).exit_code == 0
    return tmp_path


def write(folder: Path, content: str | bytes) -> str:
    file = folder / "events.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(file)


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(EVENT),
        json.dumps(EVENT, indent=2),
        "\ufeff" + json.dumps([EVENT]),
        json.dumps(EVENT) + "\r\n\r\n" + json.dumps(EVENT) + "\n",
    ],
)
def test_one_event_an_array_or_one_in_each_line(run: Run, mesh: Path, content: str) -> None:
    done = run("receive-lineage", write(mesh, content))
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("kept ") and "for orders.orders_fact" in done.stdout
    tree = run("lineage", "orders").stdout
    assert "postgres://db:5432/shop.public.orders  into orders_fact  [external]  [reported by " in tree
    assert "job airflow/orders.load of https://github.com/apache/airflow, 2026-11-29 " in tree


def test_standard_input(run: Run, mesh: Path) -> None:
    assert run("receive-lineage", "-", input=json.dumps(EVENT)).stdout == "kept 1 of 1 event, for orders.orders_fact\n"


def test_what_is_ignored_is_named_by_its_line(run: Run, mesh: Path) -> None:
    file = write(mesh, "\n".join(map(json.dumps, [OTHER, EVENT, {}])))
    done = run("receive-lineage", file)
    assert (done.exit_code, done.stdout) == (0, "kept 1 of 3 events, for orders.orders_fact\n")
    assert f"{file}:1: ignored: it names no dataset of this mesh" in done.stderr
    assert f"{file}:3: ignored: it has no run" in done.stderr
    answer = json.loads(run("receive-lineage", file, "--json").stdout)
    assert (answer["kept"], answer["outputs"]) == (1, ["orders.orders_fact"])
    assert [item["number"] for item in answer["ignored"]] == [0, 2]


def test_a_large_file_goes_in_parts(run: Run, mesh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive_lineage, "_MOST_EVENTS", 2)
    answer = json.loads(
        run("receive-lineage", write(mesh, json.dumps([EVENT, OTHER, OTHER, EVENT, OTHER])), "--json").stdout
    )
    assert (answer["kept"], [item["number"] for item in answer["ignored"]]) == (2, [1, 2, 4])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (json.dumps(OTHER), "kept none of 1 event:\n  {file}:1: ignored: it names no dataset of this mesh"),
        (json.dumps([OTHER, 7]), "kept none of 2 events:\n  {file}, event 1: ignored"),
        ('{"a": 1}\n{"b": \n\n{"c" 1}\n', "{file}:2:7: error: this is no JSON"),
        ('{"a": 1}\n{"b": \n\n{"c" 1}\n', "{file}:4:6: error: this is no JSON"),
        ('{\n  "a": 1,\n}', "{file}:3:1: error: this is no JSON"),
        ("", "{file}:1:1: error: this is no JSON"),
        ("[]", "{file} has no event"),
        (b'{"a": "\xff"}', "{file}:1:1: error: this is not UTF-8"),
        (b" " * (17 << 20), "{file} has more than 16,777,216 bytes"),
    ],
)
def test_bad_input_is_refused_with_its_place(run: Run, mesh: Path, content: Any, message: str) -> None:
    file = write(mesh, content)
    done = run("receive-lineage", file)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message.format(file=file) in done.stderr


def test_files_that_are_none(run: Run, mesh: Path) -> None:
    assert run("receive-lineage", str(mesh)).exit_code == 2
    assert run("receive-lineage", "nothing.json").exit_code == 2
