"""The OpenAPI 3.1 document, made of the list of verbs and the JSON forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast

from data_platform.installing import VERSION
from data_platform.server.bodies.documents import JSON, YAML, find_file_field
from data_platform.server.bodies.multipart import MULTIPART
from data_platform.server.bodies.uploads import UPLOADS
from data_platform.server.documents.examples import PRODUCT, make_example
from data_platform.server.limits.conditions import REVISED
from data_platform.server.operations import DATA_VERB, EXTRA, LATEST, VERSION_DATA, list_operations
from data_platform.server.rows.media_types import ARROW, CSV, EVENTS, JSON_LINES, PARQUET
from data_platform.verbs.registry import load_request
from data_platform.verbs.registry.page_orders import PAGE_ORDERS
from data_platform.verbs.results.reading import QueryTicket, ReadTicket
from data_platform.verbs.verb import Verb
from data_platform.verbs.wire.form import ARRAY, TEXT, Form
from data_platform.verbs.wire.http_calls import PREFIX, names_in
from data_platform.verbs.wire.json_schema import Schema, SchemaWriter
from data_platform.verbs.wire.messages import answer_form, answer_type, request_form, write_json
from data_platform.verbs.wire.paging import LARGEST_PAGE
from data_platform.verbs.wire.problems import MEDIA_TYPE
from data_platform.verbs.wire.structures import Structure

_BINARY: Schema = {}
_ROWS = (JSON_LINES, ARROW, CSV, PARQUET)
_REPORTING = frozenset([DATA_VERB, "VerifyAudit"])
_PROBLEM: Schema = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "kind": {"type": "string", "description": "the class of the error"},
        "hint": {"type": ["string", "null"]},
        "exit_code": {"enum": [1, 2], "description": "that of the command line: 1 refused, 2 wrong or unavailable"},
        "request_id": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail", "kind", "exit_code", "request_id"],
}


@cache
def write_document() -> bytes:
    """The document as JSON."""
    return write_json(build_document())


def build_document() -> dict[str, Any]:
    """The document: a path for each route of a verb."""
    writer = SchemaWriter("#/components/schemas/")
    paths = {
        PREFIX + path: {method.lower(): _describe(writer, verb, path) for method, verb in methods.items()}
        for path, methods in sorted(list_operations().items())
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "data-platform", "version": VERSION, "summary": "The verbs of a data mesh."},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {**writer.definitions, "Problem": _PROBLEM},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _describe(writer: SchemaWriter, verb: Verb, path: str) -> dict[str, Any]:
    kind = load_request(verb.request)
    operation: dict[str, Any] = {
        "operationId": verb.request if path == verb.path else EXTRA[verb.method, path][1],
        "summary": (kind.__doc__ or verb.request).strip().partition("\n")[0],
        "tags": [path.split("/")[1]],
        "parameters": [*_describe_parameters(writer, verb, path), *_describe_headers(verb)],
        "responses": _describe_responses(writer, verb, kind),
    }
    if verb.request == DATA_VERB:
        operation["requestBody"] = _describe_upload(writer, verb)
    elif verb.method not in ("GET", "DELETE"):
        operation["requestBody"] = _describe_body(writer, verb)
    return operation


def _list_fields(verb: Verb) -> Mapping[str, Any]:
    return cast("Structure", request_form(verb.request)).members


def _describe_parameters(writer: SchemaWriter, verb: Verb, path: str) -> Iterator[dict[str, Any]]:
    fields = _list_fields(verb)
    in_path = [segment.strip("{}") for segment in path.split("/") if segment.startswith("{")]
    for name in in_path:
        schema = writer.describe(fields[name].form) if name in fields else {"type": "string"}
        form = fields[name].form.name if name in fields else "str"
        example = make_example(verb.request, name, form)
        if path == VERSION_DATA and name == "version":
            schema, example = {"anyOf": [{"type": "integer", "minimum": 1}, {"const": LATEST}]}, LATEST
        yield {"name": name, "in": "path", "required": True, "schema": schema, "example": example}
    if verb.method not in ("GET", "DELETE") and verb.request != DATA_VERB:
        return
    for name, member in fields.items():
        if name in in_path:
            continue
        parameter = {"name": name, "in": "query", "required": member.required, **_describe_query(writer, member.form)}
        example = make_example(verb.request, name, member.form.name) if member.required else None
        yield {**parameter, "example": example} if example is not None else parameter
    yield from _describe_paging(verb, fields)


def _describe_headers(verb: Verb) -> Iterator[dict[str, Any]]:
    """The headers that make a write one that may be sent again, or that depends on a revision."""
    if verb.writes:
        key: Schema = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}
        yield {"name": "Idempotency-Key", "in": "header", "required": False, "schema": key}
    if verb.request in REVISED:
        yield {"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"}}


def _describe_paging(verb: Verb, fields: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The parameters of a list, whose header Link names the next page."""
    if verb.request in PAGE_ORDERS:
        if "limit" not in fields:
            size: Schema = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE}
            yield {"name": "limit", "in": "query", "required": False, "schema": size}
        yield {"name": "cursor", "in": "query", "required": False, "schema": {"type": "string"}}


