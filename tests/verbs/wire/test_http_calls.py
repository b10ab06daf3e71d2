"""Every request is one HTTP call, which says all of it; a call by hand reads as people expect."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.errors import BadInput
from data_platform.verbs.catalog.search import Search
from data_platform.verbs.core.request import Request
from data_platform.verbs.lifecycle.deprecate import Deprecate
from data_platform.verbs.reading.consume import Consume
from data_platform.verbs.registry import VERBS, load_request
from data_platform.verbs.wire.http_calls import decode_call, encode_call, encode_query, names_in
from tests.verbs.wire.values import is_same, values_of

FAST = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


def read_path(template: str, path: str) -> dict[str, str]:
    """The segments by name, as a server splits them: by the slashes of the encoded path."""
    pairs = zip(template.split("/"), path.split("/"), strict=True)
    return {name.strip("{}"): unquote(segment) for name, segment in pairs if name.startswith("{")}


def send(request: Request[Any], *, is_data_the_body: bool = False) -> Request[Any]:
    """The request as the server reads it."""
    call = encode_call(request)
    verb = VERBS[type(request).__name__]
    assert not {".", "..", ""} & set(call.path.split("/")[1:])
    path = read_path(verb.path, call.path)
    if is_data_the_body:
        return decode_call(verb, path, encode_query(request))
    return decode_call(verb, path, call.query, call.body)


@pytest.mark.parametrize("name", sorted(name for name, verb in VERBS.items() if verb.served))
@FAST
@given(data=st.data())
def test_every_request_is_a_call(name: str, data: st.DataObject) -> None:
    request = data.draw(values_of(load_request(name)))
    try:
        call = encode_call(request)
    except BadInput as error:
        assert error.message.endswith(" is empty")
        return
    assert (call.body is None) == (call.method in ("GET", "DELETE"))
    assert is_same(send(request), request)


@FAST
@given(data=st.data())
def test_a_publish_may_have_its_fields_in_the_query(data: st.DataObject) -> None:
    request = data.draw(values_of(load_request("Publish")).filter(lambda made: made.product))
    assert is_same(send(request, is_data_the_body=True), request)


def test_paths_name_what_they_act_on() -> None:
    call = encode_call(Consume("orders", "orders_fact@2", version=3, columns=["id", "a/b"], purpose="audit"))
    assert call.path == "/products/orders/outputs/orders_fact@2/data"
    assert call.query == (("version", "3"), ("columns", "id"), ("columns", "a/b"), ("purpose", "audit"))
    assert encode_call(Search("späte Bestellungen", pii=False)).query == (
        ("text", "späte Bestellungen"),
        ("pii", "false"),
    )
    assert encode_call(Deprecate("orders", "", "2027-01-01")).path == "/products/orders/outputs/-/deprecation"


def test_every_name_of_a_path_is_a_value_of_its_request() -> None:
    for verb in VERBS.values():
        kind = load_request(verb.request)
        assert all(hasattr(kind, name) or name in kind.__annotations__ for name in names_in(verb))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ([("version", "x")], "$.version must be a whole number, and not text"),
        ([("version", "1"), ("version", "2")], "$.version is there twice"),
        ([("mask", "yes")], "$.mask must be true or false, and not text"),
        (
            [("depth", "1")],
            "$.depth is no field of Consume, which has product, output, version, as_of, columns, mask, purpose",
        ),
        ([("product", "other")], "$.product is in the path"),
        ([("columns", "[1]")], "$.columns[0] must be text, and not a number"),
    ],
)
def test_a_wrong_query_is_bad_input_with_its_place(query: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(BadInput) as caught:
        decode_call(VERBS["Consume"], {"product": "orders", "output": "t"}, query)
    assert caught.value.message == message


def test_a_path_and_a_file_that_disagree_are_refused() -> None:
    text = "name: orders\ndomain: sales\nowner: ana@x\noutputs:\n  - name: t\n"
    body = {"file": {"path": "product.yaml", "text": text, "schemas": {}}}
    with pytest.raises(BadInput, match="the path names the product 'other', and the file 'orders'"):
        decode_call(VERBS["Register"], {"product": "other"}, body=body)
