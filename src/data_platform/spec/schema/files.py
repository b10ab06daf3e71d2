"""Finds and reads the schema files that product.yaml names."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from data_platform.errors import InvalidSpec
from data_platform.spec.schema.avro import read_avro_schema
from data_platform.spec.schema.document import Format, SchemaDocument
from data_platform.spec.schema.json_schema import read_json_schema
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.text.file import check_text, read_text
from data_platform.spec.text.names import find_nearest, quote_text
from data_platform.spec.text.report import Place, Report

Reader = Callable[[str, str], TableSchema]
"""Makes the table of a text; the name is for errors."""

_READERS: dict[str, tuple[Format, Reader]] = {
    ".json": (Format.JSON_SCHEMA, read_json_schema),
    ".avsc": (Format.AVRO, read_avro_schema),
    ".avro": (Format.AVRO, read_avro_schema),
}


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """What a schema file says: the columns of the table it describes, the document itself, and its text."""

    table: TableSchema
    document: SchemaDocument
    text: str


def read_schema(folder: Path, name: str, place: Place, report: Report) -> SchemaFile | None:
    """The schema in the file `name` of the product's folder; its own problems go into `report` too."""
    path = folder / name
    reader = _find_reader(name, place, report)
    real = _resolve_links(path)
    if reader is None:
        return None
    if real is None:
        report.error(place, f"`schema`: there is no file {quote_text(name)}", _find_nearest_file(folder, path))
    elif not real.is_relative_to(folder.resolve()):
        report.error(
            place, f"`schema` {quote_text(name)} is a link that leaves the product's folder", "copy the file here"
        )
    else:
        return _parse(path, lambda own: read_text(path, own), *reader, report)
    return None


def parse_schema(folder: Path, texts: Mapping[str, str], name: str, place: Place, report: Report) -> SchemaFile | None:
    """The schema in the text of that name; no file is opened, and `folder` is only for errors."""
    path, text = folder / name, texts.get(name)
    reader = _find_reader(name, place, report)
    if reader is not None and text is not None:
        return _parse(path, lambda own: check_text(text, own), *reader, report)
    if reader is not None:
        report.error(place, f"`schema`: the text of {quote_text(name)} is missing", "send it with the product.yaml")
    return None


def _find_reader(name: str, place: Place, report: Report) -> tuple[Format, Reader] | None:
    reader = _READERS.get(PurePosixPath(name).suffix.lower())
    if reader is None:
        hint = "name a .json (JSON Schema) or .avsc (Avro) file"
        report.error(place, f"`schema` {quote_text(name)} is no schema file", hint)
    return reader


def _resolve_links(path: Path) -> Path | None:
    """The file behind all links; None when there is none, or links lead in a circle."""
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError):
        return None


def _parse(
    path: Path, read: Callable[[Report], str], form: Format, reader: Reader, report: Report
) -> SchemaFile | None:
    try:
        text = read(Report(str(path)))
        return SchemaFile(reader(text, str(path)), SchemaDocument(form, json.loads(text)), text)
    except InvalidSpec as error:
        report.problems.extend(error.problems)
        return None


def _find_nearest_file(folder: Path, path: Path) -> str:
    files = {
        path_beside.relative_to(folder).as_posix()
        for beside in {folder, path.parent}
        if beside.is_dir()
        for path_beside in beside.iterdir()
        if path_beside.suffix.lower() in _READERS
    }
    near = find_nearest(path.relative_to(folder).as_posix(), files)
    return f"did you mean {near}?" if near else "create it, or remove `schema` to take it from the first publish"