def _describe_query(writer: SchemaWriter, form: Form) -> dict[str, Any]:
    """Text as itself, lists as repeated parameters, everything else as JSON."""
    schema = writer.describe(form)
    if form.kinds & {ARRAY} and TEXT not in form.kinds:
        return {"schema": schema, "style": "form", "explode": True}
    if form.kinds <= {TEXT, "number", "boolean", "null"}:
        return {"schema": schema}
    return {"content": {JSON: {"schema": schema}}}


def _describe_body(writer: SchemaWriter, verb: Verb) -> dict[str, Any]:
    fields = {name: member for name, member in _list_fields(verb).items() if name not in names_in(verb)}
    required = [name for name, member in fields.items() if member.required]
    example = {name: make_example(verb.request, name, fields[name].form.name) for name in required}
    content: dict[str, Any] = {JSON: {"schema": writer.describe_fields(fields), "example": example}}
    file = find_file_field(verb)
    if file is not None and fields[file].form.name == "ProductFile":
        text = PRODUCT.replace("  schema: orders.json\n", "")
        content[YAML] = {"schema": {"type": "string"}, "example": text}
    return {"required": bool(required), "content": content}


def _describe_upload(writer: SchemaWriter, verb: Verb) -> dict[str, Any]:
    fields = {name: member for name, member in _list_fields(verb).items() if name not in names_in(verb)}
    content: dict[str, Any] = {media_type: {"schema": _BINARY} for media_type in UPLOADS}
    content[CSV] = {"schema": {"type": "string"}, "example": "order_id,total\n1,9.5\n"}
    properties = {"request": writer.describe_fields(fields), "data": _BINARY}
    form: Schema = {"type": "object", "properties": properties, "required": ["data"]}
    content[MULTIPART] = {"schema": form}
    return {"required": True, "content": content}


def _describe_responses(writer: SchemaWriter, verb: Verb, kind: type) -> dict[str, Any]:
    answered = answer_type(kind)
    content: dict[str, Any] = {}
    if answered in (ReadTicket, QueryTicket):
        content = {media_type: {"schema": _BINARY} for media_type in _ROWS}
    if answered is not QueryTicket:
        content[JSON] = {"schema": writer.describe(answer_form(verb.request))}
    if verb.request in _REPORTING:
        content[EVENTS] = {"schema": {"type": "string"}}
    problem = {
        "description": "What is wrong.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    same = {"304": {"description": "The caller has this answer."}} if verb.method == "GET" and JSON in content else {}
    return {"200": {"description": "The answer.", "content": content}, **same, "4XX": problem, "5XX": problem}
