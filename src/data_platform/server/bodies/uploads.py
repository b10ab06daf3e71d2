"""Data beside a request: what a body of each media type becomes for a publish."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data_platform.errors import BadInput, DataPlatformError
from data_platform.server.bodies.arrow_uploads import open_arrow
from data_platform.server.bodies.documents import JSON
from data_platform.server.bodies.incoming import too_large
from data_platform.server.bodies.multipart import MULTIPART, FormPart, read_parts
from data_platform.server.bodies.parquet_uploads import check_parquet
from data_platform.server.bodies.unpacking import unpack
from data_platform.server.problem_replies import HttpProblem
from data_platform.server.rows.media_types import ARROW, CSV, JSON_LINES, PARQUET
from data_platform.spec.text.names import escape_hidden, quote_text
from data_platform.tables.intake.text_source import TextStream
from data_platform.temporary_folders import open_scratch_folder
from data_platform.verbs.wire.form import Json
from data_platform.verbs.wire.messages import LARGEST, read_json

UPLOADS = (ARROW, PARQUET, CSV, JSON_LINES)
_NAMES = {"application/jsonl": JSON_LINES, "application/ndjson": JSON_LINES, "application/parquet": PARQUET}
"""Other names in use."""
_PACKED = "application/gzip"


@dataclass(slots=True)
class ReceivedData:
    """The data of a publish; `fields` are those of the request that came before it. `digest` is over its bytes."""

    media_type: str
    chunks: Iterator[bytes]
    fields: Json = None
    file: str | None = None
    digest: Any = field(default_factory=hashlib.sha256)

    def open(self, stack: ExitStack) -> Any:
        """The data for `tables.intake`, read by this thread while it arrives; `stack` removes what it keeps on disk."""
        chunks = self._note(self.chunks)
        if self.media_type == ARROW:
            return open_arrow(chunks)
        if self.media_type == PARQUET:  # its metadata is at its end
            path = stack.enter_context(open_scratch_folder("spill")) / "data.parquet"
            stack.enter_context(_show_name(path, self.file or path.name))
            _spool(chunks, path)
            check_parquet(path)
            return path
        return TextStream("csv" if self.media_type == CSV else "json", chunks, self.file)

    def digest_rest(self) -> str:
        """The SHA-256 of all bytes, read to their end; raises what the caller's connection does."""
        for chunk in self.chunks:
            self.digest.update(chunk)
        return str(self.digest.hexdigest())

    def _note(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.digest.update(chunk)
            yield chunk


def check_upload_type(media_type: str) -> None:
    """Raises HttpProblem for a body that is no data, before any of it is read."""
    if media_type != MULTIPART:
        choose_upload(media_type)


def choose_upload(media_type: str) -> str:
    """The media type of data; raises HttpProblem for one that is none."""
    media_type = _NAMES.get(media_type, media_type)
    if media_type not in UPLOADS:
        offered = ", ".join((*UPLOADS, MULTIPART))
        raise HttpProblem(415, f"data is {offered}, and not {media_type[:100] or 'of no type'!a}")
    return media_type


def read_upload(content_type: str, codec: str, chunks: Iterator[bytes]) -> ReceivedData:
    """The upload in a body, whose data is still to be read; raises BadInput for parts that are no publish."""
    media_type = content_type.partition(";")[0].strip().lower()
    chunks = unpack(chunks, codec)
    if media_type != MULTIPART:
        return ReceivedData(choose_upload(media_type), chunks)
    parts = read_parts(chunks, content_type)
    part = next(parts, None)
    fields = None
    if part is not None and part.name == "request":
        fields = read_json(_collect(part))
        part = next(parts, None)
    if part is None or part.name != "data":
        raise BadInput("the multipart body has the parts `request` and `data`, in this order")
    media_type, opened = _open_part(part)
    return ReceivedData(media_type, _end_with_body(opened, parts), fields, part.file)


def _open_part(part: FormPart) -> tuple[str, Iterator[bytes]]:
    """The media type of the data, and its bytes unpacked: a packed file's type is in its name."""
    if part.media_type == _PACKED:
        name = (part.file or "").lower().removesuffix(".gz")
        inner = CSV if name.endswith(".csv") else JSON_LINES
        return inner, unpack(part.chunks, "gzip")
    if part.media_type == JSON:  # a file of one array
        return JSON_LINES, part.chunks
    return choose_upload(part.media_type), part.chunks


def _end_with_body(chunks: Iterator[bytes], parts: Iterator[FormPart]) -> Iterator[bytes]:
    """The bytes; what follows them must be the end of the body."""
    yield from chunks
    if (other := next(parts, None)) is not None:
        raise BadInput(f"the multipart body has a part {quote_text(other.name)} after `data`")


def _collect(part: FormPart) -> bytes:
    collected = bytearray()
    for chunk in part.chunks:
        collected += chunk
        if len(collected) > LARGEST:
            raise too_large(LARGEST)
    return bytes(collected)


def _spool(chunks: Iterator[bytes], path: Path) -> None:
    with path.open("wb") as file:
        file.writelines(chunks)


@contextmanager
def _show_name(path: Path, name: str) -> Iterator[None]:
    """Errors within name the caller's file, and not where it is kept."""
    try:
        yield
    except DataPlatformError as error:
        error.message = error.message.replace(str(path), escape_hidden(name))
        raise
