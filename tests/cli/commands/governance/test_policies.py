"""policies: what a person sees, and what a script gets."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run

LONG = timedelta(days=40_000)
EXAMPLE = Path(__file__).parents[4] / "examples" / "orders"
CASES = """\
policies:
  - name: data-retention
    rule: {type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}
    cases:
      - {product: {retention_days: 30}, expect: pass}
      - {product: {}, expect: EXPECTED}
"""


@pytest.fixture
def orders(folder: Path) -> Path:
    """The mission text's product with its policies, in an empty working directory."""
    return Path(shutil.copytree(EXAMPLE, folder / "orders"))


def blocking(orders: Path) -> None:
    file = orders / "policies.yaml"
    file.write_text(file.read_text().replace("enforcement: warning", "enforcement: blocking"))


def test_apply_shows_what_it_means_and_asks_nobody_off_a_terminal(run: Run, orders: Path) -> None:
    refused = run("policies", "apply", orders / "policies.yaml")
    assert refused.exit_code == 2
    assert "would newly block 0 of 0 products" in refused.stderr
    assert "to apply without confirmation" in refused.stderr
    done = run("policies", "apply", orders / "policies.yaml", "--yes", "--note", "the first", "--json")
    assert json.loads(done.stdout)["revision"] == 1
    (history,) = json.loads(run("policies", "history", "--json").stdout)
    assert (history["revision"], history["file"], history["note"]) == (1, "policies.yaml", "the first")
    assert run("policies", "show").stdout.startswith("policies:\n  - name: pii-encryption")
    assert "unchanged" in run("policies", "apply", orders / "policies.yaml", "--yes").stdout


def test_the_matrix_and_the_violations_are_listed(run: Run, orders: Path) -> None:
    run("init")
    assert "no policy" in run("policies", "matrix").stderr
    run("policies", "apply", orders / "policies.yaml", "--yes")
    run("register", orders)
    rows = json.loads(run("policies", "matrix", "--json").stdout)
    assert {row["products"] for row in rows} == {1}
    assert rows[0]["policy"] in run("policies", "matrix").stdout
    assert len(json.loads(run("policies", "violations", "--json").stdout)) == sum(row["violated"] for row in rows)
    assert run("policies", "violations", "--policy", "nothing").stderr.strip() == "no violations"


def test_weakening_what_blocks_is_refused_with_its_name_before_anybody_is_asked(run: Run, orders: Path) -> None:
    file = orders / "policies.yaml"
    run("policies", "apply", file, "--yes")
    finance = orders / "finance.yaml"
    finance.write_text("domain_policies: {finance: []}\n")
    assert run("policies", "what-if", finance, "--domain", "finance").exit_code == 0
    file.write_text("policies: []\n")
    refused = run("policies", "apply", file, "--domain", "finance", "--yes")
    assert (refused.exit_code, "global policies" in refused.stderr) == (2, True)
    refused = run("policies", "apply", file)
    assert refused.exit_code == 1
    assert "pii-encryption (global): removed, blocking" in refused.stderr
    assert "--allow-weakening" in refused.stderr
    found = json.loads(run("policies", "what-if", file, "--json").stdout)
    assert {each["policy"]: each["weakens"] for each in found["changes"]}["pii-encryption"] is True
    assert run("policies", "apply", file, "--yes", "--allow-weakening").exit_code == 0


def test_check_without_a_mesh_refuses_and_names_what_it_could_not_judge(run: Run, orders: Path) -> None:
    blocking(orders)
    against = ("--policies", orders / "policies.yaml")
    found = run("policies", "check", orders, *against, "--json")
    assert found.exit_code == 1
    (told,) = json.loads(found.stdout)
    assert list(told) == ["file", "product", "policy", "enforcement", "subject", "reason", "waived_until"]
    assert (told["policy"], told["enforcement"]) == ("data-retention", "blocking")
    assert "schema-compatibility" in found.stderr
    assert not (orders.parent / ".data-platform").exists()


def test_sarif_points_at_the_line_of_the_output(run: Run, orders: Path) -> None:
    schema = orders / "schemas" / "orders_fact.json"
    document = json.loads(schema.read_text())
    document["properties"]["customer_email"]["encryption"] = "none"
    schema.write_text(json.dumps(document))
    found = run("policies", "check", orders, "--policies", orders / "policies.yaml", "--sarif")
    log = json.loads(found.stdout)
    (told,) = log["runs"]
    assert (found.exit_code, log["version"]) == (1, "2.1.0")
    names = [rule["id"] for rule in told["tool"]["driver"]["rules"]]
    results = {each["ruleId"]: each for each in told["results"]}
    assert set(results) == set(names) == {"pii-encryption", "data-retention"}
    assert all(names[each["ruleIndex"]] == each["ruleId"] for each in results.values())
    (place,) = results["pii-encryption"]["locations"]
    line = place["physicalLocation"]["region"]["startLine"]
    assert (orders / "product.yaml").read_text().splitlines()[line - 1].strip() == "- name: orders_fact"
    assert results["pii-encryption"]["level"] == "error"
    assert results["data-retention"]["level"] == "warning"
    (place,) = results["data-retention"]["locations"]
    line = place["physicalLocation"]["region"]["startLine"]
    assert (orders / "product.yaml").read_text().splitlines()[line - 1].startswith("name:")


