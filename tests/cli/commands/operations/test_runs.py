"""runs: what pipelines did, for people and for scripts."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from data_platform import Platform
from data_platform.verbs.results import RunInfo
from tests.cli.conftest import Run, write_customers

PIPELINE = """\
from data_platform import DataProduct
product = DataProduct.load("product.yaml")

@product.pipeline(output="customers_dim")
def build():
    print("reading \\x1b[31mcustomers")
    return ROWS
"""


@pytest.fixture
def customers(run: Run, folder: Path) -> Path:
    """A product that was published by a run, and then refused."""
    product = write_customers(folder)
    for rows in ([{"id": 1, "email": None}], [{"id": "x"}]):
        (product / "pipeline.py").write_text(PIPELINE.replace("ROWS", repr(rows)))
        run("run", "customers", "customers_dim")
    return product


def test_runs_are_listed_newest_first(run: Run, customers: Path) -> None:
    done = run("runs")
    refused, succeeded = (line for line in done.stdout.splitlines() if ", started " in line)
    assert "refused" in refused
    assert "succeeded" in succeeded
    assert "version 1" in done.stdout
    assert "SchemaMismatch: the data does not fit" in done.stdout
    assert run("runs", "customers.customers_dim", "--state", "succeeded").stdout.count("started") == 1
    assert run("runs", "--limit", "1").stdout.count("started") == 1
    assert run("runs", "--state", "lost").stderr == "no run\n"


def test_json_has_every_field(run: Run, customers: Path) -> None:
    listed = json.loads(run("runs", "customers", "--json").stdout)
    assert [item["state"] for item in listed] == ["refused", "succeeded"]
    assert list(listed[0]) == [field.name for field in fields(RunInfo)]
    detail = json.loads(run("runs", "show", listed[1]["id"], "--json").stdout)
    assert list(detail) == ["run", "log"]
    assert detail["run"] == listed[1]
    assert listed[1]["door"] == "cli"


def test_a_run_is_shown_with_its_log(run: Run, customers: Path) -> None:
    id = json.loads(run("runs", "--json").stdout)[1]["id"]
    shown = run("runs", "show", id)
    assert "Log\nreading �[31mcustomers\n" in shown.stdout
    assert "publish began" in shown.stdout
    assert run("runs", "show", "x").exit_code == 2


def test_tick_reports_what_is_lost(run: Run, customers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Platform.open() as platform:
        id = platform.start_run("customers").id
    monkeypatch.setattr("data_platform.verbs.runs.run_info.LOST_AFTER", timedelta(minutes=-1))
    assert f"run {id} of customers.customers_dim is lost: no heartbeat since" in run("tick").stderr
    assert "last heartbeat" in run("runs", "--state", "lost").stdout
