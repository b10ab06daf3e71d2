"""Problems as responses: everything that goes wrong is `application/problem+json` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from data_platform.errors import BadInput, DataPlatformError, LimitExceeded, NotAuthenticated, Unavailable
from data_platform.verbs.wire.form import Json
from data_platform.verbs.wire.messages import write_json
from data_platform.verbs.wire.problems import MEDIA_TYPE, encode_problem, status_of

_RETRY_SECONDS = 5


class HttpProblem(Exception):
    """An error with a status or headers that it does not have in general: a wrong method, a body that is too slow."""

    def __init__(self, status: int, message: str, *, hint: str | None = None, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.error: DataPlatformError = BadInput(message, hint=hint)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def read_problem(error: Exception, request_id: str) -> tuple[int, dict[str, str], DataPlatformError]:
    """The status, the headers and the cause of an error; what is no error of ours becomes an internal one."""
    headers: dict[str, str] = {}
    status = None
    if isinstance(error, HttpProblem):
        status, headers, error = error.status, error.headers, error.error
    if not isinstance(error, DataPlatformError):
        error = make_internal_error(request_id)
    status = status or status_of(error)
    return status, {**headers, **_make_headers(error, status)}, error


def describe_problem(error: Exception, request_id: str) -> tuple[int, dict[str, str], dict[str, Json]]:
    """The status, the headers and the JSON of an error."""
    status, headers, cause = read_problem(error, request_id)
    return status, headers, {**encode_problem(cause, status), "request_id": request_id}


def make_internal_error(request_id: str) -> DataPlatformError:
    """What a caller sees of an error that is a bug: nothing of it, and where to find it."""
    return DataPlatformError(
        "the server failed unexpectedly", hint=f"its log has the reason under the request id {request_id}"
    )


def reply_problem(error: Exception, request_id: str) -> Response:
    """The response for an error."""
    status, headers, problem = describe_problem(error, request_id)
    return Response(write_json(problem), status, headers, MEDIA_TYPE)


def _make_headers(error: DataPlatformError, status: int) -> Mapping[str, str]:
    if isinstance(error, NotAuthenticated):
        return {"WWW-Authenticate": "Bearer"}
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        return {"Retry-After": str(retry_after)}
    if isinstance(error, LimitExceeded) or (isinstance(error, Unavailable) and status == 503):
        return {"Retry-After": str(_RETRY_SECONDS)}
    return {}
