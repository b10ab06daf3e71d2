"""Which folder is the home, and what is refused in its place."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from data_platform.errors import BadInput, StorageFailed
from data_platform.settings import find_home, init_home


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_any_home_one_is_made_in_the_working_directory_and_said(here: Path) -> None:
    home = find_home()
    assert (home.path, home.created) == (here / ".data-platform", True)
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    assert "*" in (home.path / ".gitignore").read_text().splitlines()


def test_the_same_home_is_found_again_and_not_made_again(here: Path) -> None:
    find_home()
    assert find_home().created is False


def test_the_nearest_home_upwards_wins(here: Path) -> None:
    init_home(here)
    near = here / "a" / "b"
    deep = near / "c"
    deep.mkdir(parents=True)
    inner = init_home(near)
    assert find_home(deep).path == inner.path
    assert find_home(here / "a").path == here / ".data-platform"


def test_the_variable_names_the_folder_itself(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    init_home(here)
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(here / "elsewhere" / "mesh"))
    home = find_home()
    assert (home.path, home.created) == (here / "elsewhere" / "mesh", True)


def test_a_relative_variable_starts_in_the_working_directory(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_PLATFORM_HOME", "mesh")
    assert find_home().path == here / "mesh"


def test_a_tilde_is_the_users_folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here))
    monkeypatch.setenv("DATA_PLATFORM_HOME", "~/mesh")
    assert find_home().path == here / "mesh"


def test_a_tilde_of_nobody_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_PLATFORM_HOME", "~no-such-user-here/mesh")
    with pytest.raises(BadInput, match="DATA_PLATFORM_HOME"):
        find_home()


def test_an_empty_variable_is_as_good_as_none(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_PLATFORM_HOME", "")
    assert find_home().path == here / ".data-platform"


def test_a_file_in_the_homes_place_is_refused_and_not_passed_over(here: Path) -> None:
    init_home(here)
    inner = here / "inner"
    inner.mkdir()
    (inner / ".data-platform").write_text("")
    with pytest.raises(BadInput, match="not a folder"):
        find_home(inner)


def test_a_variable_below_a_file_is_refused(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "file").write_text("")
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(here / "file" / "mesh"))
    with pytest.raises(BadInput, match="not a folder"):
        find_home()


def test_a_symlink_to_a_folder_is_followed(here: Path) -> None:
    (here / "real").mkdir()
    (here / ".data-platform").symlink_to(here / "real")
    assert find_home().path == here / "real"


def test_a_symlink_to_nowhere_is_refused(here: Path) -> None:
    (here / ".data-platform").symlink_to(here / "gone")
    with pytest.raises(BadInput, match="symlink to nowhere"):
        find_home()
    assert not (here / "gone").exists()


def test_a_place_that_cannot_be_written_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_PLATFORM_HOME", "/proc/mesh")
    with pytest.raises(StorageFailed, match=r"/proc/mesh.*\n.*DATA_PLATFORM_HOME"):
        find_home()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_found_home_of_another_user_is_refused_until_it_is_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = find_home()
    os.chown(home.path, 12345, 12345)
    with pytest.raises(BadInput, match="12345"):
        find_home()
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(home.path))
    assert find_home().path == home.path


def test_init_keeps_what_is_there(here: Path) -> None:
    home = init_home(here / "team")
    (home.path / "settings.toml").write_text("")
    again = init_home(here / "team")
    assert home.created
    assert not again.created
    assert (again.path / "settings.toml").exists()


def test_init_on_a_home_does_not_nest(here: Path) -> None:
    assert init_home(here / ".data-platform").path == here / ".data-platform"


def test_a_working_directory_that_is_gone_is_said(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = here / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(StorageFailed, match="working directory"):
        find_home()
