"""The data of a publish as the body of a request: a file as it lies, everything else as an Arrow stream."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from data_platform.client.replies import ARROW, JSON
from data_platform.errors import UnreadableData
from data_platform.settings.read_options import STANDARD, ReadOptions
from data_platform.spec.schema.types import TableSchema
from data_platform.tables.intake import Intake, open_data
from data_platform.tables.intake.stream import FACTS
from data_platform.tables.intake.text_source import name_source, read_text_blocks
from data_platform.verbs.publishing.publish import Publish
from data_platform.verbs.wire.http_calls import encode_call
from data_platform.verbs.wire.messages import write_json

_TEXT = {".csv": "text/csv", ".jsonl": "application/x-ndjson", ".ndjson": "application/x-ndjson"}
_TEXT[".json"] = _TEXT[".jsonl"]


@dataclass(frozen=True, slots=True)
class Upload:
    """A body of `multipart/form-data` with the parts `request` and `data`; `pieces` can be taken once."""

    media_type: str
    pieces: Iterator[bytes]


def build_upload(request: Publish, data: Any, *, compress: bool) -> Upload:
    """The body of a publish; raises what `tables.intake` raises for the data, also while its pieces are taken."""
    boundary = secrets.token_hex(16)
    name, kind, content, options = _open_content(request, data, compress=compress)
    fields = write_json(encode_call(replace(request, options=options)).body)
    head = _begin_part(boundary, "request", JSON) + fields + b"\r\n" + _begin_part(boundary, "data", kind, name)

    def build_pieces() -> Iterator[bytes]:
        yield head
        yield from content
        yield f"\r\n--{boundary}--\r\n".encode()

    return Upload(f"multipart/form-data; boundary={boundary}", build_pieces())


def _begin_part(boundary: str, name: str, media_type: str, file: str | None = None) -> bytes:
    disposition = f'form-data; name="{name}"'
    if file is not None:
        disposition += '; filename="' + file.translate(_ESCAPED) + '"'
    return f"--{boundary}\r\nContent-Disposition: {disposition}\r\nContent-Type: {media_type}\r\n\r\n".encode()


_ESCAPED = {ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}
"""What HTML's form submission escapes in a file's name."""


def _open_content(request: Publish, data: Any, *, compress: bool) -> tuple[str, str, Iterator[bytes], ReadOptions]:
    """The name, the media type and the pieces of the data, and the options that are left for the server.

    A text file without a declared schema is sent as it is: the server knows the types of its earlier versions.
    """
    contract, options = _find_contract(request), request.options
    if isinstance(data, str | Path) and contract is None:
        path = Path(data)
        media_type = _TEXT.get(Path(path.name.lower().removesuffix(".gz")).suffix)
        if media_type is not None and path.is_file():
            blocks = read_text_blocks(path, name_source(path), options.encoding)
            return str(path), media_type, blocks, replace(options, encoding=STANDARD.encoding)
    intake = open_data(data, contract, options, protected=_list_protected(request))
    file = Path(data).name if isinstance(data, str | Path) else None
    return "data.arrow", ARROW, _write_arrow(intake, file, compress=compress), options


def _write_arrow(intake: Intake, file: str | None, *, compress: bool) -> Iterator[bytes]:
    """The rows in Arrow's streaming format, with how they were handed in, which the cast depends on."""
    facts = {"untyped": intake.untyped, **({"file": file} if file else {})}
    metadata = {**(intake.schema.metadata or {}), FACTS: json.dumps(facts).encode()}
    schema = intake.schema.with_metadata(metadata)
    options = pa.ipc.IpcWriteOptions(compression="lz4" if compress else None)
    sink = _Pieces()
    with closing(intake), pa.ipc.new_stream(pa.PythonFile(sink, mode="w"), schema, options=options) as writer:
        for batch in intake.batches:
            writer.write_batch(_fit_schema(batch, schema))
            yield sink.take()
    yield sink.take()


def _fit_schema(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch in the schema of the first one: later dicts may lack a key, or have null where others have values."""
    if batch.schema.equals(schema):
        return batch
    try:
        if extra := set(batch.schema.names) - set(schema.names):
            raise UnreadableData(
                f"the rows have a column that the first {_FIRST} lack: {min(extra)}",
                hint="name every column in the first row, or hand in a list",
            )
        columns = [_fit_column(batch, field) for field in schema]
    except pa.ArrowException:
        raise UnreadableData(
            f"the rows have values of other types than the first {_FIRST}", hint="hand in a list, or an Arrow table"
        ) from None
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _fit_column(batch: pa.RecordBatch, field: pa.Field) -> pa.Array:
    if field.name not in batch.schema.names:
        return pa.nulls(batch.num_rows, field.type)
    return batch.column(field.name).cast(field.type)


_FIRST = "131,072"


class _Pieces:
    """A file that only takes bytes, until they are taken from it."""

    closed = False

    def __init__(self) -> None:
        self._bytes: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keeps the bytes."""
        self._bytes.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Keeps what was written."""

    def take(self) -> bytes:
        """What was written since the last call."""
        taken, self._bytes = b"".join(self._bytes), []
        return taken


def _find_contract(request: Publish) -> TableSchema | None:
    """The schema of the output as its product.yaml declares it."""
    if request.file is None:
        return None
    declared = request.file.product.find_output(request.output)
    return None if declared is None else request.file.schemas.get(request.file.product.label(declared))


def _list_protected(request: Publish) -> frozenset[str]:
    return frozenset(request.file.product.pii_columns) if request.file is not None else frozenset()
