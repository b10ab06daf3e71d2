"""What hints, documents and templates install: this project, from an address that is its user's own."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from data_platform import installing
from data_platform.installing import DISTRIBUTION, VARIABLE, VERSION, format_pip_command
from tests.test_house import PACKAGE, read_outline

ROOT = Path(__file__).parents[1]
TEXTS = [
    path
    for pattern in ("*.md", "docs/**/*", "examples/**/*", "src/**/*.py", "benchmarks/*")
    for path in ROOT.glob(pattern)
    if path.suffix in {".md", ".yml", ".yaml", ".py", ".toml"}
]
OTHERS_PROJECT = re.compile(r"pip install (?:-\S+ )*[\"']?data-platform\b")
ADDRESS = re.compile(r"git\+(?:https?|ssh)://(?:[^@/\s]+@)?([^/\s]+)/")


def test_the_distribution_is_the_one_that_the_code_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (project["name"], project["version"]) == (DISTRIBUTION, VERSION)
    assert project["scripts"] == {"data-platform": "data_platform.cli.main:main"}
    assert "urls" not in project


def test_extras_of_the_project_refer_to_its_own_name() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    names = {Requirement(text).name for texts in extras.values() for text in texts}
    assert DISTRIBUTION in names
    assert "data-platform" not in names


@pytest.mark.parametrize(
    ("source", "extra", "option", "command"),
    [
        ("", "", "", "pip install . (in a checkout of data-platform)"),
        ("", "polars", "", "pip install '.[polars]' (in a checkout of data-platform)"),
        ("", "", "--upgrade", "pip install --upgrade . (in a checkout of data-platform)"),
        ("/srv/mesh src", "polars", "", "pip install '/srv/mesh src[polars]'"),
        (DISTRIBUTION, "polars", "", "pip install 'data-mesh-platform[polars]'"),
        (DISTRIBUTION, "", "", "pip install data-mesh-platform"),
        ("git+https://git.example.com/dp@v1", "a", "", "pip install 'data-mesh-platform[a] @ git+https://git.example.com/dp@v1'"),
    ],
)  # fmt: skip
def test_the_install_line_is_one_setting(
    monkeypatch: pytest.MonkeyPatch, source: str, extra: str, option: str, command: str
) -> None:
    monkeypatch.setenv(VARIABLE, source)
    assert format_pip_command(extra, option) == command


def test_a_published_name_needs_one_line_to_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(installing, "SOURCE", DISTRIBUTION)
    assert format_pip_command("polars") == "pip install 'data-mesh-platform[polars]'"


def test_no_text_installs_the_package_of_another_project() -> None:
    assert len(TEXTS) > 100
    wrong = [f"{path}: {hit[0]}" for path in TEXTS for hit in OTHERS_PROJECT.finditer(path.read_text(encoding="utf-8"))]
    assert wrong == []


def test_no_text_installs_from_a_real_address() -> None:
    hosts = {host for path in TEXTS for host in ADDRESS.findall(path.read_text(encoding="utf-8"))}
    assert hosts == {"git.example.com"}


def test_every_library_that_is_imported_is_a_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [text for extra, texts in project["optional-dependencies"].items() if extra != "dev" for text in texts]
    declared = {canonicalize_name(Requirement(text).name) for text in (*project["dependencies"], *extras)}
    owners = packages_distributions()
    missing = {
        f"{path.relative_to(ROOT)} imports {module}"
        for path in PACKAGE
        for module in read_outline(path).imports
        if module not in {"data_platform", "_typeshed", *sys.stdlib_module_names}
        and not {canonicalize_name(name) for name in owners.get(module, [])} & declared
    }
    assert missing == set()


def test_the_core_environment_has_at_most_45_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted, packages = list(project["dependencies"]), {DISTRIBUTION}
    while wanted:
        requirement = Requirement(wanted.pop())
        name = canonicalize_name(requirement.name)
        if name not in packages and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
            packages.add(name)
            wanted += requires(name) or []
    # boto3 (extra `aws`) holds python-dateutil below 3, which needs six; without the extra, python-dateutil 4 does not
    packages.discard("six")
    assert len(packages) <= 45, sorted(packages)  # docs/adr/0039: what is beyond the libraries of tables has a reason


def test_the_command_names_the_release() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "data_platform", "--version"], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == f"data-platform, version {VERSION}\n"
