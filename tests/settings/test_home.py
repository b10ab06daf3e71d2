"""Which folder is the home, and what is refused in its place."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from data_platform.errors import BadInput, StorageFailed
from data_platform.settings import (
    Home,
    check_new_home,
    find_home,
    init_home,
    make_home,
    require_home,
    resolve_home_path,
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(place: Path | None = None) -> Home:
    return make_home(place or resolve_home_path())


def require(*products: Path) -> Home:
    return require_home(products)


def test_without_any_home_there_is_none_and_its_place_is_the_working_directory(here: Path) -> None:
    assert find_home() is None
    assert resolve_home_path() == here / ".data-platform"
    with pytest.raises(BadInput, match="there is no mesh here"):
        require()
    assert list(here.iterdir()) == []


def test_a_home_that_is_made_is_private_and_not_for_version_control(here: Path) -> None:
    home = made()
    assert (home.path, home.created) == (here / ".data-platform", True)
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    assert "*" in (home.path / ".gitignore").read_text().splitlines()


def test_the_same_home_is_found_again_and_not_made_again(here: Path) -> None:
    made()
    assert require().created is False
    assert made().created is False


def test_an_empty_folder_of_that_name_is_no_home(here: Path) -> None:
    (here / ".data-platform").mkdir()
    assert find_home() is None
    assert made().created


def test_the_nearest_home_upwards_wins(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    init_home(here)
    near = here / "a" / "b"
    deep = near / "c"
    deep.mkdir(parents=True)
    inner = init_home(near)
    monkeypatch.chdir(deep)
    assert require().path == inner.path
    monkeypatch.chdir(here / "a")
    assert require().path == here / ".data-platform"


def test_the_home_above_a_product_is_found_from_elsewhere(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = init_home(here / "mesh")
    (here / "mesh/p").mkdir()
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    assert require(Path("../mesh/p/product.yaml")).path == home.path
    (here / "link").symlink_to(here / "mesh/p")
    assert require(Path("../link/product.yaml")).path == home.path


def test_two_homes_that_differ_are_told_with_how_to_choose(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = init_home(here / "a").path, init_home(here / "b").path
    monkeypatch.chdir(here / "b")
    product = here / "a/p/product.yaml"
    with pytest.raises(BadInput) as error:
        find_home([product])
    assert f"two meshes: {first} is the nearest of {product}, and {second} of the working dir" in str(error.value)
    with pytest.raises(BadInput, match="two meshes"):
        find_home([here / "a/product.yaml", here / "b/product.yaml"])
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(first))
    assert require(product).path == first


def test_a_product_finds_its_home_when_the_working_directory_is_gone(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = init_home(here / "mesh")
    gone = here / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert require(here / "mesh/p/product.yaml").path == home.path


def test_the_variable_names_the_folder_itself(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    init_home(here)
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(here / "mesh"))
    assert find_home() is None
    home = made()
    assert (home.path, home.created) == (here / "mesh", True)
    assert require().path == here / "mesh"


def test_init_makes_the_home_that_the_variable_names(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(here / "elsewhere" / "mesh"))
    assert init_home().path == here / "elsewhere" / "mesh"
    assert init_home(here / "team").path == here / "team/.data-platform"


def test_a_variable_that_names_a_folder_of_other_files_is_refused(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "notes.txt").write_text("")
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(here))
    with pytest.raises(BadInput, match="is not a mesh"):
        check_new_home(resolve_home_path())


def test_a_relative_variable_starts_in_the_working_directory(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_PLATFORM_HOME", "mesh")
    assert resolve_home_path() == here / "mesh"


def test_a_tilde_is_the_users_folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here))
    monkeypatch.setenv("DATA_PLATFORM_HOME", "~/mesh")
    assert resolve_home_path() == here / "mesh"


def test_a_tilde_of_nobody_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_PLATFORM_HOME", "~no-such-user-here/mesh")
    with pytest.raises(BadInput, match="DATA_PLATFORM_HOME"):
        find_home()


def test_an_empty_variable_is_as_good_as_none(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_PLATFORM_HOME", "")
    assert resolve_home_path() == here / ".data-platform"


def test_a_file_in_the_homes_place_is_refused_and_not_passed_over(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    init_home(here)
    inner = here / "inner"
    inner.mkdir()
    (inner / ".data-platform").write_text("")
    monkeypatch.chdir(inner)
    with pytest.raises(BadInput, match="not a folder"):
        find_home()


def test_a_variable_below_a_file_is_refused(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "file").write_text("")
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(here / "file" / "mesh"))
    with pytest.raises(BadInput, match="not a folder"):
        made()


def test_a_symlink_to_a_folder_is_followed(here: Path) -> None:
    (here / "real").mkdir()
    (here / ".data-platform").symlink_to(here / "real")
    made()
    assert require().path == here / "real"


def test_a_symlink_to_nowhere_is_refused(here: Path) -> None:
    (here / ".data-platform").symlink_to(here / "gone")
    with pytest.raises(BadInput, match="broken symlink"):
        find_home()
    assert not (here / "gone").exists()


def test_a_place_that_cannot_be_written_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_PLATFORM_HOME", "/proc/mesh")
    with pytest.raises(StorageFailed, match=r"/proc/mesh.*\n.*DATA_PLATFORM_HOME"):
        made()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_found_home_of_another_user_is_refused_until_it_is_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = made()
    os.chown(home.path, 12345, 12345)
    with pytest.raises(BadInput, match="12345"):
        find_home()
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(home.path))
    assert require().path == home.path


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


@pytest.mark.parametrize("name", ["hmoe", "hom", "home2", "Home", "homee", "-home"])
def test_a_mistyped_variable_beside_a_mesh_begins_none(here: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    make_home(here / "home")
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(here / name))
    for attempt in (lambda: check_new_home(resolve_home_path()), init_home, require):
        with pytest.raises(BadInput) as caught:
            attempt()
        assert f"DATA_PLATFORM_HOME is {here / name}, " in caught.value.message
        assert f"did you mean DATA_PLATFORM_HOME={here / 'home'}?" in str(caught.value.hint)
    assert [path.name for path in here.iterdir()] == ["home"]
    (here / name).mkdir()
    with pytest.raises(BadInput, match="did you mean"):
        check_new_home(resolve_home_path())
    assert list((here / name).iterdir()) == []


def test_init_with_the_folder_as_argument_begins_a_mesh_of_a_similar_name(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_home(here / "home")
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(here / "home2"))
    with pytest.raises(BadInput, match=f"data-platform init {here / 'home2'}"):
        init_home()
    assert init_home(Path("home2")) == Home(here / "home2", created=True)
    check_new_home(resolve_home_path())
    assert require().path == here / "home2"
    assert not init_home().created


def test_a_mesh_in_a_project_of_a_similar_name_is_suggested(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = init_home(here / "project").path
    for wrong in ("projcet", "projcet/.data-platform", "project/.data-platfrom"):
        monkeypatch.setenv("DATA_PLATFORM_HOME", str(here / wrong))
        for attempt in (lambda: check_new_home(resolve_home_path()), require):
            with pytest.raises(BadInput) as caught:
                attempt()
            assert f"did you mean DATA_PLATFORM_HOME={home}?" in str(caught.value.hint)


def test_a_folder_of_another_name_or_without_a_mesh_stops_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_home(here / "prod")
    (here / "devs").mkdir()
    (here / "devs" / "notes.txt").write_text("")
    (here / "deva").write_text("a file")
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(here / "dev"))
    check_new_home(resolve_home_path())
    assert init_home().path == here / "dev"
