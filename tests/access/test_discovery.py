"""Who finds a product in lists, and that it agrees with who may read it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from data_platform.access.actions import Action, Resource
from data_platform.access.decide import decide
from data_platform.access.discovery import DiscoveryFacts, finds_domain, finds_product
from data_platform.access.facts import DomainFacts, ResourceFacts
from data_platform.settings import Principal, Role, RoleGrant, TokenScope

DOMAINS = ("sales", "vault", "crm")
_SCOPES = st.none() | st.builds(
    TokenScope, domains=st.none() | st.frozensets(st.sampled_from(DOMAINS), min_size=1), read_only=st.booleans()
)
_PRINCIPALS = st.builds(
    Principal,
    st.just("ana"),
    verified=st.just(True),
    roles=st.sampled_from(Role).map(lambda role: frozenset([RoleGrant(role)])),
    scope=_SCOPES,
)


@given(_PRINCIPALS, st.sampled_from(DOMAINS))
def test_a_product_is_found_by_who_may_read_it(who: Principal, domain: str) -> None:
    facts = ResourceFacts(True, "shop", (DomainFacts(domain),))
    may_read = decide(who, Action.READ, Resource.of("orders"), facts).allowed
    assert finds_product(who, DiscoveryFacts(domain)) == may_read == finds_domain(who, domain)
    assert not finds_product(who, DiscoveryFacts(domain, is_concealed=True))


def test_who_opened_the_home_finds_everything() -> None:
    assert finds_product(Principal("ana", local=True), DiscoveryFacts("sales", is_concealed=True))
