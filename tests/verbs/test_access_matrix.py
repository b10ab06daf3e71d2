"""Every cell of docs/reference/access.md is played: what it allows is not denied, and what it denies is.

A request that is allowed may still be wrong: most are made so that they change nothing.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from data_platform.errors import AccessDenied, DataPlatformError, NotFound
from data_platform.governance.policies import load
from data_platform.settings import Environment, Home, Principal, Role
from data_platform.spec.product.loading import ProductFile
from data_platform.verbs.core.context import Caller, Context
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.dispatch import dispatch
from data_platform.verbs.identity.authenticate import authenticate_token
from data_platform.verbs.registry import VERBS, load_request
from tests.meshes import IDS, NOON, ROWS, Clock, World
from tests.verbs.lineage.events import make_event

PAGE = Path(__file__).parents[2] / "docs/reference/access.md"
COLUMNS = {
    "consumer": ("consumer", None),
    "another owner": ("owner", "crm"),
    "owner": ("owner", "shop"),
    "domain owner": ("owner", "sales-team"),
    "governor": ("governor", None),
    "admin": ("admin", None),
}
"""The role and the team of the token of each column."""
GLOBAL = """
policies:
  - name: reviewed
  - name: retention
    rule: {type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}
"""
OF_DOMAIN = """
domain_policies:
  sales:
    - name: tagged
      enforcement: warning
      rule: {type: metadata-check, condition: ASSERT product.description IS NOT NULL}
"""
SOON = NOON + timedelta(days=30)


@dataclass(frozen=True)
class Stage:
    """The mesh that is played on, the principal of each column, and the ids of rows."""

    world: World
    principals: dict[str, Principal]
    ids: dict[str, Any]
    file: ProductFile

    def context(self, principal: Principal) -> Context:
        return Context(self.world.mesh, Caller(principal))


def read_rows() -> list[tuple[str, str, dict[str, bool]]]:
    """The rows of the matrix: a verb, its note, and what each column says."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    columns = [cell.strip() for cell in lines[lines.index(next(x for x in lines if x.startswith("| Verb")))].split("|")]
    rows = []
    for line in lines:
        if match := re.fullmatch(r"\| `(\w+)`(?:, ([a-z ]+))? \|(.*)\|", line):
            cells = dict(zip(columns[3:-1], (cell.strip() for cell in match[3].split("|")[1:]), strict=True))
            rows.append((match[1], match[2] or "", {column: cell == "✓" for column, cell in cells.items()}))
    return rows


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Iterator[Stage]:
    root = tmp_path_factory.mktemp("matrix")
    mesh = Mesh.open(Home(shutil.copytree(empty_home, root / "home")))
    mesh.clock = Clock()
    world = World(root, mesh, mesh.clock)
    try:
        yield set_stage(world)
    finally:
        mesh.close()


def set_stage(world: World) -> Stage:
    root = world.platform
    principals = {}
    for name, (role, team) in COLUMNS.items():
        who = authenticate_token(world.mesh, root.create_token(name, role, team=team).token)
        assert who is not None
        principals[name] = who
    root.grant_role("somebody", "consumer")
    root.define_domain("sales", owner="sales-team", members=["shop"])
    orders = world.product(columns=IDS, owner="shop", more="alerts: mail")
    orders.publish("t", ROWS)
    world.product("given", IDS, owner="shop").register()
    initial = {"type": "string", "anonymised": {"from": "orders.t.id", "method": "its first digit"}}
    world.product("initials", {"initial": initial}, owner="shop").register()
    with pytest.raises(DataPlatformError):
        orders.publish("t", [{"id": "x"}])
    for name, text in (("global", GLOBAL), ("domain", OF_DOMAIN)):
        (world.root / f"{name}.yaml").write_text(text)
        root.apply_policies(world.root / f"{name}.yaml", domain="sales" if name == "domain" else None)
    root.define_term("Customer", "Who orders", domain="sales")
    name = world.context.principal.name
    asked = [world.become("reader").request_access("orders.t", "a look").id for _ in range(3)]
    world.become("gina").approve_access(asked[2])
    world.become(name)
    ids = {
        "request to approve": asked[0],
        "request to deny": asked[1],
        "grant": f"{asked[2]}.1",
        "anonymisation": root.anonymisations()[0].id,
        "incident": root.incidents()[0].id,
        "run": root.start_run("orders", "t").id,
        "attestation": root.attest_policy("orders", "reviewed", "LEGAL-7", SOON).id,
        "waiver": root.waive_policy("orders", "retention", "soon", SOON).id,
        "waiver of the domain": root.waive_policy("orders", "tagged", "soon", SOON).id,
        "token": root.create_token("loader", "owner").id,
        **{f"token of {name}": root.create_token(name, *COLUMNS[name][:1]).id for name in COLUMNS},
    }
    return Stage(world, principals, ids, orders.file)


