"""product.yaml files for tests, and what loading them says."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.errors import InvalidSpec, Problem
from data_platform.spec.product.loading import load_product

HEAD = "name: p\ndomain: d\nowner: o@x\n"
PRODUCT = HEAD + "outputs: [{name: t}]\n"
OUTPUT = HEAD + "outputs:\n  - name: t\n"
RULES = OUTPUT + "    quality_rules:\n"
EXPECT = OUTPUT + "    expect:\n"


def changed(line: str) -> str:
    """`PRODUCT` with the line of the same key replaced."""
    key = line.partition(":")[0]
    return "".join(f"{line}\n" if old.startswith(f"{key}:") else old for old in PRODUCT.splitlines(keepends=True))


def written(folder: Path, text: str | bytes) -> Path:
    """The text as product.yaml in a folder."""
    path = folder / "product.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problems_of(folder: Path, text: str | bytes) -> tuple[Problem, ...]:
    """What loading the text refuses."""
    path = written(folder, text)
    with pytest.raises(InvalidSpec) as caught:
        load_product(path)
    assert caught.value.exit_code == 2
    return caught.value.problems


def said(problem: Problem) -> tuple[str, str | None]:
    """A problem as the tables of the tests write it."""
    return f"{problem.line}:{problem.column} {problem.message}", problem.hint
