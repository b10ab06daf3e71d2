"""Which measurements of an output a reader may know: those that tell nothing of hidden rows and masked values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from data_platform.access.view import TableView
from data_platform.spec.access.row_filters import EVERY_ROW
from data_platform.spec.rules.model import Rule
from data_platform.verbs.results import RuleStatus


def hide_measurement(status: RuleStatus, view: TableView, rules: Iterable[Rule]) -> RuleStatus:
    """The finding of a rule, without the number that it measured where a reader who sees `view` may not know it.

    `rules` are those that are declared now; of one that is not, nobody knows what it read. That a rule passed is what
    the product promises, and is not hidden.
    """
    rule = next((rule for rule in rules if rule.name == status.rule), None)
    if view.condition != EVERY_ROW or (view.masks and (rule is None or _may_read(rule, view))):
        return replace(status, value=None, note=None)
    return status


def _may_read(rule: Rule, view: TableView) -> bool:
    # imported here: it parses SQL, and lists of versions without masks have none to parse
    from data_platform.quality.protect import may_read

    return may_read(rule, view.masks)
