"""Rows as an Arrow IPC stream that carries the answer in its schema, and an error in its last batch."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pyarrow as pa

from data_platform.errors import DataPlatformError
from data_platform.server.problem_replies import HttpProblem, describe_problem
from data_platform.server.rows.buffers import take
from data_platform.server.rows.source import AnswerRows, StreamCut
from data_platform.verbs.wire.messages import write_json
from data_platform.verbs.wire.streams import ANSWER, MORE, PROBLEM

CODECS = ("lz4", "zstd")


def choose_codec(name: str | None) -> str | None:
    """The codec that a caller asks for; none without a name."""
    if name in (None, "none"):
        return None
    if name not in CODECS:
        raise HttpProblem(406, f"codec is one of none, {', '.join(CODECS)}")
    return name


def write_arrow(rows: AnswerRows, codec: str | None, request_id: str) -> Iterator[bytes]:
    """The stream, one chunk for each batch.

    An error of ours ends it with an empty batch that has the problem in its metadata, without an end of the stream.
    """
    schema = rows.schema.with_metadata({**(rows.schema.metadata or {}), ANSWER: write_json(rows.answer)})
    out = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=codec, emit_dictionary_deltas=True)
    writer = pa.ipc.new_stream(out, schema, options=options)
    try:
        for batch in rows:
            writer.write_batch(batch)
            yield take(out)
        if rows.has_more():
            writer.write_batch(_empty(rows.schema), custom_metadata={MORE: b"true"})
    except DataPlatformError as error:
        _, _, problem = describe_problem(error, request_id)
        writer.write_batch(_empty(rows.schema), custom_metadata={PROBLEM: write_json(problem)})
        yield take(out)
        raise StreamCut(type(error).__name__) from error
    finally:
        rows.close()
    writer.close()
    yield take(out)


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)
