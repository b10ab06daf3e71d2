"""Names that the contract does not have may be values: beside protected columns they are counted, and never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from data_platform.errors import DataPlatformError
from data_platform.spec.casting.cast import Caster
from data_platform.spec.schema.types import DataType, Kind, MapOf, Primitive, SchemaColumn, Struct, TableSchema
from data_platform.tables.intake import open_data
from data_platform.tables.intake.stream import cast_arguments

LONG, TEXT = Primitive(Kind.LONG), Primitive(Kind.STRING)
CANARY = "canary@example.org"


def contract(kind: DataType = TEXT, tags: tuple[str, ...] = ("pii",)) -> TableSchema:
    return TableSchema((SchemaColumn("id", LONG), SchemaColumn("name", kind, tags=tags)))


def refusal(data: Any, schema: TableSchema) -> str:
    with pytest.raises(DataPlatformError) as refused:
        intake = open_data(data, schema)
        caster = Caster(schema, intake.schema, "p.t", **cast_arguments(intake))
        for batch in intake.batches:
            caster.cast(batch)
    return str(refused.value)


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize(("line", "count"), [(f"7,{CANARY}", "2 columns: are"), (CANARY, "1 column: is")])
def test_the_first_row_of_a_file_without_a_header_is_counted(written: Any, line: str, count: str) -> None:
    message = refusal(written("a.csv", f"{line}\n{line}\n"), contract())
    assert CANARY not in message
    assert f"{count} not in the contract (not shown" in message
    assert "missing of the contract: id, name" in message
    assert "--no-header (ReadOptions and settings.toml: header = false)" in message


PERSONAL: dict[str, tuple[Any, DataType]] = {
    "a key of a dict": ([{"id": 1, CANARY: 2}], TEXT),
    "a key with an odd value": ([{"id": 1, CANARY: {1}}], TEXT),
    "a key with half a character": ([{"id": 1, CANARY + "\ud800": 1}], TEXT),
    "a column of pandas": (pd.DataFrame([[1, 2]], columns=["id", CANARY]), TEXT),
    "two columns of pandas": (pd.DataFrame([[1, 2]], columns=[CANARY] * 2), TEXT),
    "a table's only column": (pa.table({"canary": [1]}), TEXT),
    "an object for a text": ([{"id": 1, "name": {CANARY: 1}}], TEXT),
    "an object in a list for a text": ([{"id": 1, "name": [{CANARY: 1}]}], TEXT),
    "a member": ([{"id": 1, "name": {CANARY: 1}}], Struct((SchemaColumn("a", LONG),))),
    "a member's odd value": ([{"id": 1, "name": {"a": {CANARY: {1}}}}], Struct((SchemaColumn("a", LONG),))),
    "a map's key": ([{"id": 1, "name": {CANARY: "x"}}], MapOf(TEXT, LONG)),
    "a map's key of a typed object": (pa.table({"id": [1], "name": [{CANARY: "x"}]}), MapOf(TEXT, LONG)),
}


@pytest.mark.parametrize("case", PERSONAL)
def test_a_name_that_may_be_a_value_is_not_shown(case: str) -> None:
    data, kind = PERSONAL[case]
    assert "canary" not in refusal(data, contract(kind))


@pytest.mark.parametrize("text", [f'{{"id": 1, "{CANARY}": 2}}', f'{{"id": 1, "name": {{"{CANARY}": 2}}}}'])
def test_keys_of_json_that_may_be_values_are_not_shown(written: Any, text: str) -> None:
    kind = TEXT if text.endswith("2}") else Struct((SchemaColumn("a", LONG),))
    assert "canary" not in refusal(written("a.jsonl", text + "\n"), contract(kind))


def test_what_looks_like_a_name_beside_declared_ones_is_shown() -> None:
    assert "phone_number: is not in the contract" in refusal([{"id": 1, "phone_number": "x"}], contract())
    assert "differs from 'name' in case" in refusal([{"Id": 1, "Name": "x"}], contract())


def test_without_protected_columns_every_name_is_shown() -> None:
    assert f"{CANARY}: is not in the contract" in refusal([{CANARY: 1}], contract(tags=()))
