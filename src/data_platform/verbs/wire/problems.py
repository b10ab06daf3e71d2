"""Errors as problem details (RFC 9457), and problem details as errors."""

from __future__ import annotations

import re
from typing import Any, cast

from data_platform import errors
from data_platform.errors import BadInput, DataPlatformError
from data_platform.verbs.wire.errors import decode_error, encode_error
from data_platform.verbs.wire.form import Json

MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:data-platform:problem:"
_STANDARD = frozenset(["type", "title", "status", "detail", "instance", "exit_code", "request_id"])
_STATUSES: dict[type[DataPlatformError], int] = {
    errors.NotAuthenticated: 401,
    errors.AccessDenied: 403,
    errors.NotFound: 404,
    errors.TooLarge: 413,
    errors.LimitExceeded: 429,
    errors.ContractMoved: 409,
    errors.KeyReused: 422,
    errors.KeyInUse: 409,
    errors.AnswerLost: 409,
    errors.OwnershipConflict: 409,
    errors.RunConflict: 409,
    errors.MissingExtra: 501,
    errors.Refused: 422,
    errors.BadInput: 400,
    errors.Unavailable: 503,
    errors.DataPlatformError: 500,
}
"""The status of each kind of error; a kind that is not here has that of its nearest parent."""
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


def status_of(error: DataPlatformError) -> int:
    """The HTTP status of an error."""
    return next(_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES)


def encode_problem(error: DataPlatformError, status: int | None = None) -> dict[str, Json]:
    """The problem of an error: `detail` is its message, the extension members are its hint and its other attributes.

    `exit_code` is that of the CLI. `status` replaces the error's own.
    """
    attributes = cast("dict[str, Json]", encode_error(error))
    kind = attributes["kind"]
    words = _WORDS.sub(" ", kind).lower()
    return {
        "type": _TYPE + words.replace(" ", "-"),
        "title": words.capitalize(),
        "status": status or status_of(error),
        "detail": attributes.pop("message"),
        "exit_code": error.exit_code,
        **attributes,
    }


def decode_problem(value: Json) -> DataPlatformError:
    """The error of a problem, to be raised; raises BadInput for JSON that describes none of ours."""
    if not isinstance(value, dict) or not isinstance(value.get("detail"), str):
        raise BadInput("this is no problem of data-platform")
    attributes: dict[str, Any] = {name: member for name, member in value.items() if name not in _STANDARD}
    return decode_error({**attributes, "message": value["detail"]})
