"""Policies bind on a Postgres record as on SQLite: the stories in which somebody comes second, or time passes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data_platform.engine.worker import SqlWorker
from data_platform.settings import Home
from data_platform.verbs.core.mesh import Mesh
from tests.meshes import Clock, World
from tests.postgres import Server
from tests.verbs.policies.test_evaluate import (  # noqa: F401  played again by pytest, on this record
    test_an_attestation_holds_until_its_end_and_may_come_before_the_product,
    test_from_warning_to_waiver_to_the_day_on_which_it_blocks_again,
    test_of_two_who_apply_at_once_one_is_told,
    test_policies_applied_between_audit_and_promote_judge_the_publish_again,
)

pytestmark = pytest.mark.engines


@pytest.fixture
def world(
    tmp_path: Path,
    postgres_url: str,
    postgres_server: Server,
    rule_worker: SqlWorker,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """An empty mesh at noon, whose record is a Postgres database."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("MESH_PASSWORD", postgres_server.password)
    url = postgres_url.replace(f":{postgres_server.password}@", ":${MESH_PASSWORD}@")
    (home / "settings.toml").write_text(f'[record]\nurl = "{url}"\n')
    mesh = Mesh.open(Home(home))
    mesh.clock = clock = Clock()
    mesh.worker = rule_worker
    try:
        yield World(tmp_path, mesh, clock)
    finally:
        del mesh.worker  # another test uses it next
        mesh.close()
