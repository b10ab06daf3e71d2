"""The name under which things are recorded."""

from __future__ import annotations

import getpass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import BadInput
from data_platform.settings import Principal, resolve_identity
from data_platform.settings.principal import check_principal_name


def test_the_variable_names_the_user_who_is_local_and_unverified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_PLATFORM_USER", "ana@example.org")
    who = resolve_identity()
    assert (who.name, who.verified, who.local) == ("ana@example.org", False, True)
    assert str(who) == "ana@example.org (unverified)"


@pytest.mark.parametrize("named", [None, ""])
def test_else_it_is_the_login(named: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if named is not None:
        monkeypatch.setenv("DATA_PLATFORM_USER", named)
    monkeypatch.setattr(getpass, "getuser", lambda: "login-name")
    assert resolve_identity().name == "login-name"


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found: 4711"), OSError("No username set")])
def test_a_container_without_an_account_gives_the_user_id(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", nobody)
    monkeypatch.setattr("os.getuid", lambda: 4711)
    assert resolve_identity().name == "uid-4711"


@pytest.mark.parametrize(
    "hostile",
    ["a\x1b[31mb", "a\nb", "ana\u202egro.elpmaxe", "a\u200bb", "a\udce9", " ana", "ana ", "x" * 201, "a\u2028b"],
)
def test_names_with_what_nobody_can_see_are_refused(hostile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.environ", {"DATA_PLATFORM_USER": hostile})
    with pytest.raises(BadInput) as refusal:
        resolve_identity()
    assert refusal.value.message.isascii()


@given(st.text(min_size=1, max_size=50))
def test_a_name_is_printable_or_refused_with_a_printable_word(name: str) -> None:
    try:
        assert check_principal_name(name, "the login", "another").replace("\u3000", " ").strip() == name.replace(
            "\u3000", " "
        )
    except BadInput as refusal:
        assert str(refusal).replace("\n", "").isprintable()


def test_a_principal_is_made_of_a_name_and_has_no_role() -> None:
    who = Principal("ana", local=True)
    assert (who.kind, who.roles, who.teams, who.scope, who.acts_for) == ("person", frozenset(), frozenset(), None, None)


@pytest.mark.parametrize("name", ["", " ana", "a\nb", "x" * 201])
def test_a_name_that_cannot_be_says_what_it_names(name: str) -> None:
    with pytest.raises(BadInput, match="the team is not a valid name"):
        check_principal_name(name, "the team", "another")
