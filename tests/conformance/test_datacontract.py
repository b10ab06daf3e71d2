"""`data-platform test` on ODCS contracts: our verdict of each case, and where datacontract-cli's is another one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from data_platform.engine.worker import SqlWorker
from data_platform.spec.standards.contracts import load_contract
from data_platform.verbs.publishing.rule_runner import RuleRunner
from data_platform.verbs.testing.contract_test import ContractTest, run_contract_test
from tests.conformance.contracts import CASES
from tests.meshes import NOON

ROOT = Path(__file__).parents[2]
THEIRS = ROOT / "build/datacontract-cli/bin/python"


def written(folder: Path, name: str) -> Path:
    """The case's folder: contract.yaml (JSON is YAML) and orders.csv."""
    place = folder / name.replace(" ", "-")
    place.mkdir()
    (place / "contract.yaml").write_text(json.dumps(CASES[name].contract()))
    (place / "orders.csv").write_text(CASES[name].data)
    return place


@pytest.mark.parametrize("name", CASES)
def test_our_verdict(name: str, tmp_path: Path, rule_worker: SqlWorker) -> None:
    place = written(tmp_path, name)
    result = run_contract_test(
        RuleRunner(rule_worker),
        NOON,
        ContractTest(load_contract(place / "contract.yaml"), "orders", place / "orders.csv"),
    )
    assert result.outcome.value == CASES[name].ours, [found for found in result.findings if found.reason or found.rows]


@pytest.mark.engines
def test_datacontract_cli_says_the_same_but_where_we_say_so(tmp_path: Path) -> None:
    if not THEIRS.exists():
        pytest.skip("its environment is not built: make build/datacontract-cli/.installed")
    folders = [written(tmp_path, name) for name in CASES]
    script = ROOT / "tests/conformance/datacontract_verdicts.py"
    done = subprocess.run([THEIRS, script, *folders], capture_output=True, text=True, check=True, timeout=300)
    said = json.loads(done.stdout.splitlines()[-1])
    assert dict(zip(CASES, said, strict=True)) == {name: case.expected for name, case in CASES.items()}
