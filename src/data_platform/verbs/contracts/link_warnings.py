"""Warnings about the channels and the terms that a contract names: without them a misspelt name would go unnoticed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from shlex import quote

from sqlalchemy import Connection

from data_platform.record.glossary import terms
from data_platform.spec.product.contract import Contract
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context


def warn_of_links(context: Context, conn: Connection, contract: Contract) -> Iterator[str]:
    """A warning for each channel that takes no alerts of the product, and for each term that is not in the glossary."""
    yield from _warn_of_channels(context, contract)
    yield from _warn_of_terms(context, conn, contract)


def _warn_of_channels(context: Context, contract: Contract) -> Iterator[str]:
    for name in contract.product.alerts:
        declared = context.settings.channels.get(name)
        if declared is None:
            yield f"alerts: settings.toml of the mesh declares no channel {name}, so nothing is sent to it yet"
        elif not declared.takes(contract.product.domain):
            yield f"alerts: the channel {name} takes no alerts of domain {contract.product.domain}"


def _warn_of_terms(context: Context, conn: Connection, contract: Contract) -> Iterator[str]:
    """One warning for each term, with its columns. What the caller does not find is not defined for it."""
    columns: defaultdict[str, list[str]] = defaultdict(list)
    for output, schema in contract.schemas.items():
        for column in schema.columns:
            for path, term in column.list_terms():
                columns[term].append(f"{output}.{path}")
    if not columns:
        return
    part = find_visible_part(context, conn)
    rows = terms.list_by_key(conn, {terms.make_key(term) for term in columns})
    defined = {row.key: row for row in rows if row.domain is None or part.shows_domain(row.domain)}
    for term, places in columns.items():
        row = defined.get(terms.make_key(term))
        if row is None:
            define = f"data-platform glossary define {quote(term)} --definition TEXT"
            yield f"{', '.join(places)}: the term {term} is not in the glossary: {define}"
        elif row.retired_at is not None:
            yield f"{', '.join(places)}: the term {row.name} was retired on {row.retired_at:%Y-%m-%d}"
