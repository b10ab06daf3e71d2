"""Finds and reads the schema files that product.yaml names."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from data_platform.errors import InvalidSpec
from data_platform.spec.schema.avro import read_avro_schema
from data_platform.spec.schema.document import Format, SchemaDocument
from data_platform.spec.schema.json_schema import read_json_schema
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.text.file import read_text
from data_platform.spec.text.names import nearest, shown
from data_platform.spec.text.report import Place, Report

_READERS: dict[str, tuple[Format, Callable[[str, str], TableSchema]]] = {
    ".json": (Format.JSON_SCHEMA, read_json_schema),
    ".avsc": (Format.AVRO, read_avro_schema),
    ".avro": (Format.AVRO, read_avro_schema),
}


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """What a schema file says: the columns of the table it describes, and the document itself."""

    table: TableSchema
    document: SchemaDocument


def read_schema(folder: Path, name: str, place: Place, report: Report) -> SchemaFile | None:
    """The schema in the file `name` of the product's folder; its own problems go into `report` too."""
    path = folder / name
    reader = _READERS.get(path.suffix.lower())
    real = _real(path)
    if reader is None:
        hint = "name a .json (JSON Schema) or .avsc (Avro) file"
        report.error(place, f"`schema` {shown(name)} is no schema file", hint)
    elif real is None:
        report.error(place, f"`schema`: there is no file {shown(name)}", _nearest_file(folder, path))
    elif not real.is_relative_to(folder.resolve()):
        report.error(place, f"`schema` {shown(name)} is a link that leaves the product's folder", "copy the file here")
    else:
        return _read(path, *reader, report)
    return None


def _real(path: Path) -> Path | None:
    """The file behind all links; None when there is none, or links lead in a circle."""
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError):
        return None


def _read(path: Path, form: Format, reader: Callable[[str, str], TableSchema], report: Report) -> SchemaFile | None:
    try:
        text = read_text(path, Report(str(path)))
        return SchemaFile(reader(text, str(path)), SchemaDocument(form, json.loads(text)))
    except InvalidSpec as error:
        report.problems.extend(error.problems)
        return None


def _nearest_file(folder: Path, path: Path) -> str:
    files = {
        found.relative_to(folder).as_posix()
        for beside in {folder, path.parent}
        if beside.is_dir()
        for found in beside.iterdir()
        if found.suffix.lower() in _READERS
    }
    near = nearest(path.relative_to(folder).as_posix(), files)
    return f"did you mean {near}?" if near else "create it, or remove `schema` to take it from the first publish"
