"""Every identifier of the mission text has a counterpart that exists, or a reason why it has none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data_platform.cli.main import SECTIONS
from tests.mission.identifiers import read_identifiers
from tests.mission.members import has_member
from tests.mission.names import FIELDS, NO_COUNTERPART, OURS, TABLE

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs/reference"


def test_every_identifier_of_the_text_is_in_the_table_and_nothing_else_is() -> None:
    listed = {*TABLE, *NO_COUNTERPART}
    identifiers = set(read_identifiers())
    assert len(identifiers) > 130
    assert sorted(identifiers - listed) == []
    assert sorted(listed - identifiers) == []


def test_an_identifier_is_in_one_list_only() -> None:
    assert sorted(set(FIELDS) & set(OURS)) == []
    assert sorted(set(TABLE) & set(NO_COUNTERPART)) == []


@pytest.mark.parametrize("identifier", TABLE)
def test_our_name_exists(identifier: str) -> None:
    kind, _, name = TABLE[identifier].partition(":")
    match kind:
        case "py":
            assert has_member(name), name
        case "cli":
            assert name in {command for section in SECTIONS.values() for command in section}
        case "product.yaml":
            assert name in set(keys(json.loads((REFERENCE / "product.schema.json").read_text(encoding="utf-8"))))
        case "policies.yaml":
            assert re.search(rf"\b{name}\b", (REFERENCE / "policy-language.md").read_text(encoding="utf-8"))
        case other:
            pytest.fail(f"{other} is no kind of name")


@pytest.mark.parametrize("name", ["data_platform.DataCatalog.nothing", "data_platform.DataCatalog.search(nothing)"])
def test_a_name_that_is_not_there_is_noticed(name: str) -> None:
    assert not has_member(name)


@pytest.mark.parametrize("identifier", NO_COUNTERPART)
def test_what_has_no_counterpart_has_a_reason(identifier: str) -> None:
    assert len(NO_COUNTERPART[identifier].split()) >= 3


def keys(schema: Any) -> Iterator[str]:
    """The names of all properties in a JSON Schema."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
    for value in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from keys(value)
