"""Who reads a product, and why somebody broke the glass, is told to its owner's side and the governance alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doors.mesh import OUTSIDERS, Doors, open_doors
from tests.doors.test_hostile import send
from tests.meshes import json_schema

REASON = "the-reason-of-the-emergency"
PATHS = {
    "impact": "/api/v1/products/roles/columns/note/impact",
    "impact of an output": "/api/v1/products/roles/columns/note/impact?output=t",
    "incidents": "/api/v1/incidents?product=roles",
    "all incidents": "/api/v1/incidents",
    "the incident": "/api/v1/incidents/{glass}",
    "the quality": "/api/v1/products/roles/quality",
    "the product": "/api/v1/products/roles",
    "search": "/api/v1/search?text=roles",
    "domains": "/api/v1/domains",
    "lineage": "/api/v1/products/roles/lineage",
    "consumers": "/api/v1/products/roles/consumers",
    "refusals": "/api/v1/products/roles/refusals",
    "versions": "/api/v1/products/roles/versions",
    "policies": "/api/v1/products/roles/policies",
    "grants": "/api/v1/access/review",
    "requests": "/api/v1/access/requests",
}
OVERSEERS = ("owner", "governor", "admin")


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """A mesh with two readers of a product, of which one broke the glass."""
    with open_doors(tmp_path_factory.mktemp("readers")) as doors:
        for who in ("auditor", "european"):
            doors.connect(who).consume("roles", "t").select("note").collect()
        doors.connect("auditor").break_glass("roles.t", REASON)
        yield doors


def find_glass(doors: Doors) -> int:
    (incident,) = [row for row in doors.root.incidents("roles") if REASON in row.summary]
    return incident.id


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", OUTSIDERS)
def test_others_see_no_reader_and_no_reason(doors: Doors, who: str, path: str) -> None:
    answer = send(doors, who, "GET", PATHS[path].format(glass=find_glass(doors)))
    assert answer.status_code < 500
    assert not [word for word in ("auditor", "european", REASON) if word in answer.text]


def test_others_see_how_many_readers_there_are(doors: Doors) -> None:
    impact = doors.connect("consumer").impact("roles.t", "note")
    assert (impact.readers, impact.other_readers) == ((), 2)
    detail = doors.connect("consumer").incident(find_glass(doors))
    assert (detail.readers, detail.other_readers) == ((), 2)
    assert detail.incident.summary == "a reader broke the glass"
    assert {(event.by, event.text) for event in detail.timeline} == {("a principal", None)}


def test_a_reader_sees_itself(doors: Doors) -> None:
    impact = doors.connect("auditor").impact("roles.t", "note")
    assert ([reader.principal for reader in impact.readers], impact.other_readers) == (["auditor"], 1)


@pytest.mark.parametrize("who", OVERSEERS)
def test_the_owner_and_the_governance_see_names_and_reasons(doors: Doors, who: str) -> None:
    impact = doors.connect(who).impact("roles.t", "note")
    assert {reader.principal for reader in impact.readers} == {"auditor", "european"}
    detail = doors.connect(who).incident(find_glass(doors))
    assert REASON in detail.incident.summary
    assert {reader.principal for reader in detail.readers} == {"auditor", "european"}


@pytest.mark.parametrize(("who", "is_named"), [("consumer", False), ("governor", True)])
def test_a_difference_counts_the_readers(doors: Doors, tmp_path: Path, who: str, is_named: bool) -> None:
    (tmp_path / "t.json").write_text(json_schema({"id": {"type": "integer"}}))
    (tmp_path / "product.yaml").write_text(
        "name: roles\nowner: shop\ndomain: sales\noutputs: [{name: t, schema: t.json}]\n"
    )
    difference = doors.connect(who).diff(tmp_path)
    names = {consumer.name for broken in difference.breaks for consumer in broken.consumers}
    assert ({"auditor", "european"} <= names) is is_named
    assert ("2 other readers" in names) is not is_named
    assert is_named or not {"auditor", "european"} & set(repr(difference).split("'"))
