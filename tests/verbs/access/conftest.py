"""A mesh with a product of a team, personal data in it, and those who ask, decide and govern."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from data_platform import Platform
from data_platform.settings import Principal
from data_platform.verbs.identity.authenticate import authenticate_token
from data_platform.verbs.results import AccessRequestInfo
from tests.meshes import FilledMeshes, World

COLUMNS = {"id": {"type": "integer"}, "email": {"type": "string"}, "region": {"type": "string"}}
ROWS = [{"id": 1, "email": "a@b.example", "region": "EU"}]
PERSONAL = "pii_columns: [email]"


@dataclass
class Cast:
    """Who acts on a mesh, each by a token: `become` makes everything from now on theirs."""

    world: World
    root: Principal
    principals: dict[str, Principal] = field(default_factory=dict)

    def add(self, name: str, role: str = "consumer", **options: str) -> None:
        """Adds a principal with a role, and tokens that narrow it to nothing."""
        self.world.act_as(self.root)
        token = self.world.platform.create_token(name, role, **options).token  # type: ignore[arg-type]
        self.refresh(name, token)

    def refresh(self, name: str, token: str) -> None:
        who = authenticate_token(self.world.mesh, token)
        assert who is not None
        self.principals[name] = who

    def become(self, name: str) -> Platform:
        """Everything from now on is done by that principal; `root` opened the home."""
        self.world.act_as(self.root if name == "root" else self.principals[name])
        return self.world.platform

    def request(self, name: str, *outputs: str, purpose: str = "churn", **options: object) -> AccessRequestInfo:
        """A request of that principal."""
        return self.become(name).request_access(outputs or ("orders.t",), purpose, **options)  # type: ignore[arg-type]


@pytest.fixture
def cast(tmp_path: Path, filled_meshes: FilledMeshes) -> Iterator[Cast]:
    """`orders` of the team shop, in which Ana is; Bo and Cy read, Gus and Gina govern, Root opened the home."""
    with filled_meshes.open_copy(fill, tmp_path) as (world, principals):
        yield Cast(world, world.transport.caller.principal, dict(principals))


def fill(world: World) -> dict[str, Principal]:
    """Adds the cast and its product; Root is the caller at the end."""
    made = Cast(world, world.transport.caller.principal)
    for name, role, team in (("ana", "owner", "shop"), ("bo", "consumer", None), ("cy", "consumer", "crm")):
        made.add(name, role, kind="person", **({} if team is None else {"team": team}))
    for name in ("gus", "gina"):
        made.add(name, "governor", kind="person")
    made.become("root")
    world.product(columns=COLUMNS, owner="shop", more=PERSONAL).publish("t", ROWS)
    return made.principals
