"""What came of a request with a key, as the record keeps it."""

from __future__ import annotations

from data_platform.errors import DataPlatformError
from data_platform.verbs.wire.errors import encode_error
from data_platform.verbs.wire.form import Json
from data_platform.verbs.wire.messages import encode_answer


def encode_outcome(verb: str, outcome: object) -> Json:
    """An answer of the verb, or an error, as the record keeps it."""
    if isinstance(outcome, DataPlatformError):
        return {"error": encode_error(outcome)}
    return {"answer": encode_answer(verb, outcome)}
