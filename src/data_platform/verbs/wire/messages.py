"""Requests and answers as JSON, and JSON as text."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, get_args

from data_platform.errors import BadInput
from data_platform.verbs.core.request import Request
from data_platform.verbs.registry import VERBS, load_request
from data_platform.verbs.wire.form import Form, FormMismatch, Json
from data_platform.verbs.wire.generate import form_of

LARGEST = 16 * 1024 * 1024
"""Bytes of one request or answer; data is beside it."""
DEEPEST = 160
"""Arrays and objects inside each other: the deepest answer, a lineage of 50 steps, has fewer."""


def request_form(name: str) -> Form:
    """The form of a verb's request."""
    return form_of(load_request(name))


def answer_form(name: str) -> Form:
    """The form of what a verb answers."""
    return form_of(answer_type(load_request(name)))


def answer_type(request: type) -> Any:
    """What requests of that class are answered by: X of `Request[X]`."""
    for base in getattr(request, "__orig_bases__", ()):
        if getattr(base, "__origin__", None) is Request:
            return get_args(base)[0]
    raise TypeError(f"{request.__name__} does not say what answers it: Request[ANSWER]")


def encode_request(request: Request[Any]) -> Json:
    """The request as JSON; raises BadInput for a field that holds another type than it declares."""
    return _encode(request_form(type(request).__name__), request)


def decode_request(name: str, value: Json) -> Request[Any]:
    """The request of that verb; raises BadInput with the place of what is wrong, and InvalidSpec for a file's text."""
    if name not in VERBS:
        raise BadInput(f"there is no verb {name[:60]!a}")
    request: Request[Any] = _decode(request_form(name), value)
    return request


def encode_answer(name: str, answer: Any) -> Json:
    """A verb's answer as JSON."""
    return _encode(answer_form(name), answer)


def decode_answer(name: str, value: Json) -> Any:
    """The answer; raises BadInput with the place of what is wrong."""
    return _decode(answer_form(name), value)


def write_json(value: Json) -> bytes:
    """JSON as UTF-8, without spaces."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def read_json(text: bytes, largest: int = LARGEST) -> Json:
    """The JSON of a text in UTF-8.

    Raises BadInput for more than `largest` bytes, more than DEEPEST levels, a key that is there twice, and a number
    that no float holds.
    """
    if len(text) > largest:
        raise BadInput(f"the JSON has {len(text):,} bytes; at most {largest:,} are read")
    try:
        value = json.loads(
            text.decode(), object_pairs_hook=_make_object, parse_float=_parse_float, parse_constant=_refuse_constant
        )
    except FormMismatch as mismatch:
        raise BadInput(f"the JSON {mismatch.message}") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise BadInput(f"this is no JSON: {error}") from None
    _check_depth(value)
    return value


def _encode(form: Form, value: Any) -> Json:
    try:
        return form.encode(value)
    except FormMismatch as mismatch:
        raise BadInput(f"{mismatch.place} {mismatch.message}") from None


def _decode(form: Form, value: Json) -> Any:
    _check_depth(value)
    try:
        return form.decode(value)
    except FormMismatch as mismatch:
        raise BadInput(f"{mismatch.place} {mismatch.message}") from None


def _check_depth(value: Json) -> None:
    level, depth = [value], 0
    while level:
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        depth += 1
        if depth > DEEPEST:
            raise _too_deep()


def _too_deep() -> BadInput:
    return BadInput(f"the JSON has more than {DEEPEST} arrays and objects inside each other")


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise FormMismatch(f"has the key {twice[:60]!a} twice in one object")
    return made


def _parse_float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise FormMismatch(f"has a number that is too large: {text[:40]}")
    return number


def _refuse_constant(text: str) -> Any:
    raise FormMismatch(f"has {text}, which is no number of JSON; write it as text")
