"""How a document is stored in tantivy, and how it is read back.

`main` has the words of name, description, tags and former names, `more` those of domain, owner, outputs, columns and
terms; `main_keys` and `more_keys` have what is looked up but has no place in the order of words. `rank` and `order` are
the order of hits, `date_rank` and `date_order` that of their last publishes. Freshness is judged by `promise` and
`stale_at`. One document with a `mark` and nothing else says what the index holds: it is committed together with the
rest.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import tantivy
from pydantic_core import from_json, to_json

from data_platform.search.document import OutputEntry, SearchDocument
from data_platform.search.freshness import count_microseconds, describe_promise
from data_platform.search.ranking import BY_DATE, BY_USE
from data_platform.search.text import index_texts, to_storable

VERSION = 4
"""Raised with every change here or in `text`: an index of another version is rebuilt."""

MARK = "mark"

Filed = dict[str, Any]
"""The index's fields by name: texts, numbers, bytes and lists of texts, which can be sent between processes."""


def build_schema() -> tantivy.Schema:
    """The fields of the index."""
    builder = tantivy.SchemaBuilder()
    for name in ("main", "more"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
        builder.add_text_field(f"{name}_keys", tokenizer_name="whitespace", index_option="basic")
    for name in ("id", "column"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("rank", "date_rank", "domain", "owner", "status", "tag", "type", "promise"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in ("order", "date_order"):
        builder.add_unsigned_field(name, fast=True)
    builder.add_integer_field("stale_at", indexed=True, fast=True)
    builder.add_boolean_field("pii", indexed=True)
    builder.add_float_field("quality", indexed=True, fast=True)
    builder.add_bytes_field("card", stored=True)
    builder.add_text_field(MARK, tokenizer_name="raw", index_option="basic", stored=True)
    return builder.build()


SCHEMA = build_schema()


def to_fields(document: SearchDocument) -> Filed:
    """The document as the index holds it."""
    columns = list(dict.fromkeys([column for output in document.outputs for column in output.columns]))
    main = index_texts([document.name, document.description or ""], [*document.tags, *document.former])
    more = index_texts(
        (), [document.domain, document.owner, *[output.name for output in document.outputs], *columns, *document.terms]
    )
    return {
        "main": main.words,
        "main_keys": main.keys,
        "more": more.words,
        "more_keys": more.keys,
        "id": document.name,
        "rank": to_storable(BY_USE.rank(document)),
        "order": BY_USE.order(document),
        "date_rank": to_storable(BY_DATE.rank(document)),
        "date_order": BY_DATE.order(document),
        "domain": to_storable(document.domain),
        "owner": to_storable(document.owner),
        "status": to_storable(document.status),
        "tag": [to_storable(tag) for tag in dict.fromkeys(document.tags)],
        "type": [to_storable(kind) for kind in {output.type for output in document.outputs}],
        "column": [to_storable(column) for column in {column.casefold() for column in columns}],
        "pii": document.pii,
        "quality": [] if document.quality is None else document.quality,
        "promise": describe_promise(document),
        "stale_at": [] if document.stale_at is None else count_microseconds(document.stale_at),
        "card": _to_card(document),
    }


def to_tantivy(document: Filed) -> tantivy.Document:
    """The document as tantivy takes it."""
    return tantivy.Document.from_dict(document, SCHEMA)


def mark_document(mark: str) -> tantivy.Document:
    """The document that says what the index holds."""
    return to_tantivy({"id": "", MARK: mark})


def from_tantivy(document: tantivy.Document) -> SearchDocument:
    """The document that `to_fields` stored."""
    card: bytes = document["card"][0]
    return _from_card(card)


def _to_card(document: SearchDocument) -> bytes:
    outputs = [(output.name, output.type, output.columns) for output in document.outputs]
    fields = (
        document.name,
        document.domain,
        document.owner,
        document.description,
        document.tags,
        document.status,
        document.version,
        outputs,
        document.pii,
        document.quality,
        document.views,
        document.consumers,
        _write_moment(document.last_read),
        document.former,
        document.terms,
        _write_moment(document.published_at),
        document.promises_freshness,
        _write_moment(document.stale_at),
        document.archived,
        document.deprecated,
    )
    try:
        return to_json(fields)
    except ValueError:  # half a surrogate pair, which Python's texts may hold
        return json.dumps(fields, separators=(",", ":")).encode()


def _from_card(card: bytes) -> SearchDocument:
    try:
        stored: list[Any] = from_json(card)
    except ValueError:
        stored = json.loads(card)
    name, domain, owner, description, tags, status, version, outputs, *rest = stored
    pii, quality, views, consumers, last_read, former, terms, published_at, promises, stale_at, *states = rest
    return SearchDocument(
        name,
        domain,
        owner,
        description,
        tuple(tags),
        status,
        version,
        tuple(OutputEntry(output, kind, tuple(columns)) for output, kind, columns in outputs),
        pii,
        quality,
        views,
        consumers,
        _read_moment(last_read),
        tuple(former),
        tuple(terms),
        _read_moment(published_at),
        promises,
        _read_moment(stale_at),
        *states,
    )


def _write_moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _read_moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
