"""Every error has one JSON form, from which the same error is raised elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform import errors
from data_platform.errors import BadInput, DataPlatformError, StorageFailed
from data_platform.quality.verdict import DataQualityError, Verdict
from data_platform.tables.corruption import MetadataDamaged
from data_platform.verbs.events.outbox import NotDelivered
from data_platform.verbs.wire.errors import decode_error, encode_error
from data_platform.verbs.wire.messages import read_json, write_json
from tests.hypothesis_lanes import examples
from tests.verbs.wire.values import is_same, values_of

TEXT = values_of(str)
HINT = st.fixed_dictionaries({}, optional={"hint": TEXT})
DETAILS: dict[type, st.SearchStrategy[tuple[Any, ...]]] = {
    errors.InvalidSpec: st.tuples(values_of(list[errors.Problem])),
    errors.MissingExtra: st.tuples(TEXT, TEXT),
    errors.SchemaMismatch: st.tuples(TEXT, values_of(list[errors.Mismatch])),
    errors.IncompatibleChange: st.tuples(TEXT, values_of(list[errors.Break])),
    errors.PolicyViolation: st.tuples(TEXT, values_of(list[errors.Violation])),
    DataQualityError: st.tuples(TEXT, values_of(Verdict)),
}
KINDS = [
    kind
    for kind in (*vars(errors).values(), DataQualityError)
    if isinstance(kind, type) and issubclass(kind, DataPlatformError)
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
def test_an_error_comes_back_as_the_same_error(kind: type[DataPlatformError], data: st.DataObject) -> None:
    arguments = data.draw(DETAILS.get(kind, st.tuples(TEXT)))
    hint = {} if kind in DETAILS else data.draw(HINT)
    error = kind(*arguments, **hint)
    again = decode_error(read_json(write_json(encode_error(error))))
    assert type(again) is kind
    assert is_same(vars(again), vars(error))
    assert (str(again), again.args, again.exit_code) == (str(error), error.args, error.exit_code)


def test_an_internal_class_is_sent_as_its_public_parent() -> None:
    damaged = MetadataDamaged.__new__(MetadataDamaged)
    StorageFailed.__init__(damaged, "cut short", hint="repair it")
    again = decode_error(encode_error(damaged))
    assert type(again) is StorageFailed
    assert str(again) == "cut short\n  → repair it"
    assert encode_error(NotDelivered("later"))["kind"] == "Unavailable"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "must be an object"),
        ({}, "kind"),
        ({"kind": ["BadInput"]}, "kind"),
        ({"kind": "SystemExit", "message": "x", "hint": None}, "kind"),
        ({"kind": "BadInput", "message": "x"}, "hint BadInput needs this field"),
        ({"kind": "BadInput", "message": "x", "hint": None, "args": []}, "args BadInput has no such field"),
        ({"kind": "BadInput", "message": 1, "hint": None}, "message"),
        ({"kind": "MissingExtra", "message": "x", "hint": None, "extra": None}, "extra"),
    ],
)
def test_json_that_describes_no_error_is_bad_input(value: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        decode_error(value)
