"""An attempt to sign in: state, nonce and PKCE belong to one browser, and the way back stays on this server."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import BadInput, NotAuthenticated
from data_platform.server.signin.oidc.attempt import SignInAttempt, check_next
from tests.server.signin.provider import CALLBACK, ISSUER, FakeProvider


def test_the_request_has_state_nonce_and_an_s256_challenge() -> None:
    attempt = SignInAttempt.begin("/")
    url = attempt.make_authorization_url(FakeProvider().open(), CALLBACK)
    query = parse_qs(urlsplit(url).query)
    assert url.startswith(f"{ISSUER}/authorize?")
    assert query["redirect_uri"] == [CALLBACK]
    assert query["response_type"] == ["code"]
    assert query["scope"] == ["openid email profile"]
    assert query["code_challenge_method"] == ["S256"]
    secrets = [query["state"][0], query["nonce"][0], query["code_challenge"][0], attempt.verifier, attempt.secret]
    assert len(set(secrets)) == 5
    assert all(len(secret) == 43 for secret in secrets)
    assert attempt.verifier not in url
    assert attempt.secret not in url


def test_an_attempt_survives_its_cookie_in_another_process() -> None:
    attempt = SignInAttempt.begin("/products?page=2&q=a;b")
    assert SignInAttempt.of_cookie(attempt.cookie) == attempt
    assert not set(attempt.cookie) & set('";, \\')


@pytest.mark.parametrize("cookie", [None, "", "short.%2F", "a" * 43, "a" * 43 + ".", "a" * 43 + ".%2F;x=1"])
def test_a_browser_without_an_attempt_is_refused(cookie: str | None) -> None:
    with pytest.raises(NotAuthenticated, match="has not begun to sign in"):
        SignInAttempt.of_cookie(cookie)


def test_wrong_state_is_refused() -> None:
    provider = FakeProvider().open()
    victim, attacker = SignInAttempt.begin("/"), SignInAttempt.begin("/")
    for state in (attacker.state, "", victim.state[:-1], "é"):
        with pytest.raises(NotAuthenticated, match="another attempt"):
            victim.read_code(provider, {"code": "c", "state": state, "iss": ISSUER})


def test_an_answer_of_another_provider_is_refused() -> None:
    attempt = SignInAttempt.begin("/")
    answer = {"code": "c", "state": attempt.state}
    with pytest.raises(NotAuthenticated, match="another provider"):
        attempt.read_code(FakeProvider().open(), {**answer, "iss": "https://id.evil.example"})
    names_itself = FakeProvider(metadata={"authorization_response_iss_parameter_supported": True}).open()
    with pytest.raises(NotAuthenticated, match="another provider"):
        attempt.read_code(names_itself, answer)
    assert attempt.read_code(FakeProvider().open(), answer) == "c"


def test_a_refusal_of_the_provider_is_reported() -> None:
    attempt = SignInAttempt.begin("/")
    with pytest.raises(NotAuthenticated, match="access_denied"):
        attempt.read_code(FakeProvider().open(), {"error": "access_denied", "state": attempt.state})


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "///evil.example",
        "evil",
        "",
        "javascript:alert(1)",
        "/\r\nLocation: https://evil.example",
        "/\t/evil.example",
        "//[evil",
        "/" + "a" * 2000,
    ],
)
def test_open_redirect_by_next_is_refused(elsewhere: str) -> None:
    with pytest.raises(BadInput, match="next must be a path"):
        SignInAttempt.begin(elsewhere)


@given(st.text(st.sampled_from("/\\.:@ev?#\t\n%2fF"), max_size=12))
def test_a_path_that_is_accepted_stays_on_this_server(path: str) -> None:
    try:
        check_next(path)
    except BadInput:
        return
    # What browsers do: drop tabs and line ends, and read \ as /.
    seen = path.replace("\t", "").replace("\n", "").replace("\\", "/")
    assert seen == path
    assert seen.startswith("/")
    assert not seen.startswith("//")
