"""The URL of a server."""

from __future__ import annotations

import pytest

from data_platform.client.address import parse_address
from data_platform.errors import BadInput


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://mesh.example.com", "https://mesh.example.com"),
        ("https://mesh.example.com:443/", "https://mesh.example.com"),
        (" http://localhost:8321 ", "http://localhost:8321"),
        ("HTTPS://Mesh.Example.com/team/", "https://mesh.example.com/team"),
        ("http://[::1]:9", "http://[::1]:9"),
    ],
)
def test_an_address_has_one_form(url: str, shown: str) -> None:
    assert str(parse_address(url)) == shown


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "is empty"),
        ("mesh.example.com", "begins with neither"),
        ("localhost:8321", "begins with neither"),
        ("ftp://mesh", "begins with neither"),
        ("http://", "names no host"),
        ("http://:80", "names no host"),
        ("http://a b", "names no host"),
        ("http://a:99999", "is no URL"),
        ("http://[::1", "is no URL"),
        ("http://a?x=1", "more than an address"),
        ("http://a/#x", "more than an address"),
        ("http://a/../b", "more than an address"),
        ("http://a/api/v1", "ends with /api/v1"),
        ("http://a/api/v1/", "ends with /api/v1"),
        (5, "must be text"),
    ],
)
def test_what_is_no_url_of_a_server_is_refused(url: str, problem: str) -> None:
    with pytest.raises(BadInput, match=problem) as failure:
        parse_address(url, "DATA_PLATFORM_URL")
    assert failure.value.message.startswith("DATA_PLATFORM_URL")


def test_a_password_in_it_is_refused_and_not_repeated() -> None:
    for url in ("https://ana:secret@mesh", "https://secret@mesh", "https://ana:secret@mesh:x"):
        with pytest.raises(BadInput) as failure:
            parse_address(url)
        assert "secret" not in str(failure.value)


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("https://mesh", True),
        ("http://127.0.0.1:1", True),
        ("http://127.9.9.9", True),
        ("http://localhost", True),
        ("http://[::1]", True),
        ("http://10.0.0.1", False),
        ("http://localhost.example.com", False),
        ("http://0.0.0.0", False),
    ],
)
def test_only_tls_and_this_machine_are_private(url: str, private: bool) -> None:
    assert parse_address(url).is_private is private
