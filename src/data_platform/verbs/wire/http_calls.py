"""Requests as HTTP calls, and calls as requests: the one mapping that the server and its clients share.

A field that the verb's path names is in the path. `GET` and `DELETE` have the other fields in the query, other methods
have them in a JSON object. What goes beside a request, its data, is no part of the mapping.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, cast
from urllib.parse import quote

from data_platform.errors import BadInput
from data_platform.verbs.core.request import Request
from data_platform.verbs.registry import VERBS, load_request
from data_platform.verbs.verb import Verb
from data_platform.verbs.wire.form import Form, FormMismatch, Json
from data_platform.verbs.wire.messages import decode_request, encode_request, request_form
from data_platform.verbs.wire.query import read_parameters, read_text, write_parameters
from data_platform.verbs.wire.scalars import SCALARS
from data_platform.verbs.wire.structures import Structure

PREFIX = "/api/v1"
"""What precedes the path of every verb."""
ONLY_OUTPUT = "-"
"""In a path: the product's only output, whose name the request leaves out."""
_QUERIED = frozenset(["GET", "DELETE"])
_NAMED = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One call: `path` is percent-encoded and follows PREFIX, `body` is None where the fields are in the query."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Json = None


def encode_call(request: Request[Any]) -> HttpCall:
    """The call of a request; raises BadInput for a field of another type than it declares, or that no path holds."""
    verb = VERBS[type(request).__name__]
    values = cast("dict[str, Json]", encode_request(request))
    segments = {name: _write_segment(name, values.pop(name, None) or getattr(request, name)) for name in names_in(verb)}
    path = _NAMED.sub(lambda match: segments[match[1]], verb.path)
    if verb.method not in _QUERIED:
        return HttpCall(verb.method, path, body=values)
    return HttpCall(verb.method, path, tuple(_write_query(verb, values)))


def encode_query(request: Request[Any]) -> tuple[tuple[str, str], ...]:
    """The fields that are not in the path as a query: where the body of a call is data."""
    verb = VERBS[type(request).__name__]
    values = cast("dict[str, Json]", encode_request(request))
    return tuple(_write_query(verb, {name: value for name, value in values.items() if name not in names_in(verb)}))


def decode_call(
    verb: Verb, path: Mapping[str, str], query: Sequence[tuple[str, str]] = (), body: Json = None
) -> Request[Any]:
    """The request of a call; `path` has the decoded segments by name.

    Raises BadInput with the place of what is wrong: an unknown or missing field, a wrong type, a field that is there
    twice, a path that names another product than the file. Raises InvalidSpec for the text of a file.
    """
    members = cast("Structure", request_form(verb.request)).members
    forms = {name: member.form for name, member in members.items()}
    try:
        values = dict(_read_path(forms, path))
        for name, value in (*_read_query(forms, query), *_read_body(body)):
            if name in values:
                raise FormMismatch("is there twice" if name not in path else "is in the path").inside(name)
            values[name] = value
    except FormMismatch as mismatch:
        raise BadInput(f"{mismatch.place} {mismatch.message}") from None
    request = decode_request(verb.request, values)
    for name in path.keys() - forms.keys():
        _demand_same(name, path[name], getattr(request, name))
    return request


def names_in(verb: Verb) -> list[str]:
    """The names of the segments of a verb's path."""
    return _NAMED.findall(verb.path)


def _write_segment(name: str, value: Json) -> str:
    text = write_parameters(value)[0]
    if not text and name == "output":
        return ONLY_OUTPUT
    if not text:
        raise BadInput(f"{name} is empty")
    escaped = quote(text, safe="@")
    return escaped.replace(".", "%2E") if not escaped.strip(".") else escaped  # `..` would lead elsewhere


def _write_query(verb: Verb, values: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """The parameters of all fields that do not have their defaults."""
    kind: Any = load_request(verb.request)
    members = cast("Structure", request_form(verb.request)).members
    defaults = {field.name: field.default for field in fields(kind) if field.default is not MISSING}
    for name, value in values.items():
        if name not in defaults or members[name].form.encode(defaults[name]) != value:
            yield from ((name, text) for text in write_parameters(value))


def _read_path(forms: Mapping[str, Form], path: Mapping[str, str]) -> Iterator[tuple[str, Json]]:
    for name, text in path.items():
        if name in forms:
            yield name, "" if name == "output" and text == ONLY_OUTPUT else read_text(forms[name], text)


def _read_query(forms: Mapping[str, Form], query: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Json]]:
    texts: dict[str, list[str]] = {}
    for name, text in query:
        texts.setdefault(name, []).append(text)
    for name, listed in texts.items():
        try:
            yield name, read_parameters(forms.get(name, SCALARS[str]), listed)
        except FormMismatch as mismatch:
            raise mismatch.inside(name) from None


def _read_body(body: Json) -> Iterator[tuple[str, Json]]:
    if body is None:
        return
    if not isinstance(body, dict):
        raise FormMismatch("must be an object")
    yield from body.items()


def _demand_same(name: str, named: str, value: object) -> None:
    if named != value:
        raise BadInput(f"the path names the {name} {named!a}, and the file {value!a}", hint="name the same in both")
