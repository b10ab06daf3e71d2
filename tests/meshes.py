"""A mesh in a folder of its own, products written for it, and a clock that a test moves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data_platform import DataProduct, Platform
from data_platform.platform import InProcess
from data_platform.settings import Home, Principal
from data_platform.tables.place import TablePlace
from data_platform.tables.storage.local import LocalStorage
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.mesh import Mesh
from tests.http_exceptions import is_http

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
IDS = {"id": {"type": "integer"}}
ROWS = [{"id": 1}, {"id": 2}, {"id": 3}]


@dataclass
class Clock:
    """Time that passes when told to."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def later(self, **by: float) -> datetime:
        """Moves on by that much."""
        self.now += timedelta(**by)
        return self.now


def json_schema(columns: Mapping[str, Any], required: tuple[str, ...] = ()) -> str:
    """A JSON Schema of `columns` (name → JSON Schema of its values)."""
    return json.dumps({"type": "object", "properties": columns, "required": list(required)})


@dataclass(frozen=True)
class TableFolder:
    """The folder of a table on this disk."""

    location: Path

    @classmethod
    def of(cls, place: TablePlace) -> TableFolder:
        """The folder of a place in a local storage."""
        assert isinstance(place.storage, LocalStorage)
        return cls(place.storage.get_path(place.key))

    @property
    def data(self) -> Path:
        """The folder of its data files."""
        return self.location / "data"

    @property
    def metadata(self) -> Path:
        """The folder of its Iceberg metadata."""
        return self.location / "metadata"


@dataclass
class World:
    """An opened mesh, its clock, and a folder where its products are written."""

    root: Path
    mesh: Mesh
    clock: Clock
    platform: Platform = field(init=False)
    transport: InProcess = field(init=False)

    def __post_init__(self) -> None:
        self.transport = InProcess(self.mesh)
        self.platform = Platform(self.transport)

    @property
    def context(self) -> Context:
        """A request of the caller."""
        return Context(self.mesh, self.transport.caller)

    @property
    def home(self) -> Path:
        """The home folder."""
        return self.mesh.home.path

    @property
    def tables(self) -> Path:
        """The folder of all tables."""
        return self.home / "tables"

    def folder(self, product: str = "orders", output: str = "t") -> TableFolder:
        """The folder of a table."""
        return TableFolder.of(self.context.place(product, output))

    def write(self, name: str, text: str, **schemas: str) -> Path:
        """A product's folder: product.yaml, and `schemas` as `NAME.json` beside it."""
        folder = self.root / "products" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "product.yaml").write_text(text)
        for schema, content in schemas.items():
            (folder / f"{schema}.json").write_text(content)
        return folder

    def product(
        self,
        name: str = "orders",
        columns: Mapping[str, Any] | None = None,
        *,
        required: tuple[str, ...] = (),
        output: str = "",
        more: str = "",
        owner: str = "ana@x",
        domain: str = "sales",
    ) -> DataProduct:
        """A product with the one output `t`: of `columns` (None: no schema), `output` and `more` as further lines."""
        lines = [f"name: {name}", f"domain: {domain}", f"owner: {owner}", "outputs:", "  - name: t"]
        schemas = {}
        if columns is not None:
            lines.append("    schema: t.json")
            schemas["t"] = json_schema(columns, required)
        lines += [f"    {line}" for line in output.splitlines()]
        return DataProduct(self.write(name, "\n".join([*lines, more, ""]), **schemas), self.platform)

    def become(self, name: str) -> Platform:
        """Everything from now on is done by that principal."""
        self.act_as(replace(self.context.principal, name=name))
        return self.platform

    def act_as(self, principal: Principal) -> None:
        """Everything from now on is done by that principal."""
        self.transport.caller = replace(self.transport.caller, principal=principal)

    def ids(self, product: str = "orders", version: int | None = None) -> list[Any]:
        """The column `id` of a version of `t`, in order."""
        return sorted(row["id"] for row in self.platform.consume(product, "t", version=version).collect())

    def numbers(self, product: str = "orders") -> list[int]:
        """The recorded versions of `t`, oldest first."""
        return [info.version for info in reversed(self.platform.versions(product, "t"))]

    def files(self) -> set[Path]:
        """Every file under the tables' folder."""
        return {path for path in self.tables.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of an empty mesh, made once; whoever wants one copies it, so that all copies have one identity."""
    home = tmp_path_factory.mktemp("empty") / "home"
    home.mkdir()
    Mesh.open(Home(home)).close()
    return home


@pytest.fixture
def world(tmp_path: Path, empty_home: Path) -> Iterator[World]:
    """An empty mesh at noon."""
    home = shutil.copytree(empty_home, tmp_path / "home")
    mesh = Mesh.open(Home(home))
    mesh.clock = clock = Clock()
    made = World(tmp_path, mesh, clock)
    try:
        if not is_http():
            yield made
            return
        from tests.http_transport import ServedWorld, serve_mesh  # the server is loaded in this lane alone

        inner = made.transport
        with serve_mesh(mesh, lambda: inner.caller) as url:
            made.transport = transport = ServedWorld(mesh, url, inner)  # type: ignore[assignment]
            made.platform = Platform(transport)
            try:
                yield made
            finally:
                transport.close()
    finally:
        mesh.close()
