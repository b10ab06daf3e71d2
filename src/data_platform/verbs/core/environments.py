"""Reads from higher environments: development may read from production, never the reverse.

An output that this mesh does not know is looked for upwards. Its read is recorded where it lies; here, what is made of
it names `prod:product` as its source, as it would name anything outside the mesh.
"""

from __future__ import annotations

from dataclasses import replace

from data_platform.engine.origin import Origin
from data_platform.errors import BadInput, NotFound
from data_platform.record.catalog import products, redirects
from data_platform.settings import Environment
from data_platform.verbs.core.context import Context

_APART = ":"


def find_if_unregistered(context: Context, product: str) -> tuple[Environment, Context] | None:
    """The nearest higher environment that has the product, if this one has not."""
    return None if is_registered(context, product) else find_higher(context, product)


def find_higher(context: Context, product: str) -> tuple[Environment, Context] | None:
    """The nearest higher environment that has the product, whether this one has it or not.

    For the callers of a server there is none.
    """
    declared = context.settings.environments if context.opens_environments else None
    opened = ((environment, context.environment(environment)) for environment in (declared.above if declared else ()))
    return next((candidate for candidate in opened if is_registered(candidate[1], product)), None)


def is_registered(context: Context, product: str) -> bool:
    """Whether that mesh knows the product."""
    with context.record.reading() as conn:
        return products.find(conn, redirects.resolve_name(conn, product)) is not None


def explain_missing(context: Context, product: str, missing: NotFound) -> NotFound:
    """The error for a product that only a lower environment has, with a hint; else `missing` itself."""
    declared = context.settings.environments if context.opens_environments else None
    for name in declared.below if declared else ():
        try:
            lower = context.environment(name)
        except BadInput:  # a lower environment need not be there
            continue
        if is_registered(lower, product):
            hint = f"{name} has it: data-platform release {product} --to {declared.this if declared else ''}, run there"
            return NotFound(missing.message, hint=hint)
    return missing


def rename_origin(origin: Origin, environment: Environment) -> Origin:
    """The origin as this mesh names what lies in another environment."""
    return replace(origin, kind="source", name=f"{environment}{_APART}{origin.name}")


def resolve_origin(context: Context, origin: Origin) -> tuple[Context, Origin] | None:
    """The mesh that an origin lies in, and its name there; None for what cannot be asked from here."""
    place, apart, product = origin.name.partition(_APART)
    is_elsewhere = origin.kind == "source" and bool(apart) and place in list(Environment)
    if not is_elsewhere or not context.opens_environments:
        return None
    return context.environment(Environment(place)), replace(origin, kind="product", name=product)
