"""Where a platform is opened, and when it begins a mesh."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from data_platform import BadInput, DataProduct, Platform, Refused

ROWS = [{"id": 1}]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_product(folder: Path) -> Path:
    folder.mkdir(parents=True)
    schema = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
    (folder / "s.json").write_text(json.dumps(schema))
    (folder / "product.yaml").write_text(
        "name: p\ndomain: d\nowner: o@example.com\noutputs: [{name: t, schema: s.json}]\n"
    )
    return folder


def test_a_path_that_is_no_home_is_told_with_how_to_begin_one(here: Path) -> None:
    with pytest.raises(BadInput) as error:
        Platform.open(here / "mesh")
    assert f"Platform.open('{here}/mesh', make=True)" in str(error.value)
    assert list(here.iterdir()) == []


def test_make_begins_a_home_at_the_path_and_says_so(here: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "data_platform"), Platform.open(here / "a/mesh", make=True) as mesh:
        assert mesh.home.path == here / "a/mesh"
        assert repr(mesh) == f"Platform('{here}/a/mesh')"
    assert [record.getMessage() for record in caplog.records] == [f"started a new mesh in {here}/a/mesh"]
    with Platform.open(here / "a/mesh") as mesh:
        assert mesh.domains() == []


def test_the_folder_around_a_home_is_told_from_it(here: Path) -> None:
    Platform.open(make=True).close()
    with pytest.raises(BadInput, match="its home is"):
        Platform.open(here)
    (here / "data").mkdir()
    (here / "data/rows.csv").write_text("")
    with pytest.raises(BadInput, match="has other files"):
        Platform.open(here / "data", make=True)


@pytest.mark.parametrize("path", ["a\0b", "~no-such-user-here/mesh", "\udcff"])
def test_what_is_no_path_is_bad_input(path: str) -> None:
    with pytest.raises(BadInput):
        Platform.open(path)


def test_reading_begins_no_mesh(here: Path) -> None:
    with Platform.open() as mesh, pytest.raises(BadInput, match="there is no mesh here"):
        mesh.search()
    with pytest.raises(BadInput, match="there is no mesh here"):
        Platform.open(make=False)
    assert list(here.iterdir()) == []


def test_a_refused_first_publish_leaves_no_home_and_a_good_one_does(
    here: Path, caplog: pytest.LogCaptureFixture
) -> None:
    product = DataProduct.load(write_product(here / "p"))
    with pytest.raises(Refused):
        product.publish("t", [{"id": None}])
    assert [path.name for path in here.iterdir()] == ["p"]
    assert product.publish("t", ROWS).version == 1
    assert product.publish("t", ROWS).version == 2
    assert product.platform.home.path == here / ".data-platform"
    assert [record.getMessage() for record in caplog.records] == [f"started a new mesh in {here}/.data-platform"]
    product.platform.close()


def test_a_product_is_published_to_the_home_above_it(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_product(here / "mesh/p")
    Platform.open(here / "mesh/.data-platform", make=True).close()
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    product = DataProduct.load(folder)
    assert product.publish("t", ROWS).version == 1
    product.platform.close()
    assert list((here / "elsewhere").iterdir()) == []
