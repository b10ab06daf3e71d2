"""The same story with a real Postgres as the record: what a team shares."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from data_platform import DataProduct, DataQualityError, Platform
from tests.postgres import Server

pytestmark = pytest.mark.engines

PRODUCT = """\
name: orders
domain: sales
owner: ana@x
outputs:
  - name: t
    quality_rules:
      - {rule: positive, sql: "SELECT COUNT(*) FROM t WHERE amount < 0", threshold: 0}
pii_columns: [email]
"""
PUBLISHERS, EACH = 4, 5


@pytest.fixture
def home(tmp_path: Path, postgres_url: str, postgres_server: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose record is an empty Postgres database; the password comes from the environment."""
    (tmp_path / "product.yaml").write_text(PRODUCT)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("MESH_PASSWORD", postgres_server.password)
    url = postgres_url.replace(f":{postgres_server.password}@", ":${MESH_PASSWORD}@")
    (folder / "settings.toml").write_text(f'[record]\nurl = "{url}"\n')
    return folder


def _row(number: int) -> dict[str, object]:
    return {"amount": number, "email": f"{number}@x"}


def _publish_some(home: Path, first: int) -> None:
    with Platform.open(home) as platform:
        product = DataProduct(home.parent, platform)
        for number in range(first, first + EACH):
            product.publish("t", [_row(number)])


def test_publish_refuse_consume(home: Path) -> None:
    with Platform.open(home) as platform:
        product = DataProduct(home.parent, platform)
        product.publish("t", [_row(1)])
        with pytest.raises(DataQualityError):
            product.publish("t", [_row(-1)])
        product.publish("t", [_row(2), _row(3)])

        assert [version.rows for version in platform.versions("orders", "t")] == [2, 1]
        assert platform.consume("orders", "t", version=1).to_arrow().to_pylist() == [_row(1)]
        (incident,) = platform.quality_metrics("orders").incidents
        assert incident.resolved_at is not None
        assert platform.search("orders")[0].usage_stats.views == 1
    assert not list(home.glob("record.db*"))


def test_processes_publishing_at_once_lose_nothing(home: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    firsts = [number * EACH for number in range(PUBLISHERS)]
    children = [spawn.Process(target=_publish_some, args=(home, first)) for first in firsts]
    for child in children:
        child.start()
    for child in children:
        child.join(120)
    assert [child.exitcode for child in children] == [0] * PUBLISHERS

    with Platform.open(home) as platform:
        versions = [info.version for info in platform.versions("orders", "t")]
        contents = [platform.consume("orders", "t", version=v).to_arrow()["amount"].to_pylist() for v in versions]
    assert versions == list(range(PUBLISHERS * EACH, 0, -1))
    assert sorted(contents) == [[number] for number in range(PUBLISHERS * EACH)]
