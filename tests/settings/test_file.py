"""settings.toml: what it may say, and how it is refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.errors import InvalidSpec, NotFound, StorageFailed
from data_platform.settings import FilesSource, Home, Limits, PostgresSource, Settings, init_home, load_settings
from data_platform.settings.quotas import Quota
from tests.hypothesis_lanes import examples

Load = Callable[[str], Settings]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return init_home(tmp_path)


@pytest.fixture
def load(home: Home) -> Load:
    def write_and_load(text: str) -> Settings:
        home.settings_file.write_text(text, encoding="utf-8")
        return load_settings(home)

    return write_and_load


def refusal(load: Load, text: str) -> str:
    with pytest.raises(InvalidSpec) as raised:
        load(text)
    return str(raised.value)


WHOLE = """\
[record]
url = "postgresql+psycopg://mesh:${MESH_PASSWORD}@db/mesh"

[limits]
rule_seconds = 5
rule_memory_mb = 256

[sources.shop]
type = "postgres"
uri = "postgresql://reader:${SHOP_PASSWORD}@db:5432/shop"

[sources.exports]
type = "files"
path = "../exports"
delimiter = ";"
nulls = ["", "NULL"]
"""


def test_a_home_without_settings_has_the_defaults(home: Home) -> None:
    assert load_settings(home) == Settings(home.path, None, Limits(30, 1024), {})


def test_everything_that_can_be_said(load: Load, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    found = load(WHOLE)
    assert found.limits == Limits(5, 256)
    assert found.record_url is not None
    assert found.record_url.names == ("MESH_PASSWORD",)
    shop, exports = found.find_source("shop"), found.find_source("exports")
    assert isinstance(shop, PostgresSource)
    assert isinstance(exports, FilesSource)
    assert (exports.options.delimiter, exports.options.nulls) == (";", ("", "NULL"))
    assert exports.resolve_folder() == home.path.parent / "exports"


def test_no_secret_is_in_any_repr(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2")
    monkeypatch.setenv("MESH_PASSWORD", "hunter3")
    assert "hunter" not in f"{load(WHOLE)!r} {load(WHOLE)}"


def test_a_bom_and_windows_line_ends_are_fine(load: Load) -> None:
    assert load("\ufeff[limits]\r\nrule_seconds = 7\r\n").limits.rule_seconds == 7


def test_all_problems_come_in_one_report_each_with_its_line(load: Load, home: Home) -> None:
    said = refusal(load, '[limits]\nrule_secons = 3\nrule_memory_mb = "big"\n\n[source]\n[sources.a]\ntype = "mysql"\n')
    file = home.settings_file
    assert f"{file}:2:1: unknown setting 'limits.rule_secons'\n  → did you mean 'rule_seconds'?" in said
    assert f"{file}:3:1: rule_memory_mb: this must be a whole number from 64 to 1048576" in said
    assert f"{file}:5:2: unknown setting 'source'\n  → did you mean 'sources'?" in said
    assert f'{file}:7:1: a source needs a type: "postgres" or "files"' in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[limits]\nrule_seconds = true", "whole number"),
        ("[limits]\nrule_seconds = 0", "whole number from 1"),
        ("[limits]\nrule_seconds = 1.5", "whole number"),
        ("limits = 3", "limits must be a table, not a number"),
        ('sources = ["a"]', "sources must be a table, not a list"),
        ('[sources.a]\ntype = "postgres"', "needs uri"),
        ('[sources.a]\ntype = "files"', "needs path"),
        ('[sources.a]\ntype = "files"\npath = 1979-05-27', "not a date or time"),
        ('[sources.a]\ntype = "files"\npath = "x"\ndelimiter = ";;"', "one ASCII character"),
        ('[sources.a]\ntype = "files"\npath = "x"\nnulls = "NULL"', "list of texts"),
        ('[sources.a]\ntype = "files"\npath = "${x-1}"', "${NAME}"),
        ('[sources.a]\ntype = "files"\nuri = "x"\npath = "y"', "unknown setting 'sources.a.uri'"),
        ('[sources."a b"]\ntype = "files"\npath = "x"', "a source's name"),
        ('[sources."\\u202e"]\ntype = "files"\npath = "x"', "a source's name"),
        ("[sources.a]\ntype = 3", "a source needs a type"),
        ("[limits\nrule_seconds = 3", ":1:"),
        ("rule_seconds = " + "9" * 5000, "not TOML"),
        ("a = " + "[" * 50_000, "not TOML"),
        ("a = 1\na = 2", "not TOML"),
        ("# " + "x" * 1_000_001, "at most 1000000 bytes"),
    ],
)
def test_what_is_wrong_is_said(load: Load, text: str, said: str) -> None:
    started = time.process_time()
    assert said in refusal(load, text)
    assert time.process_time() - started < 5


def test_a_password_written_out_is_refused_with_how_to_mend_it_and_not_repeated(load: Load, home: Home) -> None:
    said = refusal(load, '[sources.shop]\ntype = "postgres"\nuri = "postgresql://reader:hunter2@db/shop"')
    assert f"{home.settings_file}:3:1" in said
    assert "postgresql://reader:${DATABASE_PASSWORD}@" in said
    assert "hunter2" not in said


def test_domains_have_quotas(load: Load) -> None:
    text = '[quotas.sales]\nstored = "1.5 TB"\npublishes = 4\n[quotas.crm]\nstored = "512 MiB"\nquery_seconds = 600\n'
    assert load(text).quotas == {"sales": Quota(1_500_000_000_000, 4), "crm": Quota(512 * 2**20, None, 600)}
    said = refusal(load, '[quotas.sales]\nstored = "much"\npublishes = 0\nrows = 1\n')
    assert 'settings.toml:2:1: stored: this must be a size, such as "100 GB" or "512 MiB"' in said
    assert "settings.toml:3:1: publishes: this must be a whole number from 1 to 10000" in said
    assert "settings.toml:4:1: unknown setting 'quotas.sales.rows'" in said


def test_what_is_not_utf8_is_refused(home: Home) -> None:
    home.settings_file.write_bytes(b'a = "\xe9"')
    with pytest.raises(InvalidSpec, match="not UTF-8"):
        load_settings(home)


def test_a_folder_in_its_place_is_refused(home: Home) -> None:
    home.settings_file.mkdir()
    with pytest.raises(InvalidSpec, match="must be a file"):
        load_settings(home)


def test_a_file_that_cannot_be_read_is_said(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.settings_file.write_text("")

    def denied(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", denied)
    with pytest.raises(StorageFailed, match=r"settings.toml cannot be read: Permission denied"):
        load_settings(home)


def test_an_unknown_source_names_the_nearest(load: Load) -> None:
    with pytest.raises(NotFound, match="did you mean 'shop'"):
        load(WHOLE).find_source("shpo")
    with pytest.raises(NotFound, match=r"\[sources.lake\]"):
        load("").find_source("lake")


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("[]{}.=\"'#\n \tab1limitsrecord$_-"), max_size=80))
def test_any_text_loads_or_is_refused(load: Load, text: str) -> None:
    try:
        assert isinstance(load(text), Settings)
    except InvalidSpec as error:
        assert error.problems
