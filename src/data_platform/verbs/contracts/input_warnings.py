"""Warnings about the inputs that a contract declares."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from data_platform.record.catalog import products, redirects
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Input
from data_platform.verbs.contracts.consumer_expectations import warn_of_unjudged
from data_platform.verbs.core import environments
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.renamed_products import describe_redirect, resolve_input_name
from data_platform.verbs.core.resolve import list_majors


def warn_of_inputs(context: Context, conn: Connection, contract: Contract) -> Iterator[str]:
    """A warning for each input that cannot be read yet, has another name by now, or has a rule that is not judged."""
    for needed in contract.product.inputs:
        former = redirects.find(conn, needed.data_product)
        if former is not None:
            yield f"input {needed.data_product}.{needed.output}: {describe_redirect(former)}"
        needed = resolve_input_name(conn, needed)
        if products.find(conn, needed.data_product) is None:
            place = environments.find_higher(context, needed.data_product)
            state = f"read from {place[0]}, where it is registered" if place else "not registered yet"
            yield f"input {needed.data_product}.{needed.output} is {state}"
        elif not _has(conn, needed):
            yield f"input {needed.data_product} has no output {needed.wanted} yet"
        else:
            yield from warn_of_unjudged(conn, needed)


def _has(conn: Connection, needed: Input) -> bool:
    wanted = needed.wanted
    return any(wanted.major in (None, row.major) for row in list_majors(conn, needed.data_product, wanted.name))
