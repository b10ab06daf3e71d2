"""domains: who is responsible for what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from data_platform.access.relations import Relationship
from data_platform.errors import BadInput, ContractMoved, NotFound
from data_platform.record.catalog import domains, products
from data_platform.record.catalog.domains import Domain
from data_platform.record.operations import events
from data_platform.record.operations.event_kinds import EventKind
from data_platform.spec.text.names import find_nearest, name_problem
from data_platform.verbs.core.authorization.authorize import authorized_transaction
from data_platform.verbs.core.authorization.own_domains import list_own_domains
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.quotas import read_usage
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results import DomainInfo, DomainUsage

_INSIDE = frozenset(
    [Relationship.DOMAIN_MEMBER, Relationship.DOMAIN_OWNER, Relationship.GOVERNOR, Relationship.ADMIN],
)


@dataclass(frozen=True, slots=True)
class ListDomains(Request[list[DomainInfo]]):
    """Every domain; with `name`, that one alone."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class DefineDomain(Request[DomainInfo]):
    """Create a domain, or change what is given of it; None leaves a field as it is.

    With `after`, the domain must have that revision, and 0 is one that nobody has defined.
    """

    name: str
    responsibility: str | None = None
    owner: str | None = None
    members: tuple[str, ...] | None = None
    after: int | None = None


def list_domains(context: Context, request: ListDomains) -> list[DomainInfo]:
    """The domains by name; raises NotFound for a name that was not registered or defined.

    Who neither belongs to a domain nor governs finds it by a product in it, and does not see its usage, which counts
    hidden products too.
    """
    with context.record.reading() as conn:
        listing = find_domains(context, conn, request.name)
    names = [domain.name for domain in listing.domains]
    with context.record.reading() as conn:
        usage = read_usage(context, conn, [name for name in names if name in listing.inner])
        revisions = _map_revisions(conn, names)
    return [
        _build_info(domain, listing.counts[domain.name], revisions[domain.name], usage.get(domain.name))
        for domain in listing.domains
    ]


@dataclass(frozen=True, slots=True)
class DomainListing:
    """Domains by name, how many products the caller finds in each, and those that it belongs to or governs."""

    domains: tuple[Domain, ...]
    counts: Counter[str]
    inner: set[str]


def find_domains(context: Context, conn: Connection, name: str | None = None) -> DomainListing:
    """The domains that the caller finds, or the one of that name; raises NotFound."""
    part = find_visible_part(context, conn)
    counts = Counter(domain for product, domain in products.map_domains(conn).items() if part.shows(product))
    in_scope = [domain for domain in domains.list_all(conn) if part.shows_domain(domain.name)]
    inner = list_own_domains(context, conn, in_scope, _INSIDE)
    listed = tuple(domain for domain in in_scope if domain.name in inner or counts[domain.name])
    if name is None:
        return DomainListing(listed, counts, inner)
    chosen = tuple(domain for domain in listed if domain.name == name)
    if not chosen:
        near = find_nearest(name, [domain.name for domain in listed])
        raise NotFound(f"no domain {name}", hint=f"did you mean {near}?" if near else "data-platform domain list")
    return DomainListing(chosen, counts, inner)


def define_domain(context: Context, request: DefineDomain) -> DomainInfo:
    """The changed domain; raises ContractMoved where it has another revision than `after`."""
    problem = name_problem(request.name)
    if problem:
        raise BadInput(f"the domain's name {problem}")
    with authorized_transaction(context) as tx:
        domains.add(tx, Domain(request.name, None, None, (), context.clock()))
        existing, revision = domains.lock(tx, request.name), _map_revisions(tx, [request.name])[request.name]
        if request.after not in (None, revision):
            what = f"revision {revision} of the domain {request.name} holds, and not {request.after}"
            raise ContractMoved(what, hint=f"data-platform domain show {request.name}; then define it again")
        given = {
            field: value
            for field in ("responsibility", "owner", "members")
            if (value := getattr(request, field)) is not None
        }
        domain = replace(existing, **given)
        domains.save(tx, domain)
        record_outcomes(context, tx, ActOutcome(EventKind.DOMAIN_DEFINED, Subject(f"domain:{domain.name}"), given))
        part = find_visible_part(context, tx)
        count = sum(of == domain.name and part.shows(name) for name, of in products.map_domains(tx).items())
        usage = read_usage(context, tx, [domain.name])
    return _build_info(domain, count, revision + 1, usage[domain.name])


def _build_info(domain: Domain, count: int, revision: int, usage: DomainUsage | None) -> DomainInfo:
    return DomainInfo(domain.name, domain.responsibility, domain.owner, domain.members, count, usage, revision)


def _map_revisions(conn: Connection, names: Iterable[str]) -> dict[str, int]:
    """How often each domain was defined: the number of its events."""
    subjects = {name: f"domain:{name}" for name in names}
    counts = events.count_by_subject(conn, EventKind.DOMAIN_DEFINED, subjects.values())
    return {name: counts.get(subject, 0) for name, subject in subjects.items()}
