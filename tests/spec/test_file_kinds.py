"""A wrong file that is given as product.yaml or as policies is one error that says what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.errors import InvalidSpec
from data_platform.spec.policies import load_policies
from data_platform.spec.product.loading import load_product

OTHERS = {
    "rows.csv": ("a,b\n1,2\n", "this is a data file by its name"),
    "rows.PARQUET": ("PAR1", "this is a data file by its name"),
    "pipeline.py": ("import os\n", "this is Python code by its name"),
    "settings.toml": ("[sources.x]\n", "this is a settings file by its name"),
    "query.sql": ("SELECT 1\n", "this is SQL by its name"),
    "orders.json": ('{"$schema": "x", "title": "orders", "type": "object"}', "this is a JSON Schema"),
    "bare.json": ('{"type": "object", "properties": {}}', "this is a JSON Schema"),
    "orders.avro.json": ('{"type": "record", "name": "o", "fields": []}', "this is an Avro schema"),
    "api.yaml": ("openapi: 3.1.0\ninfo: {}\n", "this is an OpenAPI document"),
    "contract.yaml": ("dataContractSpecification: 1.2.0\nid: x\n", "this is a contract of the Data Contract"),
}


def problem(load: object, path: Path) -> str:
    assert callable(load)
    with pytest.raises(InvalidSpec) as caught:
        load(path)
    (found,) = caught.value.problems
    assert found.hint
    return f"{found.message} {found.hint}"


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_of_another_kind_is_one_problem(tmp_path: Path, name: str) -> None:
    text, message = OTHERS[name]
    (tmp_path / name).write_text(text)
    assert f"{message}" in problem(load_product, tmp_path / name)
    assert "not a product.yaml" in problem(load_product, tmp_path / name)
    assert f"{message}" in problem(load_policies, tmp_path / name)
    assert "not a policies file" in problem(load_policies, tmp_path / name)


@pytest.mark.parametrize("text", ["policies:\n  - name: audit-trail\n", "domain_policies: {finance: []}\n"])
def test_a_policies_file_is_no_product(tmp_path: Path, text: str) -> None:
    (tmp_path / "policies.yaml").write_text(text)
    found = problem(load_product, tmp_path / "policies.yaml")
    assert "this is a policies file, not a product.yaml" in found
    assert "policies apply FILE" in found


def test_a_product_with_a_field_too_many_keeps_its_problems(tmp_path: Path) -> None:
    file = tmp_path / "product.yaml"
    file.write_text("name: orders\ndomain: commerce\npolicies: []\n")
    with pytest.raises(InvalidSpec) as caught:
        load_product(file)
    assert len(caught.value.problems) == 3
