"""Which product.yaml files a path means."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.errors import NotFound
from data_platform.spec.product.files import find_product_files


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    return path


def test_a_folder_stands_for_all_below_it_in_order(tmp_path: Path) -> None:
    expected = [touch(tmp_path / name / "product.yaml") for name in ("a", "a/deep/er", "b")]
    touch(tmp_path / "b/other.yaml")
    assert find_product_files([tmp_path]) == expected


def test_hidden_folders_and_links_are_not_entered(tmp_path: Path) -> None:
    mine = touch(tmp_path / "mine/product.yaml")
    touch(tmp_path / ".venv/product.yaml")
    (tmp_path / "mine/loop").symlink_to(tmp_path, target_is_directory=True)
    assert find_product_files([tmp_path]) == [mine]


def test_a_file_is_taken_by_any_name_and_each_once(tmp_path: Path) -> None:
    file = touch(tmp_path / "orders.yml")
    other = touch(tmp_path / "x/product.yaml")
    assert find_product_files([file, other, file, tmp_path / "x"]) == [file, other]


def test_nothing_is_an_error_that_says_where(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no product\.yaml in .* or below"):
        find_product_files([tmp_path])
    with pytest.raises(NotFound, match="no such file or folder"):
        find_product_files([tmp_path / "nowhere"])
