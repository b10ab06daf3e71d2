"""Every request and every answer has one JSON form, which says all of it; hostile JSON is bad input with its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.errors import BadInput, InvalidSpec
from data_platform.verbs.registry import VERBS, load_request
from data_platform.verbs.wire import messages
from data_platform.verbs.wire.form import Form
from data_platform.verbs.wire.messages import (
    DEEPEST,
    answer_form,
    answer_type,
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
    read_json,
    request_form,
    write_json,
)
from data_platform.verbs.wire.structures import Structure
from tests.hypothesis_lanes import ALL
from tests.verbs.wire.values import ANYTHING, is_same, values_of

REQUESTS = sorted(VERBS)
ANSWERS = REQUESTS
FAST = settings(max_examples=8 if ALL else 3, deadline=None, suppress_health_check=list(HealthCheck))
HOSTILE = [
    b"",
    b"{",
    b"nul",
    b"\xff",
    b'{"a": 1, "a": 2}',
    b"[NaN]",
    b"[-Infinity]",
    b"[1e999]",
    b"[" + b"9" * 5000 + b"]",
    b"[" * 100_000,
    b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
    b'"' + b"x" * 100 + b'"',
]


def load_whole(form: Form, loaded: set[int]) -> None:
    """Makes the form of everything inside; TypeError for a type that has none."""
    if id(form) in loaded:
        return
    loaded.add(id(form))
    inner = [member.form for member in form.members.values()] if isinstance(form, Structure) else []
    for value in vars(form).values():
        inner += [each for each in (value if isinstance(value, list | tuple) else [value]) if isinstance(each, Form)]
        inner += value.values() if isinstance(value, dict) and form.name != "Open" else []
    for each in inner:
        if isinstance(each, Form):
            load_whole(each, loaded)


@pytest.mark.parametrize("name", REQUESTS)
def test_every_verb_has_a_form_for_its_request(name: str) -> None:
    load_whole(request_form(name), set())


@pytest.mark.parametrize("name", ANSWERS)
def test_every_verb_has_a_form_for_its_answer(name: str) -> None:
    load_whole(answer_form(name), set())


def test_a_type_without_a_form_is_an_error() -> None:
    with pytest.raises(TypeError, match="has no JSON form"):
        messages.form_of(Callable[[int], None])
    with pytest.raises(TypeError, match="has no JSON form"):
        load_whole(messages.form_of(Formless), set())


@dataclass(frozen=True, slots=True)
class Formless:
    """Holds what cannot travel."""

    values: tuple[bytearray, ...]


@pytest.mark.parametrize("name", REQUESTS)
@FAST
@given(data=st.data())
def test_a_request_comes_back_as_it_was(name: str, data: st.DataObject) -> None:
    request = data.draw(values_of(load_request(name)))
    written = write_json(encode_request(request))
    again = decode_request(name, read_json(written))
    assert is_same(request, again)
    assert write_json(encode_request(again)) == written


@pytest.mark.parametrize("name", ANSWERS)
@FAST
@given(data=st.data())
def test_an_answer_comes_back_as_it_was(name: str, data: st.DataObject) -> None:
    answer = data.draw(values_of(answer_type(load_request(name))))
    written = write_json(encode_answer(name, answer))
    again = decode_answer(name, read_json(written))
    assert is_same(answer, again)
    assert write_json(encode_answer(name, again)) == written


@pytest.mark.parametrize("name", REQUESTS)
@FAST
@given(data=st.data())
def test_a_request_of_other_json_is_bad_input_or_a_request(name: str, data: st.DataObject) -> None:
    request = json.loads(write_json(encode_request(data.draw(values_of(load_request(name))))))
    request[data.draw(st.sampled_from([*request, "other"]))] = data.draw(JSON)
    try:
        made = decode_request(name, request)
    except BadInput as error:
        assert isinstance(error, InvalidSpec) or error.message.startswith("$")
    else:
        assert type(made) is load_request(name)
        encode_request(made)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(ANYTHING)
def test_a_value_of_any_type_comes_back(value: Any) -> None:
    form = messages.form_of(Any)
    assert is_same(form.decode(read_json(write_json(form.encode(value)))), value)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_bad_input(text: bytes) -> None:
    with pytest.raises(BadInput):
        read_json(text, largest=200_000 if len(text) > 102 else 100)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("Nothing", {}, "there is no verb 'Nothing'"),
        ("Show", [], "$ must be an object, and not an array"),
        ("Show", {}, "$.product Show needs this field"),
        ("Show", {"product": "a", "more": 1}, "$.more is no field of Show, which has product"),
        ("Show", {"product": 1}, "$.product must be text, and not a number"),
        ("Show", {"product": "\ud800"}, "$.product holds half a surrogate pair, which is no character"),
        ("ShowIncident", {"id": True}, "$.id must be a whole number, and not true"),
        ("ShowIncident", {"id": 1.0}, "$.id must be a whole number, and not a number"),
        ("ShowIncident", {"id": 2**53}, "$.id must be text, since it is beyond 2^53, and not a number"),
        ("ShowIncident", {"id": "7"}, "$.id must be a number, since it is below 2^53, and not text"),
        ("AuditLog", {"since": "yesterday"}, "$.since 'yesterday' is no datetime"),
        ("AuditLog", {"since": "2026-02-30T00:00:00Z"}, "$.since '2026-02-30T00:00:00Z' is no datetime"),
        ("Lineage", {"product": "a", "direction": "up"}, "$.direction must be 'both' or 'upstream' or 'downstream'"),
        ("Consume", {"product": "a", "output": "t", "columns": ["a", 1]}, "$.columns[1] must be text"),
        ("Retire", {"product": "a", "output": "t", "days": None}, "$.days must be a whole number, and not null"),
        (
            "Deprecate",
            {"product": "a", "output": "t", "until": {"datetime": "2026-01-01"}},
            "$.until.datetime '2026-01-01' is no datetime",
        ),
        ("Register", {"file": {"path": "p.yaml", "text": "", "schemas": {"a": 1}}}, "$.file.schemas.a must be text"),
        (
            "Publish",
            {"product": "a", "output": "t", "options": {"delimiter": "ab"}},
            "$.options delimiter: this must be one ASCII character",
        ),
    ],
)
def test_bad_input_says_where(name: str, value: Any, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        decode_request(name, value)
    assert refused.value.message.startswith(message)


def test_a_file_is_judged_again_from_its_text() -> None:
    file = {"path": "/etc/product.yaml", "text": "name: x\n", "schemas": {}}
    with pytest.raises(InvalidSpec) as refused:
        decode_request("Register", {"file": file})
    assert refused.value.problems[0].file == "/etc/product.yaml"


def test_a_schema_file_is_read_from_the_request_and_never_from_the_disk() -> None:
    text = "name: x\ndomain: d\nowner: o\noutputs:\n  - name: t\n    schema: ../../etc/passwd.json\n"
    with pytest.raises(InvalidSpec):
        decode_request("Register", {"file": {"path": "/tmp/product.yaml", "text": text, "schemas": {}}})


def test_a_number_that_is_whole_in_json_is_a_float_where_one_is_declared() -> None:
    assert decode_request("Examine", {"seconds": 2}).seconds == 2.0  # type: ignore[attr-defined]


def test_a_field_with_a_default_may_be_absent() -> None:
    assert encode_request(decode_request("Lineage", {"product": "a"})) == {
        "product": "a",
        "depth": 1,
        "output": None,
        "direction": "both",
    }
