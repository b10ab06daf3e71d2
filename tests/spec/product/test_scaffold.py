"""A scaffolded product validates and its sample fits its schema."""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.errors import BadInput
from data_platform.spec.product.loading import load_product
from data_platform.spec.product.scaffold import make_scaffold
from data_platform.spec.text.names import NAME, find_hidden_character, name_problem
from tests.hypothesis_lanes import examples

names = st.from_regex(NAME, fullmatch=True).filter(lambda name: name_problem(name) is None) | st.sampled_from(
    ["order", "group-data-product", "con-data-product", "user", "select", "no", "null", "a" * 63]
)
owners = st.text(min_size=1, max_size=30).filter(lambda text: text.strip() and find_hidden_character(text) is None)


def laid_out(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@given(name=names, domain=names, owner=owners)
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_loads_without_a_warning_whatever_it_is_called(
    tmp_path_factory: pytest.TempPathFactory, name: str, domain: str, owner: str
) -> None:
    folder = laid_out(tmp_path_factory.mktemp("product"), make_scaffold(name, domain, owner))
    file = load_product(folder)
    assert (file.product.name, file.product.domain, file.product.owner) == (name, domain, owner)
    assert file.warnings == ()
    (output,) = file.product.outputs
    assert file.schemas[output.name].masked == ("email",)


def test_the_sample_has_the_schemas_columns_and_the_pipeline_names_it(tmp_path: Path) -> None:
    files = make_scaffold("orders-data-product", "commerce", "orders@example.org")
    assert sorted(files) == ["data/orders.csv", "pipeline.py", "product.yaml", "schemas/orders.json"]
    schema = load_product(laid_out(tmp_path, files)).schemas["orders"]
    header, *rows = csv.reader(io.StringIO(files["data/orders.csv"]))
    assert tuple(header) == schema.names
    assert len({row[0] for row in rows}) == len(rows) > 0
    ast.parse(files["pipeline.py"])
    assert '@product.pipeline(output="orders")' in files["pipeline.py"]


def test_a_name_that_is_none_is_refused_with_one_that_is() -> None:
    with pytest.raises(BadInput) as caught:
        make_scaffold("Orders Fact", "commerce", "o@x")
    assert caught.value.hint == "write orders-fact"
    with pytest.raises(BadInput, match="the domain"):
        make_scaffold("orders", "..", "o@x")
    with pytest.raises(BadInput, match="the owner"):
        make_scaffold("orders", "commerce", "\x1b[31m")
