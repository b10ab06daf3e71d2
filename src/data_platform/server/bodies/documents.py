"""Requests in JSON, and files in YAML as they lie in a repository."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

from starlette.datastructures import Headers

from data_platform.errors import BadInput
from data_platform.server.bodies.incoming import IncomingBody, check_length
from data_platform.server.bodies.multipart import MULTIPART, read_parts
from data_platform.server.bodies.unpacking import DOCUMENT_CODINGS, IDENTITY, read_coding, unpack_document
from data_platform.server.problem_replies import HttpProblem
from data_platform.verbs.verb import Verb
from data_platform.verbs.wire.files import FileText
from data_platform.verbs.wire.form import Json
from data_platform.verbs.wire.messages import LARGEST, read_json, request_form
from data_platform.verbs.wire.structures import Structure

JSON = "application/json"
YAML = "application/yaml"
_EVENTS_VERB = "ReceiveLineage"
_YAML_TYPES = frozenset([YAML, "application/x-yaml", "text/yaml", "text/x-yaml"])


async def read_document(verb: Verb, headers: Headers, body: IncomingBody) -> Json:
    """The fields in the body; None without one. Raises HttpProblem for another media type, TooLarge, BadInput."""
    check_length(headers, LARGEST)
    media_type = media_type_of(headers)
    is_packed = read_coding(headers, DOCUMENT_CODINGS) != IDENTITY
    content = await (unpack_document(aiter(body), LARGEST) if is_packed else body.read(LARGEST))
    if not content:
        return {}
    if media_type == JSON:
        document = read_json(content)
        return _wrap_events(document) if verb.request == _EVENTS_VERB else document
    file = find_file_field(verb)
    if media_type in _YAML_TYPES and file is not None:
        return {file: _make_file(verb, file, content)}
    if media_type == MULTIPART and file is not None:
        return {file: _make_file(verb, file, *_split_files(content, headers["content-type"], file))}
    accepted = f"{JSON}, {YAML} or {MULTIPART}" if file else JSON
    raise HttpProblem(415, f"the body must be {accepted}, not {media_type[:100] or 'of no type'!a}")


def _wrap_events(document: Json) -> Json:
    """OpenLineage's clients send an event, or a list of them."""
    if isinstance(document, dict) and document.keys() == {"events"}:
        return document
    return {"events": document if isinstance(document, list) else [document]}


def media_type_of(headers: Headers) -> str:
    """The media type of the body, without its parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def find_file_field(verb: Verb) -> str | None:
    """The field of a request that is the text of a file; None without one."""
    members = cast("Structure", request_form(verb.request)).members
    return next((name for name, member in members.items() if isinstance(member.form, FileText)), None)


def _make_file(verb: Verb, field: str, content: bytes, others: Mapping[str, bytes] = MappingProxyType({})) -> Json:
    form = cast("Structure", request_form(verb.request)).members[field].form
    text = _decode(content)
    if form.name == "ProductFile":
        schemas = {name: _decode(schema) for name, schema in others.items()}
        return {"path": "product.yaml", "text": text, "schemas": schemas}
    return {"origin": "policies.yaml", "text": text}


def _split_files(content: bytes, content_type: str, field: str) -> tuple[bytes, dict[str, bytes]]:
    """The file in the part of the field's name, and the schema files in the others, by their file names."""
    file, others = None, {}
    for part in read_parts(iter([content]), content_type):
        data = b"".join(part.chunks)
        if part.name == field:
            file = data
        elif part.file is not None:
            others[part.file] = data
    if file is None:
        raise BadInput(f"the form has no part `{field}` with the file", hint=f"curl -F {field}=@product.yaml")
    return file, others


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HttpProblem(400, f"the file is no UTF-8: byte {error.start}") from None
