"""Who may decide about a requested output, and in which capacity: nobody about their own request, or their team's.

One person gives one approval: an agent counts as its person, and who is both owner and governor fills one of the two.
Only who opened the home may fill both; that approval is unverified.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from data_platform.access.actions import Resource
from data_platform.access.discovery import finds_domain
from data_platform.access.relations import Relationship, acts_as, is_admin, list_relations
from data_platform.record.access.decisions import AccessDecisionRow
from data_platform.record.access.requests import AccessRequestRow
from data_platform.record.identity import teams
from data_platform.sentences import Sentence, make_sentence
from data_platform.settings import Principal
from data_platform.verbs.access.requested_outputs import OfferedOutput
from data_platform.verbs.access.states import STEWARDS, AccessVerdict, Capacity
from data_platform.verbs.core.authorization.access_facts import find_facts
from data_platform.verbs.core.context import Context


def name_person(principal: Principal) -> str:
    """The person behind an agent, else the principal itself."""
    return principal.name if principal.acts_for is None else principal.acts_for.name


def list_holders(principal: Principal) -> frozenset[str]:
    """The names whose grants a principal has: its own, its teams', and an agent's person's."""
    names = frozenset([principal.name]) | principal.teams
    return names if principal.acts_for is None else names | list_holders(principal.acts_for)


def list_capacities(context: Context, conn: Connection, output: OfferedOutput) -> frozenset[Capacity]:
    """The capacities in which the caller may decide about an output; an agent has none that its person lacks."""
    principal = context.principal
    if principal.local:
        return frozenset([Capacity.OWNER, Capacity.GOVERNOR])
    if not finds_domain(principal, output.product.domain):
        return frozenset()
    own = _list_capacities(conn, principal, output)
    return own if principal.acts_for is None else own & _list_capacities(conn, principal.acts_for, output)


def _list_capacities(conn: Connection, principal: Principal, output: OfferedOutput) -> frozenset[Capacity]:
    resource = Resource.of(output.product.name, output.name)
    facts = find_facts(conn, resource)
    relations = list_relations(principal, resource, facts)
    capacities = set()
    if Relationship.OWNER in relations or is_admin(principal):
        capacities.add(Capacity.OWNER)
    if any(acts_as(principal, approver, facts) for approver in output.access.approvers):
        capacities.add(Capacity.APPROVER)
    if Relationship.GOVERNOR in relations or is_admin(principal):
        capacities.add(Capacity.GOVERNOR)
    return frozenset(capacities)


def explain_own_request(context: Context, conn: Connection, row: AccessRequestRow) -> str | None:
    """Why the request counts as the caller's own, so that another has to decide; None where it does not."""
    principal = context.principal
    person = name_person(principal)
    own = {row.requester, row.person, row.holder}
    if person in own or principal.name in own:
        return f"{principal.name} requested it" if person == principal.name else f"{person} requested it"
    if row.holder in list_holders(principal) or person in teams.list_persons(conn, row.holder):
        return f"{person} is in {row.holder}, which would get the access"
    return None


def select_capacity(
    principal: Principal,
    capacities: Collection[Capacity],
    missing: Collection[Capacity],
    decisions: Collection[AccessDecisionRow],
) -> Capacity | None:
    """The missing approval that the caller can give now; None where it is another's turn."""
    if not principal.local and _has_approved(name_person(principal), decisions):
        return None
    if Capacity.OWNER in missing and (mine := STEWARDS.intersection(capacities)):
        return Capacity.OWNER if Capacity.OWNER in mine else Capacity.APPROVER
    return Capacity.GOVERNOR if Capacity.GOVERNOR in missing and Capacity.GOVERNOR in capacities else None


def _has_approved(person: str, decisions: Collection[AccessDecisionRow]) -> bool:
    return any(row.person == person and row.verdict == AccessVerdict.APPROVE for row in decisions)


def describe_missing(output: OfferedOutput | None, missing: Collection[Capacity]) -> tuple[Sentence, ...]:
    """Who has to approve yet."""
    sentences = []
    for capacity in missing:
        if capacity is Capacity.GOVERNOR:
            sentences.append(make_sentence("request.governor", "a governor (for personal data)"))
        elif output is not None:
            sentences.append(_name_deciders(output))
    return tuple(sentences)


def _name_deciders(output: OfferedOutput) -> Sentence:
    product, approvers = output.product, output.access.approvers
    if not approvers:
        return make_sentence(
            "request.owner", "the owner of {product} ({owner})", product=product.name, owner=product.owner
        )
    return make_sentence(
        "request.owner_or_approver",
        "the owner of {product} ({owner}) or {approvers}",
        product=product.name,
        owner=product.owner,
        approvers=", ".join(approvers),
    )
