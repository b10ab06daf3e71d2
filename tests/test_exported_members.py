"""The public surface: what `import data_platform` gives, and what it costs."""

from __future__ import annotations

import inspect
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import data_platform
from data_platform import errors

ROOT = Path(__file__).parent.parent
HEAVY = {
    "duckdb",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "pydantic",
    "pyiceberg",
    "sqlalchemy",
    "sqlglot",
    "yaml",
}


def modules_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_the_exported_names_are_sorted_and_told_by_dir() -> None:
    assert data_platform.__all__ == sorted(set(data_platform.__all__))
    assert dir(data_platform) == data_platform.__all__


def test_every_exported_name_is_there_and_bears_its_own_name() -> None:
    for name in data_platform.__all__:
        member = getattr(data_platform, name)
        assert name == "__version__" or member.__name__ == name


def test_every_error_is_exported() -> None:
    raised = [
        name
        for name, member in inspect.getmembers(errors, inspect.isclass)
        if issubclass(member, errors.DataPlatformError) and member.__module__ == errors.__name__
    ]
    assert sorted(set(raised) - set(data_platform.__all__)) == []


def test_nothing_else_is_exported() -> None:
    with pytest.raises(AttributeError, match="no attribute 'secrets'"):
        data_platform.secrets  # noqa: B018


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert data_platform.__version__ == project["version"]


def test_importing_the_package_and_catching_its_errors_loads_nothing_heavy() -> None:
    assert modules_after("import data_platform; data_platform.BadInput, dir(data_platform)") & HEAVY == set()


def test_the_product_is_loaded_when_it_is_asked_for() -> None:
    assert "pyarrow" in modules_after("from data_platform import DataProduct")
