"""A home begins with its first success, and two processes that begin it at once do not disturb each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.errors import BadInput
from data_platform.settings import Home, NewHome, find_home, is_home


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def begin(place: Path) -> NewHome:
    share = NewHome.begin(place)
    assert share is not None
    return share


def test_what_is_discarded_leaves_nothing(here: Path) -> None:
    share = begin(here / ".data-platform")
    (share.home.path / "tables/a").mkdir(parents=True)
    (share.home.path / "record.db").write_text("")
    share.discard()
    assert list(here.iterdir()) == []


def test_what_is_established_stays_and_is_no_longer_new(here: Path) -> None:
    share = begin(here / ".data-platform")
    assert share.establish()
    share.discard()
    assert [path.name for path in share.home.path.iterdir()] == [".gitignore"]
    assert find_home() is not None
    assert NewHome.begin(here / ".data-platform") is None


def test_a_folder_that_was_there_keeps_its_mode_and_stays(here: Path) -> None:
    place = here / "shared"
    place.mkdir(mode=0o770)
    mode = place.stat().st_mode
    share = begin(place)
    (place / "record.db").write_text("")
    share.discard()
    assert place.stat().st_mode == mode
    assert list(place.iterdir()) == []


def test_a_home_in_which_another_one_works_is_not_discarded(here: Path) -> None:
    first = begin(here / ".data-platform")
    second = begin(here / ".data-platform")
    assert not second.owner
    first.discard()
    assert is_home(second.home.path)
    assert second.establish()
    assert is_home(second.home.path)


def test_a_home_that_another_one_established_is_not_discarded(here: Path) -> None:
    first = begin(here / ".data-platform")
    second = begin(here / ".data-platform")
    assert second.establish()
    first.discard()
    assert is_home(second.home.path)


def test_the_one_that_only_joined_removes_nothing(here: Path) -> None:
    first = begin(here / ".data-platform")
    begin(here / ".data-platform").discard()
    assert first.establish()


def test_a_home_that_is_a_mesh_has_no_share(here: Path) -> None:
    begin(here / ".data-platform").establish()
    assert NewHome.join(Home(here / ".data-platform")) is None


def test_a_home_begins_in_no_folder_of_other_files(here: Path) -> None:
    (here / "data").mkdir()
    (here / "data/rows.csv").write_text("")
    with pytest.raises(BadInput, match="is not the home of a mesh"):
        NewHome.begin(here / "data")


def test_the_folder_of_a_mistyped_variable_is_not_made(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(here / "mehs/.data-platform"))
    with pytest.raises(BadInput, match=r"DATA_PLATFORM_HOME is .*, but the folder .*mehs"):
        NewHome.begin(here / "mehs/.data-platform")
    assert list(here.iterdir()) == []
