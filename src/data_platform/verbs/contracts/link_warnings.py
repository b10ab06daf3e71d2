"""Warnings about the channels and the terms that a contract names: without them a misspelt name would go unnoticed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from shlex import quote

from sqlalchemy import Connection

from data_platform.record.glossary import terms
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.loading import ProductFile
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context


def warn_of_links(context: Context, conn: Connection, file: ProductFile) -> Iterator[str]:
    """A warning for each channel that takes no alerts of the product, and for each term that is not in the glossary."""
    yield from _warn_of_channels(context, file.contract)
    yield from _warn_of_terms(context, conn, file)


def _warn_of_channels(context: Context, contract: Contract) -> Iterator[str]:
    for name in contract.product.alerts:
        declared = context.settings.channels.get(name)
        if declared is None:
            yield f"alerts: settings.toml of the mesh declares no channel {name}, so nothing is sent to it yet"
        elif not declared.takes(contract.product.domain):
            yield f"alerts: the channel {name} takes no alerts of domain {contract.product.domain}"


def _warn_of_terms(context: Context, conn: Connection, file: ProductFile) -> Iterator[str]:
    """One warning for each term, with its columns and the first line that names it.

    What the caller does not find is not defined for it.
    """
    columns: defaultdict[str, list[str]] = defaultdict(list)
    outputs: dict[str, str] = {}
    for output, schema in file.schemas.items():
        for column in schema.columns:
            for path, term in column.list_terms():
                columns[term].append(f"{output}.{path}")
                outputs.setdefault(term, output)
    if not columns:
        return
    part = find_visible_part(context, conn)
    rows = terms.list_by_key(conn, {terms.make_key(term) for term in columns})
    defined = {row.key: row for row in rows if row.domain is None or part.shows_domain(row.domain)}
    for term, places in columns.items():
        line = _find_line(file, outputs[term], term)
        row = defined.get(terms.make_key(term))
        if row is None:
            define = f"data-platform glossary define {quote(term)} --definition TEXT"
            yield f"{line}: {', '.join(places)}: the term {term} is not in the glossary: {define}"
        elif row.retired_at is not None:
            yield f"{line}: {', '.join(places)}: the term {row.name} was retired on {row.retired_at:%Y-%m-%d}"


def _find_line(file: ProductFile, output: str, term: str) -> str:
    """The schema file of an output with the line of the term; the file alone where the term is written with escapes."""
    name = next((one.schema_path for one in file.product.outputs if file.product.label(one) == output), None) or ""
    text, words = file.schema_texts.get(name, ""), r"\s+".join(map(re.escape, term.split()))
    written = re.search(rf'"term"\s*:\s*"\s*{words}\s*"', text)
    place = str(file.path.parent / name)
    return f"{place}:{text.count(chr(10), 0, written.start()) + 1}" if written else place
