"""matrix, violations: how the products of the domains keep the policies, as the open incidents of policies say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from data_platform.governance.policies import ActivePolicies, CompiledPolicy
from data_platform.record.catalog import products
from data_platform.record.governance import attestations, broken_policies, waivers
from data_platform.record.governance.broken_policies import BrokenPolicy
from data_platform.verbs.core.authorization.visible_part import VisiblePart, find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.policies.evaluate import load_active_policies
from data_platform.verbs.results import PolicyStanding, ViolationInfo

_BLOCKING = "high"


@dataclass(frozen=True, slots=True)
class PolicyMatrix(Request[list[PolicyStanding]]):
    """How many products of each domain keep each policy that binds them."""


@dataclass(frozen=True, slots=True)
class ListViolations(Request[list[ViolationInfo]]):
    """What breaks a policy now, newest first: of a policy, of a product, of the products of a domain, or all."""

    policy: str | None = None
    domain: str | None = None
    product: str | None = None
    limit: int | None = None


def build_matrix(context: Context, request: PolicyMatrix) -> list[PolicyStanding]:
    """The policies by name, and for each the domains that it binds. Retired and archived products are left out."""
    now = context.clock()
    with context.record.reading() as conn:
        active, domains = load_active_policies(context, conn), _map_open_domains(context, conn)
        broken = broken_policies.list_pairs(conn)
        waived = {(row.product, row.policy) for row in waivers.list_active(conn, now)}
        attested = {(row.product, row.policy) for row in attestations.list_active(conn, now)}
    states = _StandingStates(broken, waived, attested)
    names = defaultdict[str, list[str]](list)
    for name, domain in domains.items():
        names[domain].append(name)
    return sorted(_count_standings(active, names, states), key=lambda row: (row.policy, row.domain))


def list_violations(context: Context, request: ListViolations) -> list[ViolationInfo]:
    """The open incidents of policies; what is waived has none."""
    with context.record.reading() as conn:
        domains = products.map_domains(conn)
        among = _select_names(find_visible_part(context, conn), domains, request.domain)
        rows = broken_policies.list_newest(conn, request.policy, request.product, among, request.limit)
    return [_build_violation(row, domains[row.product]) for row in rows]


@dataclass(frozen=True, slots=True)
class _StandingStates:
    """The (product, policy) pairs that are in a state; the first that applies counts."""

    broken: Collection[tuple[str, str]]
    waived: Collection[tuple[str, str]]
    attested: Collection[tuple[str, str]]

    def find(self, product: str, policy: str) -> str:
        """The state of a policy for a product."""
        pair = (product, policy)
        if pair in self.broken:
            return "violated"
        if pair in self.waived:
            return "waived"
        return "attested" if pair in self.attested else "kept"


def _count_standings(
    active: ActivePolicies, names: dict[str, list[str]], states: _StandingStates
) -> Iterator[PolicyStanding]:
    for domain, members in names.items():
        for policy in active.of(domain):
            counts = Counter(states.find(name, policy.policy.name) for name in members)
            yield _build_standing(policy, domain, counts)


def _build_standing(policy: CompiledPolicy, domain: str, counts: Counter[str]) -> PolicyStanding:
    declared = policy.policy
    return PolicyStanding(
        policy=declared.name,
        level=declared.scope.value,
        enforcement=declared.enforcement.value,
        domain=domain,
        products=counts.total(),
        kept=counts["kept"],
        violated=counts["violated"],
        waived=counts["waived"],
        attested=counts["attested"],
    )


def _map_open_domains(context: Context, conn: Connection) -> dict[str, str]:
    """The domain of each product that the caller finds and that still takes data."""
    part, closed = find_visible_part(context, conn), products.list_closed(conn)
    return {
        name: domain for name, domain in products.map_domains(conn).items() if part.shows(name) and name not in closed
    }


def _select_names(part: VisiblePart, domains: Mapping[str, str], domain: str | None) -> Collection[str] | None:
    """The products that are found, of a domain if one is given; None: all."""
    if domain is None:
        return part.products
    return {name for name, of in domains.items() if of == domain and part.shows(name)}


def _build_violation(row: BrokenPolicy, domain: str) -> ViolationInfo:
    enforcement = "blocking" if row.severity == _BLOCKING else "warning"
    return ViolationInfo(row.product, domain, row.policy, enforcement, row.summary, row.opened_at, row.id)
