"""Every request is authorised here before its verb runs; the answer carries its reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NoReturn

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource
from data_platform.access.decide import decide, decide_by_role, knows_of
from data_platform.access.decision import Decision
from data_platform.access.facts import NO_FACTS, ResourceFacts, hides_outputs
from data_platform.access.reading import Occasion
from data_platform.errors import AccessDenied, Refused
from data_platform.record.access import product_access
from data_platform.record.catalog import redirects
from data_platform.spec.access.stored import read_outputs
from data_platform.verbs.core.authorization.access_facts import find_facts
from data_platform.verbs.core.context import Context, DeniedAct
from data_platform.verbs.core.lookup.resolve import product_not_found

_OF_REGISTERED = frozenset([Action.READ, Action.SUBSCRIBE, Action.ERASE, Action.RETIRE, Action.RENAME])
"""Actions that a product without a contract answers as one that is hidden does, whatever the verb."""
_OF_NAMES = frozenset([Action.WAIVE, Action.ATTEST, Action.RUN])
"""Actions that are done before a product is registered too: like `register`, they claim its name."""

_OF_RESOURCE = {Action.RESPOND: "respond to incidents of", Action.DECLASSIFY: "decide about anonymised columns of"}
"""The words for actions to a named resource, where the action alone is no sentence with it."""
_WITHOUT_RESOURCE = {
    Action.RESPOND: "respond to incidents",
    Action.DECLASSIFY: "decide about anonymised columns",
    Action.AUDIT: "read the audit log",
    Action.COLLECT: "collect files",
    Action.CONSUME: "consume data",
    Action.ACCEPT: "accept offers",
    Action.WITHDRAW: "withdraw offers",
    Action.REQUEST_ACCESS: "request access",
    Action.DECIDE_ACCESS: "decide about access",
    Action.REVOKE_ACCESS: "revoke access",
}
"""The words for actions whose resource is looked up after the decision by role."""


def authorize_role(context: Context, action: Action, resource: Resource) -> Decision:
    """Raises AccessDenied where the caller's roles and token rule the action out, before anything is looked up."""
    return _demand(context, action, resource, decide_by_role(context.principal, action, resource))


def authorize(context: Context, action: Action, resource: Resource, conn: Connection | None = None) -> Decision:
    """The decision that allows the caller to do `action` to `resource`; raises AccessDenied with its reason.

    The facts come from the record, in the transaction `conn` if one is open. For who opened the home none are needed.
    """
    facts = NO_FACTS if context.principal.local else _find_facts(context, resource, conn)
    occasion = Occasion(context.clock(), context.caller.purpose)
    decision = decide(context.principal, action, resource, facts, occasion)
    if decision.is_hidden:
        used = replace(resource, product=context.find_used_name(resource.product or ""))
        _demand(context, action, used, decide(context.principal, action, used, NO_FACTS, occasion))
        context.denied = DeniedAct(action, resource, str(decision.reason))
        if resource.owner is not None or action in _OF_NAMES:
            raise _name_taken(used.product or "")
        _refuse_hidden(context, used.product or "", conn)
    is_unknown = resource.product is not None and resource.owner is None and not facts.is_registered
    if is_unknown and decision.allowed and action in _OF_REGISTERED and not context.principal.local:
        _refuse_hidden(context, resource.product or "", conn)
    context.announce_redirect(resource.product or "")
    return _demand(context, action, resource, decision)


def authorize_again(context: Context, conn: Connection) -> None:
    """Decides once more about the request that was dispatched, in the transaction that carries it out.

    Another caller may have changed the facts since: registered the name, defined the domain, taken the product.
    """
    if context.authorized is not None:
        context.decision = authorize(context, *context.authorized, conn)


@contextmanager
def authorized_transaction(context: Context) -> Iterator[Connection]:
    """A transaction that may write, in which the request has been decided about once more; raises AccessDenied."""
    with context.record.transaction() as tx:
        authorize_again(context, tx)
        yield tx


def _find_facts(context: Context, resource: Resource, conn: Connection | None) -> ResourceFacts:
    if conn is not None:
        return find_facts(conn, resource, context.principal)
    with context.record.reading() as reading:
        return find_facts(reading, resource, context.principal)


def _refuse_hidden(context: Context, product: str, conn: Connection | None) -> NoReturn:
    """Raises what is raised where there is no product of that name."""
    if conn is None:
        with context.record.reading() as reading:
            _refuse_hidden(context, product, reading)
    raise product_not_found(conn, product, find_hidden_products(context, conn))


def refuse_hidden_name(context: Context, conn: Connection, name: str) -> None:
    """Raises Refused for a name, or former name, of a product that the caller does not find; it says nothing else."""
    if redirects.resolve_name(conn, name) in find_hidden_products(context, conn):
        raise _name_taken(name)


def _name_taken(name: str) -> Refused:
    return Refused(f"the name {name} is taken", hint="choose another name")


def find_hidden_products(context: Context, conn: Connection) -> frozenset[str]:
    """The products that are to be as if they did not exist for the caller; one statement where none hides itself."""
    if context.principal.local:
        return frozenset()
    occasion = Occasion(context.clock(), context.caller.purpose)
    hiding = find_hiding_products(conn)
    facts = ((name, find_facts(conn, Resource.of(name), context.principal)) for name in hiding)
    return frozenset(name for name, its in facts if not knows_of(context.principal, its, occasion))


def find_hiding_products(conn: Connection) -> frozenset[str]:
    """The products that hide themselves from some callers."""
    return frozenset(name for name, text in product_access.map_all(conn).items() if hides_outputs(read_outputs(text)))


def _demand(context: Context, action: Action, resource: Resource, decision: Decision) -> Decision:
    if not decision.allowed:
        context.denied = DeniedAct(action, resource)
        is_read = action is Action.CONSUME and resource.product is not None and not decision.is_forbidden
        hint = f"data-platform access request {resource} --purpose TEXT" if is_read else None
        what = f"{context.principal.name} may not {_describe(action, resource)}: {decision.reason}"
        raise AccessDenied(what, hint=hint)
    return decision


def _describe(action: Action, resource: Resource) -> str:
    """The act in words. An action such as `issue tokens` has its object; a resource without a name is there once."""
    if resource.product is not None or resource.name is not None:
        return f"{_OF_RESOURCE.get(action, action)} {resource}"
    if action in _WITHOUT_RESOURCE:
        return _WITHOUT_RESOURCE[action]
    return str(action) if " " in str(action) else f"{action} the {resource}"
