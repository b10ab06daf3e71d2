"""Every error is a problem that says all of it, with a status of its kind."""

from __future__ import annotations

import pytest

from data_platform import errors
from data_platform.errors import BadInput, DataPlatformError, InvalidSpec, LimitExceeded, NotFound, Problem
from data_platform.quality.verdict import DataQualityError
from data_platform.verbs.wire.problems import decode_problem, encode_problem, status_of

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DataPlatformError)]


@pytest.mark.parametrize("kind", [*KINDS, DataQualityError])
def test_every_kind_has_a_status_that_fits_its_exit_code(kind: type[DataPlatformError]) -> None:
    status = status_of(kind.__new__(kind))
    if kind.exit_code == 1:
        assert status in (403, 409, 422)
    elif issubclass(kind, BadInput):
        assert status in (400, 401, 404, 413, 501)
    else:
        assert status in (409, 429, 500, 503)


def test_a_problem_has_the_standard_members_and_becomes_the_error_again() -> None:
    error = InvalidSpec([Problem("product.yaml", 3, 1, "no such field", "remove it")])
    problem = encode_problem(error)
    assert problem["type"] == "urn:data-platform:problem:invalid-spec"
    assert (problem["title"], problem["status"], problem["exit_code"]) == ("Invalid spec", 400, 2)
    assert problem["problems"][0]["line"] == 3
    again = decode_problem({**problem, "request_id": "r1"})
    assert isinstance(again, InvalidSpec)
    assert (str(again), again.problems) == (str(error), error.problems)


def test_a_hint_and_a_time_to_wait_are_kept() -> None:
    again = decode_problem(encode_problem(LimitExceeded("too many", retry_after=3, hint="wait")))
    assert isinstance(again, LimitExceeded)
    assert (again.retry_after, again.hint) == (3, "wait")
    assert encode_problem(NotFound("no product x"), 410)["status"] == 410


@pytest.mark.parametrize("value", [None, [], {}, {"detail": 1}, {"detail": "x"}, {"detail": "x", "kind": "Exception"}])
def test_json_that_is_no_problem_is_bad_input(value: object) -> None:
    with pytest.raises(BadInput):
        decode_problem(value)