def test_a_refused_register_tells_every_violation(run: Run, orders: Path) -> None:
    blocking(orders)
    run("policies", "apply", orders / "policies.yaml", "--yes")
    refused = run("register", orders, "--json")
    assert refused.exit_code == 1
    (told,) = json.loads(refused.stdout)
    assert told["error"]["kind"] == "PolicyViolation"
    assert [each["policy"] for each in told["error"]["findings"]] == ["data-retention"]
    assert "data-platform policies waive orders-data-product data-retention" in refused.stderr


@pytest.mark.long
def test_a_waiver_from_request_to_end(run: Run, orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocking(orders)
    run("policies", "apply", orders / "policies.yaml", "--yes")
    until = ("--until", "2099-01-01")
    asking = ("policies", "waive", "orders-data-product", "data-retention", "--reason", "soon")
    assert run(*asking, *until).exit_code == 2
    monkeypatch.setattr("data_platform.verbs.policies.waivers.LONGEST", LONG)
    assert "policies approve 1" in run(*asking, *until).stderr
    assert run("policies", "approve", 1).exit_code == 1
    monkeypatch.setenv("DATA_PLATFORM_USER", "federation@example.com")
    assert "holds" in run("policies", "approve", 1).stdout
    done = run("register", orders)
    assert done.exit_code == 0
    assert "waived until 2099-01-01" in done.stderr
    statuses = {each["policy"]: each["status"] for each in _explained(run)}
    assert statuses["data-retention"] == "waived"
    (waiver,) = json.loads(run("policies", "waivers", "--json").stdout)
    assert (waiver["state"], waiver["approved_by"]) == ("holds", "federation@example.com")
    assert "ended" in run("policies", "end", 1).stdout
    assert run("policies", "end", 1).exit_code == 1
    assert run("register", orders).exit_code == 1


def _explained(run: Run) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(run("policies", "explain", "orders-data-product", "--json").stdout)
    return found


@pytest.mark.parametrize(("expected", "code"), [("violation", 0), ("pass", 1)])
def test_cases_beside_a_policy_are_played(run: Run, folder: Path, expected: str, code: int) -> None:
    file = folder / "policies.yaml"
    file.write_text(CASES.replace("EXPECTED", expected))
    played = run("policies", "test", file)
    assert played.exit_code == code
    assert ("failed" in played.stdout) is bool(code)
    assert [each["line"] for each in json.loads(run("policies", "test", file, "--json").stdout)] == [5, 6]


@pytest.mark.parametrize("options", [(), ("--yes",), ("--yes", "--allow-weakening")])
def test_a_file_whose_cases_fail_is_refused_with_the_cases(run: Run, folder: Path, options: tuple[str, ...]) -> None:
    file = folder / "policies.yaml"
    file.write_text(CASES.replace("EXPECTED", "pass"))
    run("init")
    refused = run("policies", "apply", file, *options)
    assert refused.exit_code == 1
    assert "policies.yaml:6  data-retention" in refused.stderr
    assert "no policies were applied yet" in run("policies", "history").stderr


def test_nothing_applied_is_said_in_words(run: Run, folder: Path) -> None:
    run("init")
    assert run("policies", "show").exit_code == 2
    assert "no policies were applied yet" in run("policies", "history").stderr
    assert "no waiver" in run("policies", "waivers").stderr
    assert "no attestation" in run("policies", "attestations").stderr


def test_problems_of_form_and_of_conditions_are_told_at_once_by_line(run: Run, orders: Path) -> None:
    file = orders.parent / "wrong.yaml"
    file.write_text(
        "policies:\n"
        "  - {name: one, rule: {type: metadata-check, condition: ASSERT product.ownr IS NOT NULL}}\n"
        "  - {name: two, enforcment: blocking, rule: {type: schema-evolution, mode: full}}\n"
        "  - {name: four, rule: {type: metadata-check, condition: ASSERT product.retention_days > 'long'}}\n"
    )
    for command in (("test", str(file)), ("apply", str(file), "--yes")):
        said = run("policies", *command)
        assert (said.exit_code, said.stdout) == (2, "")
        lines = [line for line in said.stderr.splitlines() if "error:" in line]
        assert [line.split(":")[1] for line in lines] == ["2", "3", "4"]
        assert all(word in said.stderr for word in ("product.owner", "enforcement", "cannot be compared"))


def test_what_if_says_that_apply_needs_leave_to_weaken(run: Run, orders: Path) -> None:
    file = orders / "policies.yaml"
    assert "--allow-weakening" not in run("policies", "what-if", file).stdout
    run("policies", "apply", file, "--yes")
    file.write_text("policies: []\n")
    assert "--allow-weakening" in run("policies", "what-if", file).stdout
