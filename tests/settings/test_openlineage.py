"""[openlineage]: where events go, and what is refused with its line before anything is sent there."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import InvalidSpec
from data_platform.settings import Home, OpenLineage, Settings, init_home, load_settings
from data_platform.settings.openlineage import check_http_url, check_secret, endpoint


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return init_home(tmp_path)


def load(home: Home, text: str) -> Settings:
    home.settings_file.write_text(text, encoding="utf-8")
    return load_settings(home)


def test_without_the_table_nothing_is_sent(home: Home) -> None:
    assert load_settings(home).openlineage is None


def test_everything_that_can_be_said(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_KEY", "hunter2")
    lines = ["[openlineage]", 'url = "https://lineage.example.org:5000/base/"', 'endpoint = "/v2/lineage"']
    found = load(
        home,
        "\n".join([*lines, 'api_key = "${LINEAGE_KEY}"', "timeout_seconds = 3", "reads = false", "contracts = false"]),
    )
    assert found.openlineage is not None
    assert found.openlineage.address == "https://lineage.example.org:5000/base/v2/lineage"
    assert found.openlineage.api_key is not None
    assert found.openlineage.api_key.resolve() == "hunter2"
    assert (found.openlineage.timeout_seconds, found.openlineage.reads, found.openlineage.contracts) == (
        3,
        False,
        False,
    )
    assert "hunter2" not in repr(found)


def test_a_url_is_enough(home: Home) -> None:
    found = load(home, '[openlineage]\nurl = "http://localhost:5000"\n').openlineage
    assert found == OpenLineage("http://localhost:5000")
    assert found.address == "http://localhost:5000/api/v1/lineage"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('url = "localhost:5000"', "http:// or https://"),
        ('url = "htps://localhost"', "http:// or https://"),
        ('url = "file:///etc/passwd"', "http:// or https://"),
        ('url = "http://"', "no host"),
        ('url = "http://localhost:port"', "port is invalid"),
        ('url = "http://[::1"', "port is invalid"),
        ('url = "http://ana:hunter2@host"', "must not contain a user or password"),
        ('url = "http://hunter2@host"', "must not contain a user or password"),
        ('url = "http://host/?api_key=hunter2"', "without ?, # or $"),
        ('url = "http://host/${KEY}"', "without ?, # or $"),
        ('url = "http://host\\r\\nEvil: hunter2"', "must be a URL"),
        ('url = "http://ho st"', "must be a URL"),
        ("url = 5000", "must be a URL"),
        ('url = "http://host"\nendpoint = "../admin"', "a path such as"),
        ('url = "http://host"\nendpoint = "a?b=c"', "a path such as"),
        ('url = "http://host"\napi_key = "hunter2"', "environment variable"),
        ('url = "http://host"\ntimeout_seconds = 0', "1 to 60"),
        ('url = "http://host"\nreads = "no"', "true or false"),
        ('urls = "http://host"', "did you mean 'url'?"),
        ('endpoint = "x"', "needs the url"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line_and_without_its_secret(home: Home, line: str, complaint: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        load(home, f"[openlineage]\n{line}\n")
    assert complaint in str(refused.value)
    assert f"{home.settings_file}:" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_it_must_be_a_table(home: Home) -> None:
    with pytest.raises(InvalidSpec, match=r"settings.toml:1:1: openlineage must be a table"):
        load(home, 'openlineage = "http://host"')


@given(st.text())
def test_any_text_is_judged_without_an_error(text: str) -> None:
    for check in (check_http_url, endpoint, check_secret):
        assert check(text) is None or isinstance(check(text), str)
    if check_http_url(f"http://host/{text}") is None:
        assert not set(text) & set("?#$@\\ \n\r\t") or "@" in text
