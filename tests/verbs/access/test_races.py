"""Two at one moment: each decision and each end of a grant happens once, on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from data_platform import Platform
from data_platform.errors import DataPlatformError, Refused
from data_platform.platform import InProcess
from data_platform.record.access import decisions, grants
from data_platform.settings import Home
from data_platform.verbs.core.context import Caller
from data_platform.verbs.core.mesh import Mesh
from tests.meshes import Clock, World
from tests.postgres import Server
from tests.verbs.access.conftest import COLUMNS, PERSONAL, ROWS, Cast

ROUNDS = 6


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.engines)])
def racers(
    request: pytest.FixtureRequest, tmp_path: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cast]:
    """The cast on a mesh in SQLite, or in Postgres."""
    home = tmp_path / "home"
    if request.param == "sqlite":
        shutil.copytree(empty_home, home)
    else:
        server: Server = request.getfixturevalue("postgres_server")
        home.mkdir()
        monkeypatch.setenv("MESH_PASSWORD", server.password)
        url = str(request.getfixturevalue("postgres_url")).replace(f":{server.password}@", ":${MESH_PASSWORD}@")
        (home / "settings.toml").write_text(f'[record]\nurl = "{url}"\n')
    mesh = Mesh.open(Home(home))
    mesh.clock = clock = Clock()
    try:
        world = World(tmp_path, mesh, clock)
        cast = Cast(world, world.transport.caller.principal)
        for name, role, team in (("ana", "owner", "shop"), ("ann", "owner", "shop"), ("bo", "consumer", None)):
            cast.add(name, role, kind="person", **({} if team is None else {"team": team}))
        for name in ("gus", "gina"):
            cast.add(name, "governor", kind="person")
        cast.become("root")
        world.product(columns=COLUMNS, owner="shop", more=PERSONAL).publish("t", ROWS)
        yield cast
    finally:
        mesh.close()


def sign_in(cast: Cast, name: str) -> Platform:
    return Platform(InProcess(cast.world.mesh, caller=Caller(cast.principals[name])))


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each answered or raised, all begun at the same moment."""
    together = Barrier(len(acts))

    def act(story: Callable[[], Any]) -> Any:
        together.wait(60)
        try:
            return story()
        except DataPlatformError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def count(cast: Cast, id: int) -> tuple[int, int]:
    """The decisions about a request, and its open grants."""
    with cast.world.mesh.record.reading() as conn:
        made = decisions.list_by_requests(conn, [id])
        given = grants.list_by_requests(conn, [id])
    return len(made), sum(row.is_open(cast.world.clock()) for row in given)


def test_one_request_made_three_times_at_one_moment_is_one(racers: Cast) -> None:
    for round in range(ROUNDS):
        purpose = f"purpose {round}"
        answers = at_once(*[partial(sign_in(racers, "bo").request_access, ["orders.t"], purpose)] * 3)
        assert len({answer.id for answer in answers}) == 1


def test_of_two_owners_one_approves(racers: Cast) -> None:
    for _ in range(ROUNDS):
        id = racers.request("bo", columns=["id"]).id
        answers = at_once(*(partial(sign_in(racers, who).approve_access, id) for who in ("ana", "ann")))
        assert sum(isinstance(answer, Refused) for answer in answers) == 1
        assert count(racers, id) == (1, 1)


@pytest.mark.long
def test_an_owner_and_a_governor_at_one_moment_open_everything(racers: Cast) -> None:
    for _ in range(ROUNDS):
        id = racers.request("bo").id
        answers = at_once(*(partial(sign_in(racers, who).approve_access, id) for who in ("ana", "gus")))
        assert sorted(answer.state for answer in answers)[0] == "approved"
        assert count(racers, id) == (2, 1)
        assert sign_in(racers, "bo").access_request(id).request.state == "approved"


def test_after_a_revoke_nothing_is_open_whatever_was_approved_meanwhile(racers: Cast) -> None:
    for _ in range(ROUNDS):
        id = racers.request("bo").id
        sign_in(racers, "ana").approve_access(id)
        revoked, approved = at_once(
            partial(sign_in(racers, "ann").revoke_access, id), partial(sign_in(racers, "gus").approve_access, id)
        )
        assert not isinstance(revoked, DataPlatformError)
        assert isinstance(approved, Refused) or approved.state == "approved"
        assert count(racers, id)[1] == 0


def test_a_denial_and_an_approval_do_not_both_count(racers: Cast) -> None:
    for _ in range(ROUNDS):
        id = racers.request("bo", columns=["id"]).id
        answers = at_once(
            partial(sign_in(racers, "ana").approve_access, id), partial(sign_in(racers, "ann").deny_access, id, "no")
        )
        assert sum(isinstance(answer, Refused) for answer in answers) == 1
        state = sign_in(racers, "bo").access_request(id).request.state
        assert state in ("approved", "denied")
        assert count(racers, id) == (1, 1 if state == "approved" else 0)


def test_a_grant_is_revoked_once(racers: Cast) -> None:
    for _ in range(ROUNDS):
        id = racers.request("bo", columns=["id"]).id
        sign_in(racers, "ana").approve_access(id)
        answers = at_once(*(partial(sign_in(racers, who).revoke_access, id) for who in ("ana", "ann", "bo")))
        assert sum(isinstance(answer, Refused) for answer in answers) == 2
        assert count(racers, id) == (1, 0)
