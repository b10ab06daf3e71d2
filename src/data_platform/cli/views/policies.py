"""Shows policies, violations, waivers and attestations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from data_platform.cli.console.console import Console, Styled
from data_platform.cli.console.text import format_count, format_minute
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


def draw_what_if(console: Console, effect: WhatIf) -> None:
    """Writes the changed policies, the number of newly blocked products, these by owner, and all new violations."""
    if effect.changes:
        rows = [_format_change(change) for change in effect.changes]
        console.write_table(("policy", "level", "change", "what"), rows)
        console.write_line()
    else:
        only = ", only the text of the file (such as its cases)" if effect.text_only else ""
        console.write_line(Styled(f"no policy would change{only}", "dim"))
    of = f"of {format_count(effect.products, 'product')}"
    for count, words, style in (
        (len(effect.blocked), "newly block", "red"),
        (len(effect.warned), "newly warn", "yellow"),
        (len(effect.freed), "free", "green"),
    ):
        console.write_line(f"would {words} ", Styled(f"{count:,}", style if count else "dim"), f" {of}")
    if effect.unjudged:
        names = ", ".join(effect.unjudged)
        console.write_line(f"the next register or publish judges what is not known yet: {names}")
    for title, affected in (("Newly blocked", effect.blocked), ("Newly warned", effect.warned)):
        if affected:
            _draw_affected(console, title, affected)


def _format_change(change: ChangedPolicy) -> tuple[Styled, str, Styled, str]:
    style = "red" if change.weakens else _CHANGES.get(change.change, "yellow")
    return Styled(change.policy, "bold"), change.level, Styled(change.change, style), change.what


def _draw_affected(console: Console, title: str, affected: Sequence[Affected]) -> None:
    counted = Counter((product.domain, product.owner) for product in affected)
    console.write_heading(f"{title}, by domain and owner")
    console.write_table(("domain", "owner", "products"), [(*whose, count) for whose, count in sorted(counted.items())])
    console.write_line()
    rows = [
        (Styled(product.product, "bold"), *_format_violation(violation))
        for product in affected
        for violation in product.violations
    ]
    console.write_table(("product", "policy", "subject", "why"), rows)


def _format_violation(violation: Violation) -> tuple[str, str, str]:
    waived = f" (waived until {violation.waived_until:%Y-%m-%d})" if violation.waived_until else ""
    return violation.policy, violation.subject, f"{violation.reason}{waived}"


def draw_history(console: Console, revisions: Sequence[PolicyRevisionInfo]) -> None:
    """Writes revisions, and who applied them."""
    rows = [
        (revision.revision, format_minute(revision.applied_at), revision.applied_by, revision.file, revision.note)
        for revision in revisions
    ]
    console.write_table(("revision", "applied", "by", "file", "note"), rows)


def draw_checks(console: Console, checks: Sequence[PolicyCheck]) -> None:
    """Writes one line per file, and its violations."""
    for check in checks:
        blocked = any(violation.blocks for violation in check.violations)
        word, style = ("refused", "red") if blocked else ("warned", "yellow") if check.violations else ("kept", "green")
        console.write_line(Styled(f"{word:<9}", style), Styled(check.product, "bold"), f"  {check.file}")
        for violation in check.violations:
            how = f"waived until {violation.waived_until:%Y-%m-%d}" if violation.waived_until else violation.enforcement
            console.write_line(f"{violation.policy} ({how}): {violation.subject}: {violation.reason}", indent=8)


def draw_statuses(console: Console, statuses: Sequence[PolicyStatus]) -> None:
    """Writes every policy of a product, with its status and the reason."""
    rows = []
    for statuse in statuses:
        until = f" until {statuse.until:%Y-%m-%d}" if statuse.until else ""
        status = Styled(f"{statuse.status}{until}", _STATES.get(statuse.status, "dim"))
        level = f"{statuse.level}, {statuse.enforcement}"
        rows.append((Styled(statuse.policy, "bold"), level, status, statuse.subject, statuse.reason))
    console.write_table(("policy", "level", "status", "subject", "why"), rows)


def draw_waivers(console: Console, waivers: Sequence[WaiverInfo]) -> None:
    """Writes waivers, and who requested and approved them."""
    header = ("id", "product", "policy", "subject", "state", "until", "asked by", "approved by", "reason")
    rows = [
        (
            waiver.id,
            Styled(waiver.product, "bold"),
            waiver.policy,
            waiver.subject or "all of it",
            Styled(waiver.state, _STATES.get(waiver.state, "dim")),
            f"{waiver.expires_at:%Y-%m-%d}",
            waiver.requested_by,
            waiver.approved_by,
            waiver.reason,
        )
        for waiver in waivers
    ]
    console.write_table(header, rows)


def draw_attestations(console: Console, attestations: Sequence[AttestationInfo]) -> None:
    """Writes attestations, and who gave them."""
    rows = [
        (
            attestation.id,
            Styled(attestation.product, "bold"),
            attestation.policy,
            Styled(attestation.state, _STATES.get(attestation.state, "dim")),
            f"{attestation.expires_at:%Y-%m-%d}",
            attestation.given_by,
            attestation.evidence,
        )
        for attestation in attestations
    ]
    console.write_table(("id", "product", "policy", "state", "until", "given by", "evidence"), rows)
