"""Fields of a request as parameters of a URL's query, and parameters as fields.

Text is itself, numbers and booleans are as in JSON, a list of texts is a repeated parameter, everything else is JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from data_platform.errors import BadInput
from data_platform.verbs.wire.form import ARRAY, BOOLEAN, NULL, NUMBER, OBJECT, TEXT, Form, FormMismatch, Json
from data_platform.verbs.wire.messages import read_json, write_json

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_OPENING = {ARRAY: "[", OBJECT: "{"}


def write_parameters(value: Json) -> list[str]:
    """The parameters of one field, from the JSON of its value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and value and all(isinstance(item, str) and not item.startswith("[") for item in value):
        return list(value)
    return [write_json(value).decode()]


def read_parameters(form: Form, texts: Sequence[str]) -> Json:
    """The JSON of the field's value; raises FormMismatch for a repeated parameter of a field that is no list."""
    if ARRAY in form.kinds and not (len(texts) == 1 and texts[0].startswith("[")):
        return list(texts)
    if len(texts) > 1:
        raise FormMismatch("is there twice")
    return read_text(form, texts[0])


def read_text(form: Form, text: str) -> Json:
    """The JSON that the text means where the form takes it, else the text itself."""
    kinds = form.kinds
    if NUMBER in kinds and _NUMBER.fullmatch(text):
        return _read_number(text)
    if BOOLEAN in kinds and text in ("true", "false"):
        return text == "true"
    if NULL in kinds and text == "null" and not _takes_text(form, text):
        return None
    if any(kind in kinds and text.startswith(opening) for kind, opening in _OPENING.items()):
        return _read_structure(text, is_text_too=TEXT in kinds)
    return text


def _takes_text(form: Form, text: str) -> bool:
    try:
        form.decode(text)
    except FormMismatch:
        return False
    return True


def _read_number(text: str) -> Json:
    """The number; a whole one beyond 2^53 stays text, as it is in JSON."""
    try:
        number = json.loads(text)
    except ValueError:  # more digits than Python reads
        return text
    return text if isinstance(number, int) and abs(number) > 2**53 - 1 else number


def _read_structure(text: str, *, is_text_too: bool) -> Json:
    try:
        return read_json(text.encode())
    except BadInput as error:
        if is_text_too:
            return text
        raise FormMismatch(error.message) from None
