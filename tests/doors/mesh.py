"""A mesh with a product of each visibility, and principals of each kind: what all doors are compared over.

Every text is a canary: it names its product, its column and its row, and occurs nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data_platform import DataProduct, DataQualityError, Platform
from data_platform.platform import InProcess
from data_platform.server.app import ServerApp
from data_platform.server.process.worker import build_parts
from data_platform.settings import Home, Principal
from data_platform.verbs.core.context import Caller
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.identity.authenticate import authenticate_token
from tests.meshes import Clock, json_schema
from tests.server.serving import serve

PURPOSE = "fraud"
_MASKS = "masks: {email: partial, card: hash, birth: year, salary: {bucket: 1000}, phone: 'null'}"
ACCESS = {
    "everybody": f"access:\n  visibility: public\n  {_MASKS}",
    "roles": f"access:\n  {_MASKS}",
    "readers": f"""access:
  visibility: restricted
  {_MASKS}
  readers:
  - {{teams: [risk], rows: region = principal.region}}
  - {{teams: [audit], columns: [id, region, email, card]}}
  - {{principals: [barred], deny: true}}
  - {{teams: [barred-team]}}""",
    "partly": f"""access:
  {_MASKS}
  readers:
  - {{teams: [risk], columns: all, rows: region = principal.region}}""",
    "unseen": f"""access:
  visibility: restricted
  discoverable: false
  {_MASKS}
  readers:
  - teams: [risk]""",
}
"""The `access` of each product, by the product's name."""
HIDDEN = "merger"
"""A hidden product beside those of ACCESS: its outputs are `merger-tbl` and `roles`, and it was `merger-before`."""
HIDDEN_TEXT = """access: {visibility: restricted, discoverable: false}
inputs:
- data_product: supplier
  output: t
  expectations:
    columns: [id]
    rules:
    - {rule: secret-rule, sql: SELECT count(*) FROM t WHERE id < 0, threshold: 0}
    enforcement: blocking
"""
COLUMNS: Mapping[str, Any] = {
    "id": {"type": "integer"},
    "region": {"type": "string"},
    "note": {"type": "string"},
    "name": {"type": "string", "pii": True},
    "email": {"type": "string", "pii": True},
    "card": {"type": "string", "pii": True},
    "phone": {"type": "string", "pii": True},
    "birth": {"type": "string", "format": "date", "pii": True},
    "salary": {"type": "number", "pii": True},
    "address": {"type": "object", "properties": {"street": {"type": "string"}}, "pii": True},
}
PERSONAL = frozenset(name for name, kind in COLUMNS.items() if kind.get("pii"))
REGIONS = ("EU", "US", None)
PEOPLE: Mapping[str, tuple[str, str | None, str | None]] = {
    "owner": ("owner", "shop", None),
    "other-owner": ("owner", "crm", None),
    "governor": ("governor", None, None),
    "admin": ("admin", None, None),
    "consumer": ("consumer", None, None),
    "european": ("consumer", "risk", "EU"),
    "regionless": ("consumer", "risk", None),
    "auditor": ("consumer", "audit", None),
    "barred": ("consumer", "barred-team", None),
    "granted": ("consumer", None, None),
    "cleared": ("consumer", None, None),
    "revoked": ("consumer", None, None),
    "expired": ("consumer", None, None),
}
"""Role, team and region of each principal."""
OUTSIDERS = ["consumer", pytest.param("other-owner", marks=pytest.mark.long)]
"""Those who do not find a hidden product; the second is asked in the long lane."""


def make_row(product: str, number: int) -> dict[str, Any]:
    """The row of a product with that number."""
    mark = f"{product}{number}zq"
    return {
        "id": number,
        "region": REGIONS[number % 3],
        "note": f"note-{mark}",
        "name": f"name-{mark}",
        "email": f"mail-{mark}@example.org",
        "card": f"card-{mark}",
        "phone": f"phone-{mark}",
        "birth": date(1950 + number, 3, 10 + number),
        "salary": 41_000.0 + 137 * number,
        "address": {"street": f"street-{mark}"},
    }


def make_rows(product: str) -> list[dict[str, Any]]:
    """Six rows: two of each region."""
    return [make_row(product, number) for number in range(1, 7)]


