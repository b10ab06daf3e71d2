"""Any rows of any schema, sealed or not: what is consumed is what was published."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.engine.seal import find_seal_breaches
from data_platform.engine.worker import SqlWorker
from data_platform.settings import Home
from data_platform.spec.product.declared_columns import tag_pii
from data_platform.spec.product.loading import ProductFile
from data_platform.spec.product.model import Output, Product
from data_platform.spec.schema.types import DataType, ListOf, MapOf, SchemaColumn, Struct, TableSchema
from data_platform.tables.staging.leaves import list_leaf_paths
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.publishing.publish import Publish
from tests.hypothesis_lanes import examples
from tests.meshes import World
from tests.strategies import any_names, batches, schemas


def unconstrained(column: SchemaColumn) -> SchemaColumn:
    """The column without demands on its values, which random rows would not meet."""
    return SchemaColumn(
        column.name, _free(column.type), column.required, tags=column.tags, encryption=column.encryption
    )


def _free(kind: DataType) -> DataType:
    match kind:
        case ListOf(element, required):
            return ListOf(_free(element), required)
        case MapOf(key, value, required):
            return MapOf(key, _free(value), required)
        case Struct(fields):
            return Struct(tuple(map(unconstrained, fields)))
        case _:
            return kind


@pytest.mark.long
@given(st.data())
@settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_published_is_what_is_consumed(rule_worker: SqlWorker, data: st.DataObject) -> None:
    drawn = data.draw(schemas(any_names, max_size=4))
    schema = tag_pii(TableSchema(tuple(map(unconstrained, drawn))), ())
    product = Product("p", "d", "o@x", (Output("t"),))
    file = ProductFile(Path("product.yaml"), product, {"t": schema}, (), "")
    rows = [data.draw(batches(schema)) for _ in range(2)]
    with tempfile.TemporaryDirectory() as folder:
        mesh = Mesh.open(Home(Path(folder)))
        mesh.worker = rule_worker
        world = World(Path(folder), mesh, mesh.clock)  # type: ignore[arg-type]
        try:
            for number, batch in enumerate(rows, 1):
                rows_of = pa.Table.from_batches([batch])
                assert world.platform.publish(Publish("p", "t", file), rows_of).version == number
            for number, batch in enumerate(rows, 1):
                found = world.platform.consume("p", "t", version=number).to_arrow()
                assert found.to_pylist() == batch.to_pylist()
                masked = world.platform.consume("p", "t", version=number, mask=True)
                assert masked.to_arrow().num_rows == batch.num_rows
            sealed = [leaf for column in schema if column.encrypted for leaf in list_leaf_paths(column)]
            paths = (mesh.home.path / "tables").rglob("*.parquet")
            assert not [breach for path in paths for breach in find_seal_breaches(str(path), sealed)]
        finally:
            del mesh.worker
            mesh.close()


def test_an_optional_object_with_required_fields_may_be_null(world: World) -> None:
    home = {"type": "object", "properties": {"street": {"type": "string"}}, "required": ["street"]}
    rows = [{"id": 1, "home": None}, {"id": 2, "home": {"street": "Canal Road"}}, {"id": 3}]
    product = world.product(columns={"id": {"type": "integer"}, "home": home})
    for data in (rows, rows[:1], pl.DataFrame(rows)):
        product.publish("t", data)
        found = world.platform.consume("orders", "t").to_arrow()["home"].to_pylist()
        assert found == [row.get("home") for row in rows[: len(data)]]
