"""Names of places, as OpenLineage's Naming.md gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.lineage.naming import Name, name_file, name_place


@pytest.mark.parametrize("path", ["/home/tables/orders/t@2", "/a b/50%/ไทย/x#y?z", "/odd\udcff"])
def test_a_folder_is_named_by_its_path(path: str) -> None:
    assert name_place(Path(path).as_uri()) == name_file(path) == Name("file", path)


def test_an_object_is_named_by_its_bucket_and_its_key() -> None:
    assert name_place("s3://bucket/a/mesh/orders/t%402") == Name("s3://bucket", "a/mesh/orders/t@2")