@dataclass
class Doors:
    """The mesh, its server, and the tokens of its principals."""

    mesh: Mesh
    url: str
    clock: Clock
    folder: Path
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def root(self) -> Platform:
        """Who opened the home."""
        return Platform(InProcess(self.mesh))

    def principal(self, name: str) -> Principal:
        """Whom a token stands for."""
        principal = authenticate_token(self.mesh, self.tokens[name])
        assert principal is not None
        return principal

    def act_as(self, name: str) -> Platform:
        """The mesh in this process, for that principal."""
        transport = InProcess(self.mesh)
        transport.caller = Caller(self.principal(name))
        return Platform(transport)

    def connect(self, name: str) -> Platform:
        """The mesh over HTTP, with that principal's token."""
        return Platform.connect(self.url, self.tokens[name])


@contextmanager
def open_doors(folder: Path) -> Iterator[Doors]:
    """The mesh and its server, with something behind every door."""
    home = folder / "home"
    home.mkdir(parents=True)
    (home / "settings.toml").write_text("[server]\nrequests_per_second = 10000\nheavy_calls = 100\n")
    mesh = Mesh.open(Home(home))
    mesh.clock = clock = Clock()
    try:
        with serve(ServerApp(build_parts(mesh, frozenset(["127.0.0.1"]), lambda: False))) as url:
            doors = Doors(mesh, url, clock, folder)
            _fill(doors)
            yield doors
    finally:
        mesh.close()


def _fill(doors: Doors) -> None:
    for name, (role, team, region) in PEOPLE.items():
        doors.tokens[name] = doors.root.create_token(name, role, team=team).token
        if region is not None:
            doors.root.set_attributes(name, [f"region={region}"])
    for product, access in ACCESS.items():
        _publish(doors, product, access)
    _publish_hidden(doors)
    for name in ("granted", "cleared", "revoked", "expired"):
        _grant(doors, name)


def _publish_hidden(doors: Doors) -> None:
    """A product with two outputs and a former name, of which nobody but its owner and the governance may know."""
    supplier = _write_product(doors, "supplier", "crm", ["t"], "domain: crm\n")
    DataProduct(supplier, doors.act_as("other-owner")).publish("t", [{"id": 1}])
    hidden = _write_product(
        doors, f"{HIDDEN}-before", "shop", [f"{HIDDEN}-tbl", "roles"], f"domain: {HIDDEN}-domain\n{HIDDEN_TEXT}"
    )
    DataProduct(hidden, doors.act_as("owner")).publish(f"{HIDDEN}-tbl", [{"id": 1}])
    doors.act_as("owner").rename(f"{HIDDEN}-before", HIDDEN)


def _write_product(doors: Doors, name: str, owner: str, outputs: list[str], more: str) -> Path:
    folder = doors.folder / name
    folder.mkdir()
    (folder / "t.json").write_text(json_schema({"id": {"type": "integer"}}))
    listed = "".join(f"- name: {output}\n  schema: t.json\n" for output in outputs)
    (folder / "product.yaml").write_text(f"name: {name}\nowner: {owner}\noutputs:\n{listed}{more}")
    return folder


def _grant(doors: Doors, name: str) -> None:
    """A grant of the restricted product and of the internal one, with its end where the name says so."""
    request = doors.act_as(name).request_access(["readers.t", "roles.t"], "to find fraud", until="2d")
    doors.act_as("owner").approve_access(request.id)
    if name != "granted":
        doors.act_as("governor").approve_access(request.id)
    if name == "revoked":
        doors.act_as("owner").revoke_access(request.id)
    if name != "expired":
        return
    doors.clock.later(days=3)
    for other in ("granted", "cleared"):
        _renew(doors, other)


def _renew(doors: Doors, name: str) -> None:
    (request,) = doors.act_as(name).own_access_requests()
    renewed = doors.act_as(name).renew_access(request.id, "30d")
    doors.act_as("owner").approve_access(renewed.id)
    if name == "cleared":
        doors.act_as("governor").approve_access(renewed.id)


def _publish(doors: Doors, name: str, access: str) -> None:
    """A product with a version, and with a refused publish whose failing rows and incident others may look at."""
    folder = doors.folder / name
    folder.mkdir()
    (folder / "t.json").write_text(json_schema(COLUMNS))
    (folder / "product.yaml").write_text(
        f"name: {name}\ndomain: sales\nowner: shop\ndescription: Rows of {name}.\n"
        "outputs:\n- name: t\n  schema: t.json\n  quality_rules:\n"
        "  - {rule: six, sql: SELECT count(*) FROM t WHERE id > 6, threshold: 0}\n" + access + "\n"
    )
    product = DataProduct(folder, doors.act_as("owner"))
    product.publish("t", make_rows(name))
    try:
        product.publish("t", [make_row(name, 7)])
    except DataQualityError:
        return
    raise AssertionError("the publish was not refused")
