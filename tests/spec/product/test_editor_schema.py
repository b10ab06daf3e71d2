"""The editors' schema accepts what the loader accepts and knows every word of it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from data_platform.spec.product.editor_schema import make_editor_schema
from data_platform.spec.product.model import Input, Output, Product, Sla
from data_platform.spec.product.scaffold import make_scaffold
from tests.hypothesis_lanes import examples
from tests.product_files import HEAD, OUTPUT, PRODUCT
from tests.spec.product.test_model import products, rendered

EXAMPLE = Path(__file__).parents[3] / "examples" / "orders" / "product.yaml"
VALIDATOR = jsonschema.Draft202012Validator(make_editor_schema())


def accepts(text: str) -> bool:
    return VALIDATOR.is_valid(yaml.safe_load(text))


def test_it_is_a_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(make_editor_schema())


def test_it_accepts_the_missions_example_and_a_scaffold() -> None:
    VALIDATOR.validate(yaml.safe_load(EXAMPLE.read_text()))
    VALIDATOR.validate(yaml.safe_load(make_scaffold("orders", "commerce", "o@x")["product.yaml"]))


@given(product=products())
@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
def test_it_accepts_whatever_loads(product: Product) -> None:
    VALIDATOR.validate(rendered(product))


def test_every_field_of_the_model_is_in_it_with_a_description() -> None:
    root = make_editor_schema()["properties"]
    output = root["outputs"]["items"]["properties"]
    renamed = {"schema_path": "schema", "rules": "quality_rules", "alert_terms": "alerts", "handover": "oncall"}
    for model, described in (
        (Product, root),
        (Output, output),
        (Sla, output["sla"]["properties"]),
        (Input, root["inputs"]["items"]["properties"]),
    ):
        words = {renamed.get(field.name, field.name) for field in fields(model) if not field.name.endswith("_text")}
        assert words <= set(described)
        assert all(entry["description"] for entry in described.values())


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        PRODUCT + "colour: red\n",
        PRODUCT + "outputPorts: [{name: t}]\n",
        PRODUCT + "version: 1.10\n",
        PRODUCT + "retention_days: 0\n",
        OUTPUT + "    type: view\n",
        OUTPUT + "    sla: {freshness: 15}\n",
        OUTPUT + "    sla: {availability: high}\n",
        OUTPUT + "    quality_rules: [{rule: r, sql: SELECT 1, threshold: true}]\n",
        PRODUCT.replace("name: p", "name: Orders Fact"),
    ],
)
def test_it_refuses_what_an_editor_can_know_is_wrong(text: str) -> None:
    assert not accepts(text)
