"""Resolves the tables of a query to versions of outputs that the caller may read."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource, ResourceKind
from data_platform.errors import BadInput, NotFound
from data_platform.record.catalog import outputs, products
from data_platform.record.catalog.outputs import OutputRow
from data_platform.spec.product.output_names import OutputName
from data_platform.spec.sql.query import TableName
from data_platform.spec.text.names import find_nearest
from data_platform.verbs.core.authorization.authorize import authorize, authorize_role
from data_platform.verbs.core.authorization.visible_part import NOT_FOUND_BY_CALLER, VisiblePart, find_visible_part
from data_platform.verbs.core.context import Context, DeniedAct
from data_platform.verbs.core.lookup.renamed_products import resolve_used_name
from data_platform.verbs.core.lookup.resolve import resolve_output_name
from data_platform.verbs.core.lookup.version_lookup import find_version, find_view
from data_platform.verbs.policies.evaluate import evaluate_consume
from data_platform.verbs.reading.query_streams import QueryTable

_CATALOG = Resource(ResourceKind.CATALOG)


def find_table(context: Context, conn: Connection, name: TableName, *, mask: bool) -> QueryTable:
    """The table that a name means; raises NotFound and BadInput with the position of the name, AccessDenied."""
    try:
        product, output = _resolve_name(context, conn, name)
        decision = authorize(context, Action.CONSUME, Resource.of(product, output), conn)
        version = find_version(conn, product, output, name.version, name.moment)
        governed = evaluate_consume(context, conn, version, None)
    except (NotFound, BadInput) as error:
        place = f"line {name.line}, column {name.column}"
        raise type(error)(f"{place}: {error.message}", hint=error.hint) from None
    return QueryTable(context, version, find_view(conn, version, decision, mask=mask), governed.warnings)


def _resolve_name(context: Context, conn: Connection, name: TableName) -> tuple[str, str]:
    """The product and the output that the name means; a name alone is an output's, else that of a product with one.

    A name alone means nothing that the caller does not find.
    """
    if name.product:
        return resolve_used_name(context, conn, name.product), name.output
    authorize_role(context, Action.CONSUME, _CATALOG)  # who has no role names the product
    wanted, part = OutputName.parse(name.output), find_visible_part(context, conn)
    rows = part.select(outputs.list_named(conn, wanted.name), lambda row: row.product)
    if rows:
        return _select_only_product(rows, name.output), name.output
    product = resolve_used_name(context, conn, wanted.name)
    if product in part.hidden:
        context.denied = DeniedAct(Action.CONSUME, Resource.of(product), NOT_FOUND_BY_CALLER)
    elif products.find(conn, product) is not None:
        return product, resolve_output_name(conn, product, "" if wanted.major is None else f"@{wanted.major}")
    hint = _describe_closest(part, outputs.list_names(conn), name.output)
    raise NotFound(f"no product has an output {name.output}", hint=hint)


def _select_only_product(rows: Iterable[OutputRow], output: str) -> str:
    """The one product with an output of that name; raises BadInput for several."""
    names = list(dict.fromkeys(row.product for row in rows))
    if len(names) > 1:
        choices = ", ".join(f'"{product}".{output}' for product in names[:8])
        raise BadInput(f"{len(names)} products have an output {output}", hint=f"name one: {choices}")
    return names[0]


def _describe_closest(part: VisiblePart, names: Iterable[tuple[str, str]], output: str) -> str:
    visible = {name: product for product, name in names if part.shows(product)}
    close = find_nearest(output, visible)
    if close:
        return f'did you mean "{visible[close]}".{close}?'
    return 'a table is "product".output; `data-platform search` lists the products'
