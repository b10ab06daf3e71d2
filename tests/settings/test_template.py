"""Secrets are looked up when they are used, and shown nowhere."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import BadInput
from data_platform.settings import Template
from data_platform.settings.template import find_malformed_reference, find_uri_problem

URI = Template("postgresql://reader:${SHOP_PASSWORD}@db:5432/shop", "source 'shop'")
PASSWORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


def test_variables_are_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", "1")
    monkeypatch.setenv("B_2", "${A}")
    assert Template("x${A}-${B_2}$", "t").resolve() == "x1-${A}$"


def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_PASSWORD", raising=False)
    with pytest.raises(BadInput, match=r"source 'shop' needs the environment variable SHOP_PASSWORD"):
        URI.resolve_uri()


@given(PASSWORDS)
def test_any_password_survives_in_a_uri_and_cannot_move_the_host(password: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOP_PASSWORD", password)
        parts = urlsplit(URI.resolve_uri())
    assert (parts.hostname, parts.port, parts.path) == ("db", 5432, "/shop")
    assert unquote(parts.password or "") == password


def test_one_variable_may_be_the_whole_uri(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a:p%40ss@db/shop")
    assert Template("${DATABASE_URL}", "t").resolve_uri() == "postgresql://a:p%40ss@db/shop"


@pytest.mark.parametrize(
    "value",
    [
        "s3cret",
        "host=db password=s3cret",
        "postgresql://a:s3@cret@db/x",
        "postgresql://a:s3%cret@db",
        "pg://db:s3cret/x",
    ],
)
def test_a_variable_that_is_no_uri_is_refused_without_its_value(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", value)
    with pytest.raises(BadInput) as refusal:
        Template("${DATABASE_URL}", "source 'shop'").resolve_uri()
    assert "${DATABASE_URL}" in str(refusal.value)
    assert "s3" not in str(refusal.value)


def test_neither_repr_nor_str_show_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2")
    assert URI.resolve_uri().count("hunter2") == 1
    assert "hunter2" not in f"{URI} {URI!r}"


@given(PASSWORDS.filter(lambda text: len(text) > 3 and text not in "the password of ${SHOP_PASSWORD} is or "))
def test_an_outside_error_is_scrubbed_of_every_shape_of_a_secret(password: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOP_PASSWORD", password)
        scrubbed = URI.redact(f"the password of {URI.resolve_uri()} is {password}")
    assert scrubbed.endswith("is ${SHOP_PASSWORD}")
    assert "reader:${SHOP_PASSWORD}@db" in scrubbed


def test_the_password_inside_a_uri_variable_is_scrubbed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a:hunter2@db/shop")
    assert "hunter2" not in Template("${DATABASE_URL}", "t").redact('login with "hunter2" failed')


@pytest.mark.parametrize(
    "uri",
    [
        "postgresql://a:hunter2@db",
        "postgresql://a:x${B}@db",
        "postgresql://db?password=hunter2",
        "pg://a@db?sslpassword=h",
    ],
)
def test_a_password_written_out_is_noticed_and_not_repeated(uri: str) -> None:
    mend = find_uri_problem(uri)
    assert mend is not None
    assert "${DATABASE_PASSWORD}" in mend
    assert "hunter2" not in mend


@pytest.mark.parametrize(
    "uri",
    [
        "postgresql:///shop?host=/run/postgresql",
        "postgresql://${USER}:${B}@${HOST}:${PORT}/${NAME}",
        "postgresql://[::1]:5432/x",
        "postgresql://a@db/x?passfile=/etc/pgpass&sslmode=require",
        "sqlite:////mnt/a b/@home#1/record.db",
        "postgresql://db/x",
        "postgresql://a@db",
        "postgresql://a:${B}@db",
        "${URL}",
        "pg://db?password=${P}",
        "sqlite:///x",
    ],
)
def test_a_uri_without_one_is_fine(uri: str) -> None:
    assert find_uri_problem(uri) is None


@pytest.mark.parametrize("text", ["${}", "${A-b}", "${A", "x${1}"])
def test_a_malformed_reference_is_noticed(text: str) -> None:
    assert find_malformed_reference(text) == "write a variable as ${NAME}"


@pytest.mark.parametrize(
    "uri",
    [
        "postgres://u:a/b#HUNTER2@127.0.0.1/m",
        "host=127.0.0.1 password=HUNTER2 dbname=m",
        "postgresql:u:HUNTER2",
        "postgresql:/u:HUNTER2@db/m",
        "//u:HUNTER2@db/m",
        "postgresql://u:HUNTER2/@db/m",
        "postgresql://u:HUNTER2?@db/m",
        "postgresql://u:HUNTER2#x@db/m",
        "postgresql://u:x@HUNTER2@db/m",
        "postgresql://u:HUN%TER2@db/m",
        "postgresql://u:HUNTER2\\@db/m",
        "postgresql://u:HUNTER2 @db/m",
        "postgresql://db:HUNTER2/m",
        "postgresql://[HUNTER2/m",
        "postgresql://db/m?pwd=HUNTER2",
        "postgresql://db/m?sslpassword=HUNTER2",
        "postgresql://db/m?access_token=HUNTER2",
        "postgresql://u:HUNTER2${B}@db/m",
        "HUNTER2",
    ],
)
def test_no_part_of_a_malformed_uri_is_repeated(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("B", "b")
    problem = find_uri_problem(uri)
    assert problem is not None
    template = Template(uri, "the record")
    try:
        answer = template.resolve_uri()
    except BadInput as refusal:
        answer = str(refusal)
    else:
        assert problem.startswith("this contains a password")
        answer = ""
    assert "HUNTER2" not in f"{problem} {answer} {template!r} {template.display} {template}"


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    st.sampled_from(["postgresql://u:{}@db/x", "{}", "x:{}"]),
)
def test_what_is_refused_is_never_shown(secret: str, form: str) -> None:
    uri = form.format(f"Zq{secret}qZ")
    problem = find_uri_problem(uri)
    if problem is not None:
        assert "Zq" not in problem + Template(uri, "t").display + repr(Template(uri, "t"))


def test_the_parameters_of_a_variable_are_scrubbed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a:hun%2Fter@db/shop?sslpassword=hunter3")
    scrubbed = Template("${DATABASE_URL}", "t").redact('"hunter3", "hun/ter" and "hun%2Fter" failed')
    assert scrubbed.count("${DATABASE_URL}") == 3
    assert "hun" not in scrubbed
