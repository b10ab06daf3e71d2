"""What keeps a reader of one Avro schema from events written under another, beside what the shared cases say."""

from __future__ import annotations

from typing import Any

import pytest

from data_platform.governance.avro_schemas import find_avro_incompatibilities
from data_platform.governance.incompatibility import SchemaFinding

MILLIS = {"type": "long", "logicalType": "timestamp-millis"}
MICROS = {"type": "long", "logicalType": "timestamp-micros"}


@pytest.mark.parametrize(
    ("reader", "writer", "path"),
    [
        (["null", "string", MICROS], ["null", "string", MILLIS], ()),
        (["string", MICROS], MILLIS, ()),
        (MICROS, ["null", MILLIS], ()),
        (["string", {"type": "array", "items": MICROS}], ["string", {"type": "array", "items": MILLIS}], ("element",)),
    ],
)
def test_a_branch_of_a_union_keeps_its_meaning(reader: Any, writer: Any, path: tuple[str, ...]) -> None:
    why = "is written as timestamp-millis, and read as timestamp-micros"
    assert SchemaFinding(path, why) in find_avro_incompatibilities(reader, writer)


def test_branches_in_another_order_are_the_same() -> None:
    assert find_avro_incompatibilities(["null", MILLIS, "string"], ["string", "null", MILLIS]) == []
