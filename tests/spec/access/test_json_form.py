"""The record stores `access` without loss."""

from __future__ import annotations

import json

from hypothesis import given

from data_platform.spec.access.json_form import restore_access, serialize_access
from data_platform.spec.access.model import AccessSpec
from tests.spec.access import strategies


@given(strategies.accesses)
def test_what_is_stored_is_what_is_restored(access: AccessSpec) -> None:
    restored = restore_access(json.loads(json.dumps(serialize_access(access))))
    assert restored == access
    assert restored.lines == access.lines
    assert [entry.line for entry in restored.readers or ()] == [entry.line for entry in access.readers or ()]
