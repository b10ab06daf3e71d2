"""A difference, told on a terminal and in Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from data_platform.cli.console.console import Paper, Styled
from data_platform.cli.console.markdown import code, details, escaped, table
from data_platform.cli.console.text import amount
from data_platform.errors import Violation
from data_platform.verbs.results import BreakInfo, ConsumerInfo, Difference

_STYLES = {"new": "green", "changed": "green", "unchanged": "dim", "refused": "bold red"}


def draw(paper: Paper, found: Difference) -> None:
    """What would change, then what breaks and for whom, then what to do."""
    state = Styled(f"{found.verdict:<11}", _STYLES[found.verdict])
    paper.line(state, Styled(found.product, "bold"), f" in domain {found.domain}{_revision(found)}")
    for change in found.changes:
        paper.line(str(change), indent=11)
    _draw_breaks(paper, found.breaks)
    for finding in found.findings:
        word = Styled("refuses " if finding.blocks else "warns   ", "red" if finding.blocks else "yellow")
        paper.line(word, Styled(finding.policy, "bold"), f": {_said(finding)}", indent=11)
    if found.refusal and not _explained(found):
        paper.line(Styled("refused: ", "red"), found.refusal, indent=11)
    for line in (*found.versions, *(found.hint.split("\n") if found.hint and not found.versions else ())):
        paper.line(Styled("→ ", "cyan"), line, indent=11)


def markdown(path: Path, found: Difference) -> str:
    """A section of a comment: the verdict, a table of what breaks and for whom, and all changes to be opened."""
    lines = [f"### {code(found.product)} {_headline(found)}", "", *_table(found), *_refusal(found)]
    lines += _policies(found)
    lines += [f"- {escaped(line)}" for line in found.versions] + ([""] if found.versions else [])
    lines += [f"> ⚠️ {escaped(warning)}" for warning in found.warnings] + ([""] if found.warnings else [])
    if found.changes:
        summary = f"{amount(len(found.changes), 'change')} in {path.as_posix()}"
        lines += details(summary, [f"- {code(each.subject)} {escaped(each.message)}" for each in found.changes])
    return "\n".join(lines)


def markdown_error(path: Path, message: str) -> str:
    """The section of a file that cannot be judged."""
    fence = "`" * max(3, 1 + max((len(run) for run in message.split() if set(run) == {"`"}), default=0))
    return f"### {code(path.as_posix())} ❌ cannot be judged\n\n{fence}text\n{message}\n{fence}\n"


def read_when(consumer: ConsumerInfo, now: datetime) -> str:
    """When the consumer last read: `2 days ago`, or `never` of a product that only declares it."""
    if consumer.last_read is None:
        return "never, it declares it as an input"
    days = max(0, (now - consumer.last_read).days)
    return "today" if days == 0 else f"{amount(days, 'day')} ago"


def _revision(found: Difference) -> str:
    if found.revision is None:
        return ", not registered yet"
    after = f" → {found.revision + 1}" if found.verdict == "changed" else ""
    return f", revision {found.revision}{after}"


def _draw_breaks(paper: Paper, breaks: Sequence[BreakInfo]) -> None:
    now = datetime.now(UTC)
    for each in breaks:
        word = Styled("breaks ", "red") if each.refused else Styled("let go ", "yellow")
        paper.line(word, Styled(each.subject, "bold"), f": {each.message}", indent=11)
        for consumer in each.consumers:
            paper.line(f"read by {consumer.name}{_whose(consumer)}, last read {read_when(consumer, now)}", indent=18)
        if not each.consumers:
            paper.line(Styled("nobody is known to read it", "dim"), indent=18)


def _whose(consumer: ConsumerInfo) -> str:
    return f" of domain {consumer.domain}, owner {consumer.owner}" if consumer.owner else ""


def _headline(found: Difference) -> str:
    if not found.refused:
        return {"new": "🆕 is new", "unchanged": "is unchanged"}.get(found.verdict, "✅ can be registered")
    people = {consumer.name for each in found.breaks if each.refused for consumer in each.consumers}
    return "❌ would be refused" + (f": it breaks {amount(len(people), 'consumer')}" if people else "")


def _table(found: Difference) -> Iterator[str]:
    if not found.breaks:
        return
    now = datetime.now(UTC)
    rows = []
    for each in found.breaks:
        verdict = "❌ refused" if each.refused else "⚠️ let go"
        readers = "<br>".join(_reader(consumer, now) for consumer in each.consumers) or "nobody is known to read it"
        rows.append((code(each.subject), f"{verdict}: {escaped(each.message)}", readers))
    yield from table(("What", "Why it breaks", "Who reads it"), rows)


def _reader(consumer: ConsumerInfo, now: datetime) -> str:
    owner = f", owner {code(consumer.owner)}" if consumer.owner else ""
    return f"{code(consumer.name)}{owner}, last read {read_when(consumer, now)}"


def _policies(found: Difference) -> Iterator[str]:
    if found.findings:
        rows = [
            (code(each.policy), "❌ refuses" if each.blocks else "⚠️ warns", code(each.subject), escaped(each.reason))
            for each in found.findings
        ]
        yield from table(("Policy", "", "About", "Why"), rows)


def _said(finding: Violation) -> str:
    waived = f" (waived until {finding.waived_until:%Y-%m-%d})" if finding.waived_until else ""
    return f"{finding.subject}: {finding.reason}{waived}"


def _explained(found: Difference) -> bool:
    """Whether what breaks, or what policies say, is why it would be refused."""
    return any(each.refused for each in found.breaks) or any(each.blocks for each in found.findings)


def _refusal(found: Difference) -> Iterator[str]:
    """Why, where it is not what breaks nor what policies say."""
    if found.refusal and not _explained(found):
        yield from (*(escaped(line) + "  " for line in found.refusal.split("\n")), "")
        if found.hint:
            yield from (f"→ {escaped(found.hint)}", "")
