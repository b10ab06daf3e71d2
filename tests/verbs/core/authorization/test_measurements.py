"""What a finding says in words is hidden with the number in it."""

from __future__ import annotations

from data_platform.access.view import WHOLE_TABLE, TableView
from data_platform.spec.access.masks import REDACT
from data_platform.verbs.core.authorization.measurements import hide_measurement
from data_platform.verbs.results import RuleStatus
from tests.meshes import NOON

NOTE = "98 % of 40 sampled values look like e-mail addresses"


def test_the_words_of_a_finding_are_hidden_with_its_number() -> None:
    bound = ("mustBeLessOrEqualTo", 0, "percent", None)
    status = RuleStatus("t", "undeclared personal data: c", "warning", False, 98.0, *bound, NOON, "validity", (), NOTE)
    assert hide_measurement(status, WHOLE_TABLE, ()) == status
    hidden = hide_measurement(status, TableView({"id": REDACT}), ())
    assert (hidden.value, hidden.note) == (None, None)
