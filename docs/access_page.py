"""The access matrix: every verb and who may ask it, written from the list of verbs and the rules of access."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data_platform.access.actions import Action, Resource, ResourceKind
from data_platform.access.decide import decide
from data_platform.access.facts import NO_FACTS, DomainFacts, ResourceFacts
from data_platform.access.rules import RULES, AccessRule, find_rule
from data_platform.settings import Principal, Role, RoleGrant
from data_platform.verbs.registry import VERBS
from data_platform.verbs.verb import Scope, Verb

HEAD = """\
# Access

<!-- Written by `make docs` from docs/access_page.py; tests/verbs/test_access_matrix.py plays every cell. -->

Who may ask what of a mesh that others reach by a token; the guide is [Access](../guides/access.md). Who opened the
home may do everything. Each row is a verb, asked of one product of a team, in a domain that the team is a member of:

- **consumer**: a principal with the role `consumer`.
- **another owner**: one with the role `owner`, of another team, which is no member of the domain.
- **owner**: one with the role `owner`, of the team that owns the product.
- **domain owner**: one with the role `owner`, of the team that owns the domain, and not the product.
- **governor**, **admin**: principals with these roles, of no team.

A product that is offered in these rows is offered to the other owner.

"""

RULES_HEAD = """
## The rules

A rule allows an action to who has one of its relations to the resource. Everything else is denied, and the denial
names the rule. The scope of a token narrows what its rules allow, and an agent is allowed only what its person is
allowed too.

| Rule | Allows |
|---|---|
"""

TAIL = """
The rule `consume` stands for an output that declares nothing of its readers. What `access` of a product says is decided
by Cedar, from the lines of product.yaml and the grants of the reader: default deny where it is restricted; a line that
denies overrides all others, and a denial names the line ([Who may read](../guides/access.md#who-may-read)). A product
that is not discoverable is answered as one that does not exist.

Columns with personal data are masked in what `consume` and `sql` answer, and their statistics are left out of
`versions`, unless the caller is an admin or of the team that owns the product, or a line of product.yaml or a grant
opens them.

Who first registered a product, and the team of their token, act for its owner while no principal has claimed that. A
product that is not registered yet may be registered by every owner, under an `owner` that is theirs or that is
unclaimed. A domain that nobody has defined is open to every owner.
"""

YES, NO = "✓", "–"
SALES = DomainFacts("sales", "sales-team", ("shop",))
FACTS = ResourceFacts(True, "shop", (SALES,), {"shop": "shop"}, offered_to="crm")
TEAMS = {"consumer": None, "another owner": "crm", "owner": "shop", "domain owner": "sales-team"}
ROLES = {
    "consumer": Role.CONSUMER,
    "another owner": Role.OWNER,
    "owner": Role.OWNER,
    "domain owner": Role.OWNER,
    "governor": Role.GOVERNOR,
    "admin": Role.ADMIN,
}
"""The columns, with the role that each has; `TEAMS` has their teams."""


@dataclass(frozen=True, slots=True)
class Case:
    """A verb, asked of a resource; `note` tells apart the cases of one verb."""

    verb: Verb
    note: str
    resource: Resource
    facts: ResourceFacts

    def allows(self, column: str) -> bool:
        """Whether the principal of that column may ask it."""
        resource = self.resource
        if self.note == OWN:
            resource = Resource(ResourceKind.PRINCIPAL, name=column)
        return decide(make_principal(column), self.verb.action, resource, self.facts).allowed


OWN, DOMAIN = "its own", "of the domain"
_PRODUCT, _OUTPUT = Resource.of("orders"), Resource.of("orders", "t")
_MESH_POLICIES, _OWN_POLICIES = Resource(ResourceKind.POLICIES), Resource(ResourceKind.POLICIES, name="sales")
_OF_DOMAIN = ResourceFacts(domains=(SALES,))
_SOMEBODY = Resource(ResourceKind.PRINCIPAL, name="somebody")


def make_principal(column: str) -> Principal:
    """The principal of a column."""
    team = TEAMS.get(column)
    teams = frozenset() if team is None else frozenset([team])
    return Principal(column, verified=True, roles=frozenset([RoleGrant(ROLES[column])]), teams=teams)


def list_cases(verb: Verb) -> Iterator[Case]:
    """The rows of a verb."""
    if verb.action is Action.GOVERN:
        yield Case(verb, "", _MESH_POLICIES, NO_FACTS)
        yield Case(verb, DOMAIN, _OWN_POLICIES, _OF_DOMAIN)
    elif verb.action is Action.REVOKE:
        yield Case(verb, "", _SOMEBODY, NO_FACTS)
        yield Case(verb, OWN, _SOMEBODY, NO_FACTS)
    elif verb.scope in (Scope.PRODUCT, Scope.OUTPUT, Scope.ROW):
        yield Case(verb, "", _OUTPUT if verb.scope is Scope.OUTPUT else _PRODUCT, FACTS)
    elif verb.scope is Scope.DOMAIN:
        yield Case(verb, "", Resource(ResourceKind.DOMAIN, name="sales"), _OF_DOMAIN)
    elif verb.scope is Scope.PRINCIPAL:
        yield Case(verb, "", _SOMEBODY, NO_FACTS)
    else:
        yield Case(verb, "", Resource(ResourceKind(verb.scope.value)), NO_FACTS)


def access_page() -> str:
    """docs/reference/access.md."""
    columns = list(ROLES)
    lines = [f"| Verb | Rule | {' | '.join(columns)} |", f"|---|---|{':-:|' * len(columns)}"]
    for name in sorted(VERBS):
        lines += [_describe(case, columns) for case in list_cases(VERBS[name])]
    rules = "".join(f"| {rule.name} | {rule} |\n" for rule in sorted(_list_rules(), key=lambda rule: rule.name))
    return HEAD + "\n".join(lines) + "\n" + RULES_HEAD + rules + TAIL


def _describe(case: Case, columns: list[str]) -> str:
    cells = " | ".join(YES if case.allows(column) else NO for column in columns)
    note = f", {case.note}" if case.note else ""
    return f"| `{case.verb.request}`{note} | {find_rule(case.verb.action, case.resource).name} | {cells} |"


def _list_rules() -> set[AccessRule]:
    return {*RULES.values(), find_rule(Action.GOVERN, _OWN_POLICIES)}
