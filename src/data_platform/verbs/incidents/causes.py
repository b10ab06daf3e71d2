"""The causes of incidents: an open incident has one, and its title is made of it."""

from __future__ import annotations

from data_platform.record.access import requests
from data_platform.record.governance.broken_policies import CAUSE as POLICY
from data_platform.sentences import Sentence, make_sentence

PUBLISH_REFUSED = "publish refused"
CONTRACT_REFUSED = "contract refused"
FRESHNESS_BROKEN = "freshness broken"
AVAILABILITY_BROKEN = "availability broken"
RULE_IN_ERROR = "rule in error: "
PAST_ITS_END = "past its end date"
DATA_DAMAGED = "data damaged"
OWNER_GONE = "owner gone"

_TITLES = {
    PUBLISH_REFUSED: make_sentence("incident.publish_refused", "publish refused"),
    CONTRACT_REFUSED: make_sentence("incident.contract_refused", "contract refused"),
    FRESHNESS_BROKEN: make_sentence("incident.freshness_broken", "freshness broken"),
    AVAILABILITY_BROKEN: make_sentence("incident.availability_broken", "availability broken"),
    PAST_ITS_END: make_sentence("incident.past_its_end", "past its end date"),
    DATA_DAMAGED: make_sentence("incident.data_damaged", "data damaged"),
    OWNER_GONE: make_sentence("incident.owner_gone", "owner gone"),
    RULE_IN_ERROR.removesuffix(": "): make_sentence("incident.some_rule_in_error", "rule in error"),
}
_GLASS_BROKEN = make_sentence("incident.glass_broken", "glass broken")


def describe_cause(cause: str) -> Sentence:
    """The title of an incident with that cause."""
    if cause.startswith(POLICY):
        return make_sentence("incident.policy", "policy {policy}", policy=cause.removeprefix(POLICY))
    if cause.startswith(RULE_IN_ERROR):
        return make_sentence("incident.rule_in_error", "rule in error: {rule}", rule=cause.removeprefix(RULE_IN_ERROR))
    if requests.is_glass_cause(cause):
        return _GLASS_BROKEN
    return _TITLES.get(cause) or Sentence(cause, cause)
