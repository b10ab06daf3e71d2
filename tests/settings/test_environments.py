"""[environments]: which homes are dev, staging and prod, and which of them this one is."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.errors import BadInput, InvalidSpec
from data_platform.settings import Environment, Environments, Home, init_home, load_settings

DEV, STAGING, PROD = Environment.DEV, Environment.STAGING, Environment.PROD


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return init_home(tmp_path / "dev")


def load(home: Home, *lines: str) -> Environments:
    home.settings_file.write_text("\n".join(["[environments]", *lines, ""]), encoding="utf-8")
    found = load_settings(home).environments
    assert found is not None
    return found


def test_a_home_without_the_table_stands_alone(home: Home) -> None:
    assert load_settings(home).environments is None


def test_a_home_knows_what_is_above_and_below_it_nearest_first(home: Home) -> None:
    found = load(home, 'this = "staging"', 'dev = "../../dev"', 'prod = "../../prod"', 'staging = "."')
    assert (found.this, found.above, found.below) == (STAGING, (PROD,), (DEV,))
    lowest = load(home, 'this = "dev"', 'prod = "../../prod"', 'staging = "../../staging"')
    assert (lowest.above, lowest.below) == ((STAGING, PROD), ())
    highest = load(home, 'this = "prod"', 'dev = "../../dev"', 'staging = "../../staging"')
    assert (highest.above, highest.below) == ((), (STAGING, DEV))


def test_a_relative_home_begins_at_the_settings_and_may_name_a_variable(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prod = init_home(tmp_path / "prod")
    monkeypatch.setenv("MESHES", str(tmp_path))
    assert load(home, 'this = "dev"', 'prod = "../../prod/.data-platform"').home(PROD) == Home(prod.path)
    assert load(home, 'this = "dev"', 'prod = "${MESHES}/prod/.data-platform"').home(PROD) == Home(prod.path)


def test_a_home_that_is_not_named_or_not_there_is_told(home: Home) -> None:
    with pytest.raises(BadInput, match="does not declare the home of staging"):
        load(home, 'this = "dev"').home(STAGING)
    with pytest.raises(BadInput, match="the home of prod is not a folder"):
        load(home, 'this = "dev"', 'prod = "../../nowhere"').home(PROD)


@pytest.mark.parametrize(
    ("line", "place", "complaint"),
    [
        ('prod = "../prod"', ":1:2", "which environment this home is"),
        ('this = "production"', ":2:1", "dev, staging or prod"),
        ('this = "dev"\npord = "../prod"', ":3:1", "did you mean 'prod'"),
        ('this = "dev"\nprod = 7', ":3:1", "must be text"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(home: Home, line: str, place: str, complaint: str) -> None:
    with pytest.raises(InvalidSpec, match=complaint) as refused:
        load(home, line)
    assert f"settings.toml{place}" in str(refused.value)
