"""A mesh in a folder of its own, products written for it, and a clock that a test moves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from data_platform import DataProduct, Platform
from data_platform.platform import InProcess
from data_platform.settings import Home, Principal
from data_platform.tables.place import TablePlace
from data_platform.tables.storage.local import LocalStorage
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.mesh import Mesh
from tests.http_exceptions import is_http

T = TypeVar("T")
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
    shutil.copytree(empty_home, tmp_path / "home")
    with open_world(tmp_path) as made:
        if is_http():
            with serve_world(made):
                yield made
        else:
            yield made


@contextmanager
def open_world(root: Path) -> Iterator[World]:
    """The mesh in the folder `home` of `root`, at noon."""
    mesh = Mesh.open(Home(root / "home"))
    mesh.clock = clock = Clock()
    try:
        yield World(root, mesh, clock)
    finally:
        mesh.close()


@contextmanager
def serve_world(made: World) -> Iterator[None]:
    """A server between the world's platform and its mesh."""
    from tests.http_transport import ServedWorld, serve_mesh  # the server is loaded in this lane alone

    inner = made.transport
    with serve_mesh(made.mesh, lambda: inner.caller) as url:
        made.transport = transport = ServedWorld(made.mesh, url, inner)  # type: ignore[assignment]
        made.platform = Platform(transport)
        try:
            yield
        finally:
            transport.close()


@dataclass
class FilledMeshes:
    """Meshes that were filled once; each test gets a copy of its own, which takes a few milliseconds."""

    folder: Path
    empty_home: Path
    _filled: dict[Callable[[World], object], tuple[Path, datetime, Principal, object]] = field(default_factory=dict)

    @contextmanager
    def open_copy(self, fill: Callable[[World], T], root: Path) -> Iterator[tuple[World, T]]:
        """A copy of the mesh that `fill` filled, with its time and its caller, and what `fill` returned."""
        if fill not in self._filled:
            origin = self.folder / str(len(self._filled))
            shutil.copytree(self.empty_home, origin / "home")
            with open_world(origin) as made:
                answer = fill(made)
                self._filled[fill] = (origin, made.clock.now, made.context.principal, answer)
        origin, now, principal, given = self._filled[fill]
        shutil.copytree(origin, root, dirs_exist_ok=True)
        with open_world(root) as copy:
            copy.clock.now = now
            copy.act_as(principal)
            if is_http():
                with serve_world(copy):
                    yield copy, given  # type: ignore[misc]
            else:
                yield copy, given  # type: ignore[misc]


@pytest.fixture(scope="session")
def filled_meshes(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> FilledMeshes:
    """The meshes that the tests of this process have filled."""
    return FilledMeshes(tmp_path_factory.mktemp("filled"), empty_home)
