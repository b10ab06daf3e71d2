"""An output overrides its product field by field."""

from __future__ import annotations

from hypothesis import given

from data_platform.spec.access.model import (
    FIELDS,
    NOTHING_DECLARED,
    AccessSpec,
    Visibility,
    list_declared,
    override_access,
)
from tests.spec.access import strategies


@given(strategies.accesses, strategies.accesses)
def test_each_field_is_the_output_s_where_it_declares_one(product: AccessSpec, output: AccessSpec) -> None:
    combined = override_access(product, output)
    for name in FIELDS:
        declared = name in list_declared(output)
        assert getattr(combined, name) == getattr(output if declared else product, name)


def test_nothing_declared_is_internal_and_discoverable() -> None:
    assert NOTHING_DECLARED.effective_visibility is Visibility.INTERNAL
    assert NOTHING_DECLARED.is_discoverable


def test_an_output_may_declare_that_it_has_no_readers() -> None:
    product = AccessSpec(readers=())
    assert override_access(product, AccessSpec(readers=())).readers == ()
    assert override_access(product, AccessSpec()).readers == ()
