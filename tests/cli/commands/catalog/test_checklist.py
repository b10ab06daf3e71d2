"""checklist: marks and mends for people, JSON and exit codes for scripts."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_each_point_has_a_mark_and_what_mends_it(run: Run, mesh: Path) -> None:
    done = run("checklist", "orders")
    assert done.exit_code == 0
    assert "✓ SLAs defined (freshness, availability): freshness and availability of every output\n" in done.stdout
    assert "✗ on-call rotation defined: on call: nobody\n    → product.yaml: oncall: [PERSON]\n" in done.stdout
    assert done.stdout.splitlines()[0].startswith("orders  commerce, active  ")


def test_strict_ends_with_1_and_json_has_everything(run: Run, mesh: Path) -> None:
    done = run("checklist", "orders", "--strict", "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert (len(found["points"]), len(found["anti_patterns"]), found["ready"]) == (9, 4, False)
    assert {point["verdict"] for point in found["points"]} <= {"met", "not met", "cannot be told"}


def test_the_mesh_is_a_table_of_domains(run: Run, mesh: Path) -> None:
    lines = run("checklist", "--mesh").stdout.splitlines()
    assert lines[0].split() == ["domain", "products", "ready", "score", "missing"]
    assert [line.split()[0] for line in lines[1:]] == ["commerce", "crm"]
    assert [each["domain"] for each in json.loads(run("checklist", "--mesh", "--json").stdout)] == ["commerce", "crm"]


def test_a_product_or_the_mesh_must_be_named(run: Run, mesh: Path) -> None:
    assert run("checklist").exit_code == 2
    assert run("checklist", "orders", "--mesh").exit_code == 2
    assert run("checklist", "nothing").exit_code == 2
