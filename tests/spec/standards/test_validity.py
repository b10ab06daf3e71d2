"""What is exported is valid under the version that it names, and a lint says where a file is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft201909Validator

from data_platform.errors import InvalidSpec
from data_platform.spec.product.loading import load_product
from data_platform.spec.product.model import ProductStatus
from data_platform.spec.standards.assembly import Wanted
from data_platform.spec.standards.exporting import Standard, export, export_file
from data_platform.spec.standards.importing import import_files, validate_files
from data_platform.spec.standards.validity import fit_contract

SHARED = Path(__file__).parents[4] / "shared" / "standards"
HEAD = "apiVersion: {version}\nkind: DataContract\nid: t\nname: t\nversion: 1.0.0\nstatus: {status}\n"
OLD_WORDS = """\
schema:
  - name: t
    properties:
      - name: age
        logicalType: integer
        logicalTypeOptions: {maximum: 100, exclusiveMaximum: true, exclusiveMinimum: false}
        quality: [{type: library, rule: between, description: d, customProperties: [{property: max, value: 500}]}]
team:
  - {username: ann, role: owner, comment: back in April}
slaProperties:
  - {property: timeToDetect, value: 1, unit: h, column: t.age}
"""


def written(tmp_path: Path, text: str, name: str = "t.odcs.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def faults(document: dict[str, Any], schema: str) -> list[str]:
    file = SHARED / schema
    if not file.exists():
        pytest.skip("the schemas of the standards are not beside the checkout")
    found = Draft201909Validator(json.loads(file.read_text())).iter_errors(document)
    return [f"{list(each.path)}: {each.message}" for each in found]


@pytest.mark.parametrize("version", ["v3.0.0", "v3.0.2", "v3.1.0"])
def test_older_words_are_translated_on_their_way_through(tmp_path: Path, version: str) -> None:
    path = written(tmp_path, HEAD.format(version=version, status="current") + OLD_WORDS)
    imported = import_files([path])
    assert imported.product.status is ProductStatus.ACTIVE
    assert imported.schemas["t"].columns[0].constraints.exclusive_maximum == 100
    (text,) = export(imported.product, imported.schemas, Standard.ODCS).texts.values()
    contract = yaml.safe_load(text)
    assert contract["slaProperties"][0]["element"] == "t.age"
    assert contract["team"]["members"][0]["description"] == "back in April"
    (check,) = contract["schema"][0]["properties"][0]["quality"]
    assert (check["type"], check["implementation"]) == ("custom", {"metric": "between"})
    assert faults(contract, "odcs-3.2.0.schema.json") == []


def test_what_the_standard_does_not_have_moves_or_is_left_out_and_is_told() -> None:
    fitted = fit_contract(
        {
            "id": "t",
            "invented": 1,
            "schema": [{"name": "t", "color": "red", "quality": [{"type": "text", "dimension": "beauty"}]}, "odd"],
            "price": {"priceAmount": "much", "per": "row"},
        }
    )
    assert fitted.document == {
        "id": "t",
        "schema": [
            {"name": "t", "quality": [{"type": "text"}], "customProperties": [{"property": "color", "value": "red"}]}
        ],
        "price": {},
        "customProperties": [{"property": "invented", "value": 1}],
    }
    assert len(fitted.changes) == 6


def test_an_export_of_words_by_hand_is_valid_and_warns(tmp_path: Path) -> None:
    text = (
        "name: p\ndomain: d\nowner: a@b.c\noutputs:\n  - {name: t, odcs: {invented: 1, tags: 7}}\nodps: {color: red}\n"
    )
    file = load_product(written(tmp_path, text, "product.yaml"))
    for standard, schema in ((Standard.ODCS, "odcs-3.2.0"), (Standard.ODPS, "odps-1.1.0")):
        texts, warnings = export_file(file, standard)
        assert warnings
        for each in texts.values():
            assert faults(yaml.safe_load(each), f"{schema}.schema.json") == []


@pytest.mark.parametrize("status", ["pending", "in review"])
def test_a_status_of_no_standard_is_kept_and_is_no_active_product(tmp_path: Path, status: str) -> None:
    imported = import_files([written(tmp_path, HEAD.format(version="v3.0.0", status=status))], Wanted(owner="a@b.c"))
    assert imported.product.effective_status is ProductStatus.DRAFT
    assert any(f"the status {status} is kept, and taken for a draft" in each.message for each in imported.warnings)
    (text,) = export(imported.product, imported.schemas, Standard.ODCS).texts.values()
    assert yaml.safe_load(text)["status"] == status


def test_the_team_of_odps_0_9_is_a_list(tmp_path: Path) -> None:
    text = "apiVersion: v0.9.0\nkind: DataProduct\nid: p1\nname: customers\nstatus: active\ndomain: seller\n"
    team = "team:\n  - {username: john@x.org, role: owner}\n  - {username: jane@x.org, role: data steward}\n"
    ports = "outputPorts:\n  - {name: out, version: 1.0.0, contractId: c1}\n"
    path = written(tmp_path, text + ports + team, "p.odps.yaml")
    validate_files([path])
    imported = import_files([path])
    assert imported.product.owner == "john@x.org"
    (exported,) = export(imported.product, imported.schemas, Standard.ODPS).texts.values()
    document = yaml.safe_load(exported)
    assert [each["username"] for each in document["team"]["members"]] == ["john@x.org", "jane@x.org"]
    assert faults(document, "odps-1.1.0.schema.json") == []


def test_a_lint_says_every_place_of_every_file_at_once(tmp_path: Path) -> None:
    contract = written(
        tmp_path,
        "apiVersion: v3.2.0\nkind: DataContract\nid: t\nschema:\n  - name: t\n    propertys: []\n    properties:\n"
        "      - {name: a, required: yes please, logicalTypeOptions: {exclusiveMaximum: true}}\n"
        "    quality: [{type: library, metric: between}]\n",
    )
    product = written(tmp_path, "kind: DataProduct\nid: p\nteam: {members: [{role: owner}]}\n", "p.odps.yaml")
    with pytest.raises(InvalidSpec) as wrong:
        validate_files([contract, product])
    found = [(Path(each.file).name, each.line, each.message) for each in wrong.value.problems]
    assert found == [
        ("p.odps.yaml", 1, "it has no `apiVersion`"),
        ("p.odps.yaml", 3, "it has no `username`"),
        ("t.odcs.yaml", 1, "it has no `version`"),
        ("t.odcs.yaml", 6, "`propertys` is no field of it"),
        ("t.odcs.yaml", 8, "`required` must be true or false"),
        ("t.odcs.yaml", 8, "`exclusiveMaximum` is a bound, not true or false"),
        ("t.odcs.yaml", 9, "`metric` cannot be between"),
    ]
    assert "did you mean `properties`?" in str(wrong.value)


def test_the_examples_of_the_standards_are_valid() -> None:
    files = sorted((SHARED / "examples").rglob("*.yaml"))
    if not files:
        pytest.skip("the examples of the standards are not beside the checkout")
    validate_files([path for path in files if "3.2" in path.read_text() or "v1.1" in path.read_text()])
