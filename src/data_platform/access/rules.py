"""The rules of access: which relations to its resource allow an action. Everything else is denied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from data_platform.access.actions import Action, Resource, ResourceKind
from data_platform.access.relations import Relationship


@dataclass(frozen=True, slots=True)
class AccessRule:
    """An action is allowed to who has one of the relations to its resource.

    `in_domain`: who is no admin must also be in each defined domain of the product, as its owner or as a member.
    """

    name: str
    relations: tuple[Relationship, ...]
    in_domain: bool = False

    def __str__(self) -> str:
        allowed = [relation.value for relation in self.relations]
        if self.in_domain:
            allowed[0] += ", if in its domain,"
        return " or ".join([", ".join(allowed[:-1]), allowed[-1]]) if len(allowed) > 1 else allowed[0]


_OWNER = (Relationship.OWNER, Relationship.ADMIN)
_ANSWERABLE = (Relationship.OWNER, Relationship.DOMAIN_OWNER, Relationship.GOVERNOR, Relationship.ADMIN)
_PARTIES = (Relationship.OWNER, Relationship.DOMAIN_MEMBER, Relationship.DOMAIN_OWNER, Relationship.SUCCESSOR)
_RELATIONS: Mapping[Action, tuple[Relationship, ...]] = {
    Action.READ: (Relationship.READER,),
    Action.CONSUME: (Relationship.READER,),
    Action.SUBSCRIBE: (Relationship.READER,),
    Action.PUBLISH: _OWNER,
    Action.RUN: _OWNER,
    Action.REGISTER: _OWNER,
    Action.DEPRECATE: _OWNER,
    Action.RETIRE: _OWNER,
    Action.ARCHIVE: _OWNER,
    Action.RELEASE: _OWNER,
    Action.ERASE: _OWNER,
    Action.RENAME: (Relationship.OWNER,),
    Action.TRANSFER: _PARTIES,
    Action.ACCEPT: (Relationship.RECIPIENT,),
    Action.WITHDRAW: (*_PARTIES, Relationship.RECIPIENT),
    Action.WAIVE: _ANSWERABLE,
    Action.ATTEST: _ANSWERABLE,
    Action.RESPOND: _ANSWERABLE,
    Action.GOVERN: (Relationship.GOVERNOR, Relationship.ADMIN),
    Action.DECLASSIFY: (Relationship.GOVERNOR, Relationship.ADMIN),
    Action.DEFINE_DOMAIN: (Relationship.DOMAIN_OWNER, Relationship.ADMIN),
    Action.DEFINE_TERM: (Relationship.DOMAIN_OWNER, Relationship.GOVERNOR, Relationship.ADMIN),
    Action.AUDIT: (Relationship.GOVERNOR, Relationship.ADMIN),
    Action.REVOKE: (Relationship.SELF, Relationship.ADMIN),
    Action.REQUEST_ACCESS: (Relationship.READER,),
    Action.EXPLAIN_ACCESS: (Relationship.OWNER, Relationship.GOVERNOR, Relationship.ADMIN),
    Action.DECIDE_ACCESS: (Relationship.OWNER, Relationship.APPROVER, Relationship.GOVERNOR, Relationship.ADMIN),
    Action.REVOKE_ACCESS: (
        Relationship.HOLDER,
        Relationship.OWNER,
        Relationship.APPROVER,
        Relationship.GOVERNOR,
        Relationship.ADMIN,
    ),
}
"""An action that is not here is an admin's."""

_IN_DOMAIN = frozenset([Action.PUBLISH, Action.RUN, Action.REGISTER])
_GOVERN_DOMAIN = AccessRule("govern a domain", (Relationship.DOMAIN_OWNER, Relationship.ADMIN))
_GOVERN_EITHER = AccessRule("govern", (Relationship.DOMAIN_OWNER, Relationship.GOVERNOR, Relationship.ADMIN))
RULES = {
    action: AccessRule(action.value, _RELATIONS.get(action, (Relationship.ADMIN,)), action in _IN_DOMAIN)
    for action in Action
}
"""The rule of each action."""


def find_rule(action: Action, resource: Resource) -> AccessRule:
    """The rule that decides about an action to a resource.

    The mesh stands for a resource that a verb has to look up first: any rule of the action may be the one.
    """
    if action is Action.GOVERN and resource.kind is ResourceKind.MESH:
        return _GOVERN_EITHER
    if action is Action.GOVERN and resource.name is not None:
        return _GOVERN_DOMAIN
    return RULES[action]