Make = Callable[[Stage, str, str], dict[str, Any]]
FIELDS: dict[str, Make] = {
    "AcceptTransfer": lambda stage, note, who: {"product": "given"},
    "ApplyPolicies": lambda stage, note, who: {
        "file": load(stage.world.root / ("domain.yaml" if note else "global.yaml")),
        "domain": "sales" if note else None,
    },
    "SendTestAlert": lambda stage, note, who: {"channel": "mail"},
    "ApproveAnonymisation": lambda stage, note, who: {"id": stage.ids["anonymisation"]},
    "RefuseAnonymisation": lambda stage, note, who: {"id": stage.ids["anonymisation"]},
    "ApproveWaiver": lambda stage, note, who: {"id": stage.ids[f"waiver {note}".strip()]},
    "ApproveRequest": lambda stage, note, who: {"id": stage.ids["request to approve"]},
    "Archive": lambda stage, note, who: {"undo": True},
    "AttestPolicy": lambda stage, note, who: {"policy": "retention"},
    "Backup": lambda stage, note, who: {"folder": stage.world.home},
    "Collect": lambda stage, note, who: {"dry_run": True},
    "DefineTerm": lambda stage, note, who: {"name": "Basket", "definition": "What is ordered", "domain": "sales"},
    "DenyRequest": lambda stage, note, who: {"id": stage.ids["request to deny"]},
    "EndWaiver": lambda stage, note, who: {"id": stage.ids[f"waiver {note}".strip()]},
    "Examine": lambda stage, note, who: {"seconds": 0.0},
    "ExplainAccess": lambda stage, note, who: {"principal": who},
    "FinishRun": lambda stage, note, who: {"id": stage.ids["run"], "state": "failed"},
    "HeartbeatRun": lambda stage, note, who: {"id": stage.ids["run"]},
    "NarrowGrant": lambda stage, note, who: {"id": stage.ids["grant"]},
    "OfferTransfer": lambda stage, note, who: {"product": "given", "to_owner": "crm"},
    "ReceiveLineage": lambda stage, note, who: {"events": (make_event(("data-platform", "orders.t")),)},
    "RenewAccess": lambda stage, note, who: {"id": stage.ids["grant"]},
    "RequestAccess": lambda stage, note, who: {"outputs": ("orders.t",)},
    "Rename": lambda stage, note, who: {"to": "No Name"},
    "Release": lambda stage, note, who: {"to": Environment.PROD},
    "RetireTerm": lambda stage, note, who: {"name": "Customer"},
    "RevokeAccess": lambda stage, note, who: {"id": stage.ids["grant"]},
    "RevokeToken": lambda stage, note, who: {"id": stage.ids[f"token of {who}" if note else "token"]},
    "ShowRun": lambda stage, note, who: {"id": stage.ids["run"]},
    "WithdrawAttestation": lambda stage, note, who: {"id": stage.ids["attestation"]},
    "WithdrawTransfer": lambda stage, note, who: {"product": "given"},
}
"""What is asked where the fields by name would change the stage, or ask about no row of it."""
VALUES: dict[str, Any] = {
    "product": "orders",
    "output": "t",
    "column": "id",
    "name": "sales",
    "principal": "somebody",
    "role": Role.CONSUMER,
    "team": "shop",
    "member": "crm",
    "until": "2020-01-01",
    "to_owner": "crm",
    "statement": "SELECT",
    "query": "SELECT * FROM nothing",
    "tables": (),
}


UNKNOWN = ("ApproveRequest", "DenyRequest", "NarrowGrant", "RevokeAccess")
"""Verbs that deny requests and grants of others as not found."""


def make_request(stage: Stage, name: str, note: str, who: str) -> Any:
    """A request of the verb; of fields without a default that have no value here the value is `x`."""
    kind = load_request(name)
    values = {
        field.name: VALUES.get(field.name, "x")
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }
    given = {"file": stage.file, "id": stage.ids["incident"]}
    values = {field: given.get(field, value) for field, value in values.items()}
    values |= FIELDS[name](stage, note, who) if name in FIELDS else {}
    return kind(**values)


def prepare(stage: Stage, name: str) -> None:
    """Offers the product `given` again, where it was accepted or withdrawn."""
    if name in ("AcceptTransfer", "WithdrawTransfer"):
        owner = stage.world.platform.show("given").owner
        if owner != "shop":
            stage.world.become(owner).transfer("given", "shop")
            stage.world.become("shop").accept_transfer("given")
        stage.world.become("shop").transfer("given", "crm")


def is_denied(stage: Stage, name: str, note: str, who: str) -> str | None:
    try:
        dispatch(stage.context(stage.principals[who]), make_request(stage, name, note, who))
    except AccessDenied as denied:
        return denied.message
    except NotFound as missing:
        return missing.message if name in UNKNOWN else None
    except DataPlatformError:
        return None
    return None


@pytest.mark.parametrize(
    ("name", "note", "cells"), read_rows(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_cell_is_what_dispatch_does(stage: Stage, name: str, note: str, cells: dict[str, bool]) -> None:
    assert list(cells) == list(COLUMNS)
    denials = {}
    for who in COLUMNS:
        prepare(stage, name)
        denials[who] = is_denied(stage, name, note, who)
    assert {who: denial is None for who, denial in denials.items()} == cells, denials


def test_the_matrix_has_every_verb() -> None:
    assert {name for name, _, _ in read_rows()} == set(VERBS)
