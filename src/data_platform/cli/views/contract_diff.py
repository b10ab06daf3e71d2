"""Shows a contract difference on a terminal, and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from data_platform.cli.console.console import Console, Styled
from data_platform.cli.console.markdown import escape_markdown, format_code, format_details, format_table
from data_platform.cli.console.text import format_count
from data_platform.errors import Violation
from data_platform.verbs.results import BreakInfo, ConsumerInfo, Difference

_STYLES = {"new": "green", "changed": "green", "unchanged": "dim", "refused": "bold red"}


def draw_difference(console: Console, difference: Difference) -> None:
    """Writes the changes, then what breaks and which readers it affects, then what to do."""
    state = Styled(f"{difference.verdict:<11}", _STYLES[difference.verdict])
    console.write_line(
        state, Styled(difference.product, "bold"), f" in domain {difference.domain}{_describe_revision(difference)}"
    )
    for change in difference.changes:
        console.write_line(str(change), indent=11)
    _draw_breaks(console, difference.breaks)
    for finding in difference.findings:
        word = Styled("refuses " if finding.blocks else "warns   ", "red" if finding.blocks else "yellow")
        console.write_line(word, Styled(finding.policy, "bold"), f": {_describe_violation(finding)}", indent=11)
    if difference.refusal and not _is_explained(difference):
        console.write_line(Styled("refused: ", "red"), difference.refusal, indent=11)
    for line in (
        *difference.versions,
        *(difference.hint.split("\n") if difference.hint and not difference.versions else ()),
    ):
        console.write_line(Styled("→ ", "cyan"), line, indent=11)


def format_markdown(path: Path, difference: Difference) -> str:
    """Returns a section of a comment: the verdict, a table of breaks with their readers, and all changes, collapsed."""
    lines = [
        f"### {format_code(difference.product)} {_format_headline(difference)}",
        "",
        *_format_breaks(difference),
        *_format_refusal(difference),
    ]
    lines += _format_policies(difference)
    lines += [f"- {escape_markdown(line)}" for line in difference.versions] + ([""] if difference.versions else [])
    lines += [f"> ⚠️ {escape_markdown(warning)}" for warning in difference.warnings] + (
        [""] if difference.warnings else []
    )
    if difference.changes:
        summary = f"{format_count(len(difference.changes), 'change')} in {path.as_posix()}"
        lines += format_details(
            summary,
            [f"- {format_code(change.subject)} {escape_markdown(change.message)}" for change in difference.changes],
        )
    return "\n".join(lines)


def format_markdown_error(path: Path, message: str) -> str:
    """Returns the section of a file that cannot be compared."""
    fence = "`" * max(3, 1 + max((len(run) for run in message.split() if set(run) == {"`"}), default=0))
    return f"### {format_code(path.as_posix())} ❌ cannot be compared\n\n{fence}text\n{message}\n{fence}\n"


def describe_last_read(consumer: ConsumerInfo, now: datetime) -> str:
    """Describes the last read of a consumer: `2 days ago`, or `never` for a product that only declares it."""
    if consumer.last_read is None:
        return "never, declared as an input"
    days = max(0, (now - consumer.last_read).days)
    return "today" if days == 0 else f"{format_count(days, 'day')} ago"


def _describe_revision(difference: Difference) -> str:
    if difference.revision is None:
        return ", not registered yet"
    after = f" → {difference.revision + 1}" if difference.verdict == "changed" else ""
    return f", revision {difference.revision}{after}"


def _draw_breaks(console: Console, breaks: Sequence[BreakInfo]) -> None:
    now = datetime.now(UTC)
    for item in breaks:
        word = Styled("breaks  ", "red") if item.refused else Styled("allowed ", "yellow")
        console.write_line(word, Styled(item.subject, "bold"), f": {item.message}", indent=11)
        for consumer in item.consumers:
            console.write_line(
                f"read by {consumer.name}{_describe_owner(consumer)}, last read {describe_last_read(consumer, now)}",
                indent=18,
            )
        if not item.consumers:
            console.write_line(Styled("no known readers", "dim"), indent=18)


def _describe_owner(consumer: ConsumerInfo) -> str:
    return f" of domain {consumer.domain}, owner {consumer.owner}" if consumer.owner else ""


def _format_headline(difference: Difference) -> str:
    if not difference.refused:
        return {"new": "🆕 is new", "unchanged": "is unchanged"}.get(difference.verdict, "✅ can be registered")
    people = {consumer.name for item in difference.breaks if item.refused for consumer in item.consumers}
    return "❌ would be refused" + (f": it breaks {format_count(len(people), 'consumer')}" if people else "")


def _format_breaks(difference: Difference) -> Iterator[str]:
    if not difference.breaks:
        return
    now = datetime.now(UTC)
    rows = []
    for item in difference.breaks:
        verdict = "❌ refused" if item.refused else "⚠️ allowed"
        readers = "<br>".join(_format_reader(consumer, now) for consumer in item.consumers) or "no known readers"
        rows.append((format_code(item.subject), f"{verdict}: {escape_markdown(item.message)}", readers))
    yield from format_table(("What", "Why it breaks", "Who reads it"), rows)


def _format_reader(consumer: ConsumerInfo, now: datetime) -> str:
    owner = f", owner {format_code(consumer.owner)}" if consumer.owner else ""
    return f"{format_code(consumer.name)}{owner}, last read {describe_last_read(consumer, now)}"


def _format_policies(difference: Difference) -> Iterator[str]:
    if difference.findings:
        rows = [
            (
                format_code(finding.policy),
                "❌ refuses" if finding.blocks else "⚠️ warns",
                format_code(finding.subject),
                escape_markdown(finding.reason),
            )
            for finding in difference.findings
        ]
        yield from format_table(("Policy", "", "About", "Why"), rows)


def _describe_violation(finding: Violation) -> str:
    waived = f" (waived until {finding.waived_until:%Y-%m-%d})" if finding.waived_until else ""
    return f"{finding.subject}: {finding.reason}{waived}"


def _is_explained(difference: Difference) -> bool:
    """Whether breaks or policy violations explain the refusal."""
    return any(item.refused for item in difference.breaks) or any(finding.blocks for finding in difference.findings)


def _format_refusal(difference: Difference) -> Iterator[str]:
    """Yields the reason of a refusal that breaks and policy violations do not explain."""
    if difference.refusal and not _is_explained(difference):
        yield from (*(escape_markdown(line) + "  " for line in difference.refusal.split("\n")), "")
        if difference.hint:
            yield from (f"→ {escape_markdown(difference.hint)}", "")
