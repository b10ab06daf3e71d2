"""The first rows of an output, for a page: read by a query of the visitor, at the moment of the visit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pyarrow as pa

from data_platform.engine.row_text import read_objects
from data_platform.server.answers import open_answer
from data_platform.server.calling import Calling
from data_platform.server.parts import Arrival, ServedCall
from data_platform.server.portal.visit import SampleRows, Visit
from data_platform.server.replies import Reply
from data_platform.spec.text.json_values import dump_json
from data_platform.verbs.dispatch import dispatch
from data_platform.verbs.reading.sql import Sql
from data_platform.verbs.registry import VERBS
from data_platform.verbs.results.reading import QueryTicket

SAMPLE_ROWS = 10


def read_sample(calling: Calling, visit: Visit, product: str, output: str) -> SampleRows:
    """The first rows of an output, filtered and masked for the visitor; raises what `POST /sql` raises."""
    query = f"SELECT * FROM {_quote(product)}.{_quote(output)} LIMIT {SAMPLE_ROWS}"
    request, context = Sql(query), visit.make_context()
    call = ServedCall(Arrival(VERBS["Sql"], visit.principal, {}), request, context)
    samples: list[SampleRows] = []

    def proceed() -> Reply:
        ticket: QueryTicket = dispatch(context, request)
        rows = open_answer(context, ticket, {})
        try:
            objects = list(islice(read_objects(rows.to_batches()), SAMPLE_ROWS))
        finally:
            rows.close()
        names = tuple(rows.schema.names)
        texts = tuple(tuple(_to_text(row[name]) for name in names) for row in objects)
        samples.append(SampleRows(names, texts, frozenset(_find_numbers(rows.schema))))
        return Reply()

    calling.pass_guards(call, proceed)
    return samples[0]


def _find_numbers(schema: pa.Schema) -> Iterator[str]:
    for field in schema:
        if any(is_kind(field.type) for is_kind in (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)):
            yield field.name


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _to_text(value: object) -> str | None:
    """The text of a value: None stays None, and what is no text is written as JSON writes it, a date without quotes."""
    return value if value is None or isinstance(value, str) else dump_json(value).strip('"')
