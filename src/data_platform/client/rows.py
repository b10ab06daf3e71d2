"""Rows that a server streams: Arrow batches, read while they arrive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from data_platform.client.http import HttpServer
from data_platform.client.replies import ARROW, decode, decode_error, kind_of, make_foreign_error, read_body
from data_platform.errors import BadInput, QueryFailed, ServerFailed
from data_platform.verbs.results.reading import QueryTicket
from data_platform.verbs.wire.form import Json
from data_platform.verbs.wire.messages import read_json
from data_platform.verbs.wire.streams import ANSWER, MORE, PROBLEM

if TYPE_CHECKING:
    import urllib3


class RemoteRows:
    """The rows of one response, once; `ticket` is the answer that came with them.

    `more` says, after all rows are read, whether the query has others. What ends them early is raised while they are
    read: the error of the query, or ServerFailed.
    """

    def __init__(self, server: HttpServer, verb: str, response: urllib3.BaseHTTPResponse) -> None:
        self.more = False
        self._is_closed = False
        self._server, self._response = server, response
        if response.status >= 400:
            read_body(server, response)
        if kind_of(response) != ARROW:
            raise make_foreign_error(server, response)
        with server.convert_errors():
            try:
                self._reader = pa.ipc.open_stream(pa.PythonFile(response, mode="r"))
            except pa.ArrowException:
                raise make_foreign_error(server, response) from None
        metadata = self._reader.schema.metadata or {}
        self.schema: pa.Schema = self._reader.schema.with_metadata(
            {key: value for key, value in metadata.items() if key != ANSWER} or None
        )
        self.ticket: QueryTicket = decode(server, verb, _read_metadata(metadata.get(ANSWER)), response)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._read_batches()
        finally:
            self.close()

    def close(self) -> None:
        """Ends the response; what the server still computes for it is stopped."""
        self._is_closed = True
        self._response.close()

    def _read_batches(self) -> Iterator[pa.RecordBatch]:
        while True:
            if self._is_closed:
                raise QueryFailed("the query was ended before all its rows were read")
            with self._server.convert_errors():
                try:
                    batch, metadata = self._reader.read_next_batch_with_custom_metadata()
                except StopIteration:
                    return
                except pa.ArrowException as error:
                    raise ServerFailed(f"the rows of {self._server.address} are damaged: {error}") from None
            metadata = dict(metadata or {})
            if PROBLEM in metadata:
                raise decode_error(self._server, self._response, _read_metadata(metadata[PROBLEM]))
            self.more = self.more or metadata.get(MORE) == b"true"
            if batch.num_rows:
                yield batch.replace_schema_metadata(self.schema.metadata)


def _read_metadata(value: bytes | None) -> Json:
    try:
        return None if value is None else read_json(value)
    except BadInput:
        return None
