"""Whatever is handed to a method of Platform, the error is one of ours."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from data_platform import BadInput, DataProduct, Platform, ReadOptions
from data_platform.errors import DataPlatformError
from data_platform.verbs.results import AuditAnchor

NOW = datetime(2026, 11, 23, tzinfo=UTC)

EDGES = [
    datetime.max.replace(tzinfo=timezone(-timedelta(hours=5))),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.999999-00:01",
]
"""Moments that lie in no year from 1 to 9999 in UTC."""
HOSTILE = [
    *EDGES,
    "",
    "a\0b",
    "\udcff",
    "ดี",
    "x" * 5000,
    -1,
    10**30,
    1.5,
    float("nan"),
    [],
    b"x",
    datetime.max,
    date.min,
    True,
]
RIGHT = {
    "product": "p",
    "output": "t",
    "column": "id",
    "until": "2999-01-01",
    "name": "d",
    "id": 1,
    "query": "SELECT 1",
}
SIMPLE = ("str", "int", "float", "datetime", "date", "bool", "None", "Reference", "Path", "PolicyFile", "ProductFile")
METHODS = [
    name
    for name, method in inspect.getmembers(Platform, inspect.isfunction)
    if not name.startswith("_")
    and name not in ("close", "enter", "publish", "restore", "rebuild", "backup", "use_idempotency_key")
]


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with open_mesh(tmp_path_factory.mktemp("hostile")) as platform:
        yield platform


@pytest.fixture
def unharmed(tmp_path: Path) -> Iterator[Platform]:
    """A mesh to which no other test has done anything: some hostile values are allowed, and change the product."""
    with open_mesh(tmp_path) as platform:
        yield platform


@contextmanager
def open_mesh(root: Path) -> Iterator[Platform]:
    (root / "product.yaml").write_text("name: p\ndomain: d\nowner: o@example.com\noutputs: [{name: t}]\n")
    with Platform.open(root / "home", make=True) as platform:
        DataProduct(root, platform).publish("t", [{"id": 1}])
        yield platform


@pytest.mark.parametrize("name", METHODS)
def test_what_no_method_can_use_is_an_error_of_ours(mesh: Platform, name: str) -> None:
    method = getattr(mesh, name)
    parameters = inspect.signature(method).parameters
    for parameter in parameters.values():
        kinds = [part.strip() for part in str(parameter.annotation).split("|")]
        if not set(kinds) <= {*SIMPLE, "Sequence[str]"} or kinds == ["ProductFile"]:
            continue
        needed = {
            other.name: RIGHT.get(other.name, "x")
            for other in parameters.values()
            if other.default is other.empty and other is not parameter
        }
        for value in HOSTILE:
            try:
                method(**needed, **{parameter.name: value})
            except DataPlatformError:
                continue


@pytest.mark.parametrize("path", ["", "a\0b", "\udcff", "~no-such-user-here", -1, None, b"x", 1.5, []])
def test_what_is_no_path_is_bad_input(path: str, mesh: Platform, tmp_path: Path) -> None:
    for read in (DataProduct, mesh.register, mesh.diff, Platform.restore):
        with pytest.raises(DataPlatformError):
            read(path)
    with pytest.raises(BadInput):
        DataProduct(mesh.home.path.parent, mesh).publish("t", [{"id": 1}], lineage=path or "p")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("edge", EDGES)
def test_a_moment_beyond_the_years_of_utc_is_told_as_one_by_every_method(
    unharmed: Platform, edge: datetime | str
) -> None:
    asked = 0
    for name in METHODS:
        method = getattr(unharmed, name)
        parameters = inspect.signature(method).parameters
        for parameter in parameters.values():
            kinds = [part.strip() for part in str(parameter.annotation).split("|")]
            if "datetime" not in kinds or (isinstance(edge, str) and "str" not in kinds):
                continue
            needed = {
                other.name: RIGHT.get(other.name, "x")
                for other in parameters.values()
                if other.default is other.empty and other is not parameter
            }
            with pytest.raises(BadInput, match="lies outside the years 1 to 9999 of UTC"):
                method(**needed, **{parameter.name: edge})
            asked += 1
    assert asked > 3
    if isinstance(edge, str):
        with pytest.raises(BadInput, match="lies outside the years 1 to 9999 of UTC"):
            unharmed.sql(f'SELECT * FROM p."t@{edge}"')


OBJECTS = [None, 1, "x", object(), [None], ["x"], {"a": 1}, {1: print}, b"x", print]
TAKES_OBJECTS: dict[str, Callable[[Platform, Any], object]] = {
    "check_columns": lambda mesh, value: mesh.check_columns(value),
    "tick": lambda mesh, value: mesh.tick(senders=value if value is not None else 1),
    "deliver": lambda mesh, value: mesh.deliver(value),
    "verify_audit": lambda mesh, value: mesh.verify_audit(value if value is not None else 1),
    "an anchor's number": lambda mesh, value: mesh.verify_audit(AuditAnchor("1" if value == 1 else value, "x", NOW)),
    "an anchor's moment": lambda mesh, value: mesh.verify_audit(AuditAnchor(1, "x", value)),
    "register": lambda mesh, value: mesh.register(value),
    "diff": lambda mesh, value: mesh.diff(value),
    "publish": lambda mesh, value: mesh.publish(value),
    "open": lambda mesh, value: Platform.open(products=value if not isinstance(value, list | dict) else 1),  # type: ignore[arg-type]
    "make": lambda mesh, value: Platform.open(mesh.home.path, make=value if value is not None else "x"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("value", OBJECTS, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("name", TAKES_OBJECTS)
def test_an_object_of_another_type_is_bad_input(name: str, value: Any, mesh: Platform) -> None:
    with pytest.raises(BadInput):
        TAKES_OBJECTS[name](mesh, value)


@pytest.mark.parametrize("argument", ["expectations", "options", "watch"])
def test_a_publish_says_which_argument_is_of_another_type(argument: str, mesh: Platform) -> None:
    product = DataProduct(mesh.home.path.parent, mesh)
    for value in OBJECTS[1:]:
        if not (argument == "watch" and callable(value)):
            with pytest.raises(BadInput, match=argument):
                product.publish("t", [{"id": 1}], **{argument: value})
    with pytest.raises(BadInput, match="expectations is a list of rules"):
        product.pipeline("t", expectations=[1])  # type: ignore[list-item]
    with pytest.raises(BadInput, match="platform must be a Platform"):
        DataProduct(mesh.home.path.parent, 1)  # type: ignore[arg-type]


def test_a_column_that_is_named_twice_is_bad_input(mesh: Platform) -> None:
    with pytest.raises(BadInput, match='"id" is there twice'):
        mesh.consume("p.t", columns=["id", "id"])
    for names, message in (
        (("a", "b", "a"), "'a' is given twice"),
        (("a", "A"), "'A' is given twice"),
        ((" ",), "empty"),
    ):
        with pytest.raises(BadInput, match=message):
            ReadOptions(columns=names)


def test_errors_about_text_that_no_stream_can_print_are_printable(mesh: Platform, tmp_path: Path) -> None:
    for ask in (
        lambda: mesh.show("\udcff"),
        lambda: mesh.register("no\udcffwhere"),
        lambda: mesh.consume("p", columns=["\ud800"]),
        lambda: mesh.sql("SELECT '\ud800'"),
        lambda: mesh.search(domain="\ud800"),
        lambda: DataProduct(tmp_path / "\udcfe.yaml"),
    ):
        try:
            ask()
        except DataPlatformError as error:
            assert str(error).encode()
            assert repr(error).encode()


class _Rows(list[object]):
    """Data of a type that is no output's name."""


@pytest.mark.parametrize(
    ("output", "data", "hint"),
    [
        ("rows.csv", "t", "product.publish('t', 'rows.csv')"),
        (Path("rows.csv"), "t", "product.publish('t', 'rows.csv')"),
        ([{"id": "secret"}], "t", "product.publish('t', data)"),
        ({"id": ["secret"]}, None, "product.publish('OUTPUT', data)"),
        (_Rows(["secret"]), "t", "product.publish('t', data)"),
    ],
)
def test_a_publish_with_swapped_arguments_is_answered_with_the_right_order(
    mesh: Platform, output: object, data: object, hint: str
) -> None:
    root = mesh.home.path.parent
    with pytest.raises(BadInput, match="the output comes first and the data second") as refused:
        DataProduct(root, mesh).publish(output, data)  # type: ignore[arg-type]
    assert refused.value.hint == hint
    assert "secret" not in str(refused.value)
