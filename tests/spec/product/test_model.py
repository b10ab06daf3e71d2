"""The model of a product: what it acts as, its JSON, and that what is written is what is loaded."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.errors import BadInput
from data_platform.spec.product.loading import load_product
from data_platform.spec.product.model import (
    Input,
    Output,
    OutputType,
    Product,
    ProductStatus,
    Sla,
    SlaProperty,
    restore_product,
    serialize_product,
)
from data_platform.spec.rules.model import DIMENSIONS, Bound, Operator, Rule, Severity, SqlMeasure, Unchecked, Unit
from data_platform.spec.text.names import find_hidden_character, name_problem
from tests.hypothesis_lanes import examples
from tests.product_files import written

names = st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True).filter(lambda name: name_problem(name) is None)
WRITTEN_WRONG = "\0\x85\u2028\u2029"
"""NUL, and the line breaks that the reference writer of YAML itself loses."""
NUMBER_SOMEWHERE = re.compile(r"[-+.0-9][-+.0-9eExo_]*")
"""Text that one YAML or another takes for a number, and that PyYAML writes without the quotes that we demand."""
BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Characters that print and show nothing: no line may hold them."""


def texts(characters: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.text(characters, min_size=1, max_size=20).filter(
        lambda text: text.strip() and NUMBER_SOMEWHERE.fullmatch(text.strip()) is None
    )


free = texts(st.characters(exclude_categories=["Cs"], exclude_characters=WRITTEN_WRONG))
lines = texts(st.characters(exclude_categories=["C", "Z"], include_characters=" ", exclude_characters=BLANK)).filter(
    lambda text: find_hidden_character(text) is None
)
versions = st.from_regex(r"[1-9]\.[0-9]\.[0-9](-rc\.1)?", fullmatch=True)
numbers = st.integers(-1000, 1000) | st.floats(-1e9, 1e9)


plain = st.none() | st.booleans() | st.integers(-1000, 1000) | free
overlays = st.dictionaries(lines, plain | st.lists(plain, max_size=2), max_size=2)
"""What a standard's document says beyond ours."""


def several(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(values, max_size=3, unique=True).map(tuple)


@st.composite
def bounds(draw: st.DrawFn) -> Bound:
    operator = draw(st.sampled_from(Operator))
    if operator in (Operator.BETWEEN, Operator.NOT_BETWEEN):
        low, high = sorted([draw(numbers), draw(numbers)])
        return Bound(operator, (low, high))
    return Bound(operator, draw(numbers))


@st.composite
def rules(draw: st.DrawFn, table: str) -> Rule:
    condition = draw(st.sampled_from(["a IS NULL", "b < 0", "c LIKE '%: #%'"]))
    return Rule(
        name=draw(lines),
        measure=SqlMeasure(f'SELECT COUNT(*) FROM "{table}" WHERE {condition}'),
        bound=draw(bounds()),
        severity=draw(st.sampled_from(Severity)),
        unit=Unit.ROWS,
        dimension=draw(st.none() | st.sampled_from(DIMENSIONS)),
        description=draw(st.none() | free),
        columns=draw(st.sampled_from([(), ("a",)])),
        odcs=draw(overlays),
    )


@st.composite
def slas(draw: st.DrawFn) -> Sla:
    minutes = draw(st.none() | st.integers(1, 10_000))
    percent = draw(st.none() | st.integers(0, 1000).map(lambda tenths: tenths / 10))
    return Sla(
        None if minutes is None else timedelta(minutes=minutes),
        percent,
        None if minutes is None else f"{minutes} minutes",
        None if percent is None else f"{percent}%",
        draw(st.none() | lines),
        draw(st.none() | st.sampled_from(["Europe/Zurich", "Asia/Bangkok", "UTC"])),
        tuple(draw(st.lists(promises(), max_size=2))),
    )


@st.composite
def promises(draw: st.DrawFn) -> SlaProperty:
    return SlaProperty(
        draw(st.sampled_from(["retention", "frequency", "latency"])),
        draw(st.none() | st.booleans() | st.integers(-1000, 1000) | free),
        draw(st.none() | st.sampled_from(["d", "years"])),
        draw(st.none() | st.just("t.c")),
        draw(st.dictionaries(st.sampled_from(["driver", "description", "schedule"]), free, max_size=2)),
    )


@st.composite
def outputs(draw: st.DrawFn) -> Output:
    name, kind = draw(names), draw(st.sampled_from(OutputType))
    return Output(
        name=name,
        type=kind,
        description=draw(st.none() | free),
        version=draw(st.none() | versions),
        topic=draw(st.none() | st.just(f"a.b-c_1.{name}")) if kind is OutputType.STREAM else None,
        primary_key=draw(several(lines)),
        partition_by=draw(several(lines)),
        sla=draw(slas()),
        rules=tuple(draw(st.lists(rules(name), max_size=2, unique_by=lambda rule: rule.name))),
        tags=draw(several(free)),
        unchecked=tuple(draw(st.lists(unchecked(), max_size=2))),
        contract_id=draw(st.none() | lines),
        odcs=draw(overlays),
        odps=draw(overlays),
    )


@st.composite
def unchecked(draw: st.DrawFn) -> Unchecked:
    kind = draw(st.sampled_from(["text", "sql", "custom"]))
    check = {"type": kind, "description": draw(free)}
    return Unchecked(draw(lines), kind, draw(lines), draw(st.none() | lines), check)


@st.composite
def products(draw: st.DrawFn, ports: st.SearchStrategy[Output] | None = None) -> Product:
    """Products with outputs from `ports`, by default of every kind."""
    ports = outputs() if ports is None else ports
    name = draw(names)
    others = names.filter(lambda other: other != name)
    return Product(
        name=name,
        domain=draw(names),
        owner=draw(lines),
        outputs=tuple(draw(st.lists(ports, min_size=1, max_size=2, unique_by=lambda output: output.name))),
        description=draw(st.none() | free),
        id=draw(st.none() | lines),
        version=draw(st.none() | versions),
        status=draw(st.none() | st.sampled_from(ProductStatus)),
        retention_days=draw(st.none() | st.integers(1, 36_500)),
        oncall=draw(several(lines)),
        alerts=draw(several(lines)),
        inputs=tuple(
            draw(
                st.lists(
                    st.builds(Input, others, names, st.none() | versions, overlays),
                    max_size=2,
                    unique_by=lambda found: (found.data_product, found.output),
                )
            )
        ),
        tags=draw(several(free)),
        pii_columns=draw(several(lines)),
        odps=draw(overlays),
    )


def rendered(product: Product) -> dict[str, Any]:
    """The product as somebody might write it."""
    fields = serialize_product(product)
    fields["outputs"] = [rendered_output(output) for output in product.outputs]
    return fields


def rendered_output(output: Output) -> dict[str, Any]:
    fields = {
        "name": output.name,
        "type": output.type.value,
        "description": output.description,
        "version": output.version,
        "topic": output.topic,
        "primary_key": list(output.primary_key),
        "partition_by": list(output.partition_by),
        "sla": rendered_sla(output.sla),
        "quality_rules": [rendered_rule(rule) for rule in output.rules],
        "tags": list(output.tags),
        "unchecked": [declared(asdict(check) | {"kind": None}) for check in output.unchecked],
        "contract_id": output.contract_id,
        "odcs": output.odcs,
        "odps": output.odps,
    }
    return declared(fields)


def rendered_sla(sla: Sla) -> dict[str, Any]:
    fields = {
        "freshness": sla.freshness_text,
        "availability": sla.availability_text,
        "freshness_column": sla.freshness_column,
        "timezone": sla.timezone,
        "properties": [rendered_promise(promise) for promise in sla.properties],
    }
    return declared(fields)


def rendered_promise(promise: SlaProperty) -> dict[str, Any]:
    fields = {"property": promise.property, "value": promise.value, "unit": promise.unit, "element": promise.element}
    return declared({**fields, **promise.more})


def rendered_rule(rule: Rule) -> dict[str, Any]:
    assert isinstance(rule.measure, SqlMeasure)
    value = rule.bound.value
    return declared(
        {
            "rule": rule.name,
            "sql": rule.measure.query,
            rule.bound.operator.value: list(value) if isinstance(value, tuple) else value,
            "severity": rule.severity.value,
            "dimension": rule.dimension,
            "description": rule.description,
            "column": rule.column,
            "odcs": rule.odcs,
        }
    )


def declared(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value not in (None, [], {})}


@given(product=products(), unicode=st.booleans(), flow=st.sampled_from([None, False, True]))
@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_written_is_what_is_loaded(tmp_path: Path, product: Product, unicode: bool, flow: bool | None) -> None:
    text = yaml.safe_dump(rendered(product), allow_unicode=unicode, default_flow_style=flow, sort_keys=False)
    assert load_product(written(tmp_path, text)).product == product


@given(products())
@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
def test_the_records_json_loses_nothing(product: Product) -> None:
    assert restore_product(json.loads(json.dumps(serialize_product(product)))) == product


def test_what_is_undeclared_acts_as_its_default_and_stays_undeclared() -> None:
    product = Product("p", "d", "o@x", (Output("t"), Output("s", OutputType.STREAM)))
    assert (product.effective_id, product.effective_version, product.effective_status) == ("p", "1.0.0", "active")
    assert [product.output_version(output) for output in product.outputs] == ["1.0.0", "1.0.0"]
    assert product.topic(product.outputs[1]) == "p.s"
    assert serialize_product(product) == {
        "name": "p",
        "domain": "d",
        "owner": "o@x",
        "outputs": [{"name": "t", "type": "table"}, {"name": "s", "type": "stream"}],
    }


def test_an_outputs_version_is_its_own_or_its_products() -> None:
    product = Product("p", "d", "o@x", (Output("t"), Output("u", version="3.0.0")), version="2.0.0")
    assert [product.output_version(output) for output in product.outputs] == ["2.0.0", "3.0.0"]


def test_an_output_is_found_by_name() -> None:
    product = Product("p", "d", "o@x", (Output("t"),))
    assert product.find_output("t") == Output("t")
    assert product.find_output("u") is None


@pytest.mark.parametrize("name", ["name", "outputs"])
def test_a_product_cannot_be_changed(name: str) -> None:
    product = Product("p", "d", "o@x", (Output("t"),))
    with pytest.raises(AttributeError):
        setattr(product, name, "q")


def two_majors() -> Product:
    """The output t in majors 1 and 2 (the product's own version), and u beside it."""
    listed = (Output("t", version="1.4.0"), Output("t"), Output("u", version="0.1.0"))
    return Product("orders", "sales", "ana", listed, version="2.3.4")


def test_a_plain_name_is_the_newest_major_that_is_listed() -> None:
    product = two_majors()
    old, new, other = product.outputs
    assert [product.major(output) for output in product.outputs] == [1, 2, 0]
    assert [product.find_output(name) for name in ("t", "t@2", "t@1", "u", "u@0")] == [new, new, old, other, other]
    assert [product.find_output(name) for name in ("t@3", "u@1", "v")] == [None, None, None]
    with pytest.raises(BadInput):
        product.find_output("t#1")


def test_a_label_has_a_major_only_beside_a_newer_one_and_finds_its_output_again() -> None:
    product = two_majors()
    assert [product.label(output) for output in product.outputs] == ["t@1", "t", "u"]
    assert [product.find_output(product.label(output)) for output in product.outputs] == list(product.outputs)
    assert replace(product, outputs=product.outputs[:1]).label(product.outputs[0]) == "t"


def test_the_contracts_of_two_majors_have_an_id_each() -> None:
    product = two_majors()
    assert [product.contract_id(output) for output in product.outputs] == ["orders.t@1", "orders.t", "orders.u"]
