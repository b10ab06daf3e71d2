"""How a document lies in tantivy, and how it is read back.

`main` has the words of name, description and tags, `more` those of domain, owner, outputs and columns; `main_keys` and
`more_keys` have what is looked up but has no place in the order of words. `rank` and `order` are the order of hits.
One document with a `mark` and nothing else says what the index holds: it is committed together with the rest.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import tantivy

from data_platform.search.document import Document, OutputEntry
from data_platform.search.ranking import order, rank
from data_platform.search.text import indexed, storable

VERSION = 1
"""Raised with every change here or in `text`: an index of another version is built anew."""

MARK = "mark"
_as_json = json.JSONEncoder(separators=(",", ":")).encode
_of_json = json.JSONDecoder().decode


def build_schema() -> tantivy.Schema:
    """The fields of the index."""
    builder = tantivy.SchemaBuilder()
    for name in ("main", "more"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
        builder.add_text_field(f"{name}_keys", tokenizer_name="whitespace", index_option="basic")
    for name in ("id", "column"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("rank", "domain", "owner", "status", "tag", "type"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_unsigned_field("order", fast=True)
    builder.add_boolean_field("pii", indexed=True)
    builder.add_float_field("quality", indexed=True, fast=True)
    builder.add_bytes_field("card", stored=True)
    builder.add_text_field(MARK, tokenizer_name="raw", index_option="basic", stored=True)
    return builder.build()


SCHEMA = build_schema()


def to_tantivy(document: Document) -> tantivy.Document:
    """The document as the index holds it."""
    filed = tantivy.Document()
    columns = list(dict.fromkeys([column for output in document.outputs for column in output.columns]))
    main = indexed([document.name, document.description or ""], document.tags)
    more = indexed((), [document.domain, document.owner, *[output.name for output in document.outputs], *columns])
    filed.add_text("main", main.words)
    filed.add_text("main_keys", main.keys)
    filed.add_text("more", more.words)
    filed.add_text("more_keys", more.keys)
    filed.add_text("id", document.name)
    filed.add_text("rank", storable(rank(document)))
    filed.add_unsigned("order", order(document))
    filed.add_text("domain", storable(document.domain))
    filed.add_text("owner", storable(document.owner))
    filed.add_text("status", storable(document.status))
    for tag in dict.fromkeys(document.tags):
        filed.add_text("tag", storable(tag))
    for kind in {output.type for output in document.outputs}:
        filed.add_text("type", storable(kind))
    for column in {column.casefold() for column in columns}:
        filed.add_text("column", storable(column))
    filed.add_boolean("pii", document.pii)
    if document.quality is not None:
        filed.add_float("quality", document.quality)
    filed.add_bytes("card", _to_card(document).encode())
    return filed


def mark_document(mark: str) -> tantivy.Document:
    """The document that says what the index holds."""
    filed = tantivy.Document()
    filed.add_text("id", "")
    filed.add_text(MARK, mark)
    return filed


def from_tantivy(filed: tantivy.Document) -> Document:
    """The document that `to_tantivy` was given."""
    card: bytes = filed["card"][0]
    return _from_card(card.decode())


def _to_card(document: Document) -> str:
    last_read = document.last_read.isoformat() if document.last_read else None
    outputs = [(output.name, output.type, output.columns) for output in document.outputs]
    return _as_json(
        [
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
            last_read,
        ]
    )


def _from_card(card: str) -> Document:
    stored: list[Any] = _of_json(card)
    name, domain, owner, description, tags, status, version, outputs, pii, quality, views, consumers, last_read = stored
    return Document(
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
        datetime.fromisoformat(last_read) if last_read else None,
    )
