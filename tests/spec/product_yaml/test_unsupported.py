"""Core expectations of Great Expectations that no rule says are refused by name, with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.errors import InvalidSpec
from data_platform.spec.expectations import EXPECTATIONS
from data_platform.spec.expectations.unsupported import UNSUPPORTED
from data_platform.spec.loading import load_product


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_cannot_be_judged_says_why(tmp_path: Path, name: str) -> None:
    file = tmp_path / "product.yaml"
    output = f"outputs:\n  - name: t\n    expect:\n      - {name}: {{column: x}}\n"
    file.write_text(f"name: p\ndomain: d\nowner: a@b.c\n{output}")
    with pytest.raises(InvalidSpec, match=f"7:9: {name} of Great Expectations is not judged here") as refused:
        load_product(file)
    assert UNSUPPORTED[name] in str(refused.value)
    assert name not in EXPECTATIONS
