"""How policies, what they find, and exceptions from them are drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from data_platform.cli.console.console import Paper, Styled
from data_platform.cli.console.text import amount, minute
from data_platform.errors import Violation
from data_platform.verbs.results import (
    Affected,
    AttestationInfo,
    ChangedPolicy,
    PolicyCheck,
    PolicyRevisionInfo,
    PolicyStatus,
    WaiverInfo,
    WhatIf,
)

_CHANGES = {"added": "green"}
_STATES = {
    "kept": "green",
    "attested": "green",
    "holds": "green",
    "violated": "red",
    "waived": "yellow",
    "requested": "yellow",
}


def draw_what_if(paper: Paper, found: WhatIf) -> None:
    """The policies it would change, how many products it would newly block, by owner, and every new violation."""
    if found.changes:
        rows = [_changed(each) for each in found.changes]
        paper.table(("policy", "level", "change", "what"), rows)
        paper.line()
    else:
        paper.line(Styled("no policy would change", "dim"))
    of = f"of {amount(found.products, 'product')}"
    for count, words, style in (
        (len(found.blocked), "newly block", "red"),
        (len(found.warned), "newly warn", "yellow"),
        (len(found.freed), "free", "green"),
    ):
        paper.line(f"would {words} ", Styled(f"{count:,}", style if count else "dim"), f" {of}")
    for title, affected in (("Newly blocked", found.blocked), ("Newly warned", found.warned)):
        if affected:
            _draw_affected(paper, title, affected)


def _changed(each: ChangedPolicy) -> tuple[Styled, str, Styled, str]:
    style = "red" if each.weakens else _CHANGES.get(each.change, "yellow")
    return Styled(each.policy, "bold"), each.level, Styled(each.change, style), each.what


def _draw_affected(paper: Paper, title: str, affected: Sequence[Affected]) -> None:
    counted = Counter((each.domain, each.owner) for each in affected)
    paper.heading(f"{title}, by domain and owner")
    paper.table(("domain", "owner", "products"), [(*whose, count) for whose, count in sorted(counted.items())])
    paper.line()
    rows = [(Styled(each.product, "bold"), *_cells(found)) for each in affected for found in each.violations]
    paper.table(("product", "policy", "subject", "why"), rows)


def _cells(found: Violation) -> tuple[str, str, str]:
    waived = f" (waived until {found.waived_until:%Y-%m-%d})" if found.waived_until else ""
    return found.policy, found.subject, f"{found.reason}{waived}"


def draw_history(paper: Paper, found: Sequence[PolicyRevisionInfo]) -> None:
    """Revisions, with who applied them."""
    rows = [(each.revision, minute(each.applied_at), each.applied_by, each.file, each.note) for each in found]
    paper.table(("revision", "applied", "by", "file", "note"), rows)


def draw_checks(paper: Paper, found: Sequence[PolicyCheck]) -> None:
    """A line for each file, and its violations."""
    for check in found:
        blocked = any(each.blocks for each in check.violations)
        word, style = ("refused", "red") if blocked else ("warned", "yellow") if check.violations else ("kept", "green")
        paper.line(Styled(f"{word:<9}", style), Styled(check.product, "bold"), f"  {check.file}")
        for each in check.violations:
            how = f"waived until {each.waived_until:%Y-%m-%d}" if each.waived_until else each.enforcement
            paper.line(f"{each.policy} ({how}): {each.subject}: {each.reason}", indent=8)


def draw_statuses(paper: Paper, found: Sequence[PolicyStatus]) -> None:
    """Every policy of a product, with the reason."""
    rows = []
    for each in found:
        until = f" until {each.until:%Y-%m-%d}" if each.until else ""
        status = Styled(f"{each.status}{until}", _STATES.get(each.status, "dim"))
        level = f"{each.level}, {each.enforcement}"
        rows.append((Styled(each.policy, "bold"), level, status, each.subject, each.reason))
    paper.table(("policy", "level", "status", "subject", "why"), rows)


def draw_waivers(paper: Paper, found: Sequence[WaiverInfo]) -> None:
    """Waivers, with who asked and who approved."""
    header = ("id", "product", "policy", "subject", "state", "until", "asked by", "approved by", "reason")
    rows = [
        (
            each.id,
            Styled(each.product, "bold"),
            each.policy,
            each.subject or "all of it",
            Styled(each.state, _STATES.get(each.state, "dim")),
            f"{each.expires_at:%Y-%m-%d}",
            each.requested_by,
            each.approved_by,
            each.reason,
        )
        for each in found
    ]
    paper.table(header, rows)


def draw_attestations(paper: Paper, found: Sequence[AttestationInfo]) -> None:
    """Attestations, with who gave them."""
    rows = [
        (
            each.id,
            Styled(each.product, "bold"),
            each.policy,
            Styled(each.state, _STATES.get(each.state, "dim")),
            f"{each.expires_at:%Y-%m-%d}",
            each.given_by,
            each.evidence,
        )
        for each in found
    ]
    paper.table(("id", "product", "policy", "state", "until", "given by", "evidence"), rows)
