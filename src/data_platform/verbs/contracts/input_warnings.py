"""Warnings about the inputs that a contract declares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Connection

from data_platform.record.catalog import products, redirects
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Input
from data_platform.verbs.contracts.consumer_expectations import warn_of_unjudged
from data_platform.verbs.core import environments
from data_platform.verbs.core.authorization.team_views import Registered
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.renamed_products import describe_redirect
from data_platform.verbs.core.lookup.resolve import list_majors


def warn_of_inputs(context: Context, conn: Connection, contract: Contract) -> Iterator[str]:
    """A warning for each input that cannot be read yet, has another name by now, or has a rule that is not judged.

    What the caller does not find is not registered for it.
    """
    product, now = contract.product, context.clock()
    registered = Registered(product.name, product.owner, context.principal.name, now)
    hidden = find_visible_part(context, conn).hidden if product.inputs else frozenset()
    for needed in product.inputs:
        former = redirects.find(conn, needed.data_product)
        if (former.product if former else needed.data_product) in hidden:
            yield _describe_missing(context, needed)
            continue
        if former is not None:
            yield f"input {needed.data_product}.{needed.output}: {describe_redirect(former)}"
            needed = replace(needed, data_product=former.product)
        rows = list_majors(conn, needed.data_product, needed.wanted.name)
        majors = [row for row in rows if needed.wanted.major in (None, row.major)]
        if majors:
            yield from warn_of_unjudged(conn, now, registered, needed, majors)
        elif rows or products.find(conn, needed.data_product) is not None:
            yield f"input {needed.data_product} has no output {needed.wanted} yet"
        else:
            yield _describe_missing(context, needed)


def _describe_missing(context: Context, needed: Input) -> str:
    place = environments.find_higher(context, needed.data_product)
    state = f"read from {place[0]}, where it is registered" if place else "not registered yet"
    return f"input {needed.data_product}.{needed.output} is {state}"
