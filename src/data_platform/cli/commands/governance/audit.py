"""audit: shows and verifies the audit log."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_count, format_value
from data_platform.cli.formats.files import write_atomically
from data_platform.cli.options import MomentType, json_option
from data_platform.cli.path_types import InputPath, OutputFile
from data_platform.cli.session import open_platform
from data_platform.errors import BadInput, Refused
from data_platform.platform import Platform
from data_platform.spec.text.file import LARGEST, NoRegularFile, read_bounded
from data_platform.spec.text.paths import to_path
from data_platform.verbs.results import AuditAnchor, AuditEntry, AuditVerdict

PAGE = 1000
TECHNICAL_DETAILS = {"contract", "stage", "metadata", "sha256", "audit", "after"}
"""Details that only `--json` shows."""


@click.group()
def audit() -> None:
    """Show, verify and export the audit log."""


@audit.command()
@click.option("--product", help="List only acts on this product and its outputs.")
@click.option("--by", metavar="WHO", help="List only acts of this principal.")
@click.option("--act", help="List only acts of this kind: register, publish, refusal, …")
@click.option("--since", type=MomentType(), help="List only acts at or after this time.")
@click.option("--until", type=MomentType(), help="List only acts before this time.")
@click.option(
    "--limit", type=click.IntRange(min=1), help="The maximum number of entries (default: 100). Not with jsonl."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "jsonl"]),
    default="table",
    help="jsonl lists all entries, oldest first.",
)
@click.option("--out", metavar="FILE", type=OutputFile(), help="Write jsonl to this file.")
@json_option
def log(limit: int | None, form: str, out: Path | None, as_json: bool, **filters: Any) -> None:
    """List who did what, when and from where, newest first.

    With `--format jsonl`, a line has an entry as it was hashed, and its hash; the documentation describes how to verify
    them without data-platform.

    \b
    Examples:
      data-platform audit log --product orders --since 2026-11-01
      data-platform audit log --format jsonl --out audit.jsonl
    """
    if form == "table" and out is not None:
        raise click.UsageError("--out needs --format jsonl")
    if form == "jsonl" and (as_json or limit):
        raise click.UsageError("--format jsonl writes all entries: leave out --json and --limit")
    with open_platform() as mesh:
        if form == "jsonl":
            _export(mesh, out, filters)
            return
        entries = mesh.audit_log(limit=limit or 100, **filters)
    if as_json:
        print_json(entries)
    elif entries:
        header = ("no.", "when (UTC)", "act", "on", "who", "details", "from")
        stdout_console().write_table(header, map(_format_row, entries), one_line=("no.", "when (UTC)", "act"))
    else:
        stderr_console().write_line("no matching entry")


@audit.command()
@click.option(
    "--anchor",
    "file",
    metavar="FILE",
    type=InputPath(),
    help="A file with the output of `audit anchor`.",
)
@json_option
def verify(file: Path | None, as_json: bool) -> None:
    """Verify that the log was not changed.

    Detects entries and sealed reads that were edited, removed, inserted or moved. A truncated or completely rewritten
    log is detected only with an anchor. The exit code is 1 if the log is damaged.

    \b
    Examples:
      data-platform audit verify
      data-platform audit verify --anchor anchor.json
    """
    anchor = None if file is None else _read_anchor(file)
    with open_platform() as mesh, stderr_console().show_progress() as show:
        verdict = mesh.verify_audit(anchor, lambda done, of: show(f"{done:,} of {of:,} entries verified"))
    if as_json:
        print_json(verdict)
    else:
        _print_verdict(verdict, anchor)
    if not verdict.ok:
        click.get_current_context().exit(1)


@audit.command()
def anchor() -> None:
    """Print an anchor of the log, for a later verification.

    Keep it where users who can write to the record have no access. All reads are sealed first.

    \b
    Example:
      data-platform audit anchor > anchor.json
    """
    with open_platform() as mesh:
        print_json(mesh.anchor_audit())


def _format_row(entry: AuditEntry) -> tuple[Any, ...]:
    items = [(name, value) for name, value in entry.details.items() if name not in TECHNICAL_DETAILS]
    details = ", ".join(f"{name} {format_value(value)}" for name, value in items if isinstance(value, str | int | list))
    who = entry.by if entry.verified else f"{entry.by} (unverified)"
    when = f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return (
        str(entry.number),
        when,
        Styled(entry.act, "bold"),
        entry.subject,
        who,
        _truncate(details),
        _describe_place(entry),
    )


def _describe_place(entry: AuditEntry) -> str:
    return f"{entry.door}, {entry.user} on {entry.host}"


def _truncate(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:99]}…"


def _print_verdict(verdict: AuditVerdict, anchor: AuditAnchor | None) -> None:
    console = stdout_console()
    until = f", up to {format_value(verdict.at)}" if verdict.at else ""
    if verdict.ok:
        kept = f", and agree with the anchor at {anchor.number:,}" if anchor else ""
        console.write_line(
            Styled("intact: ", "green"), f"{format_count(verdict.entries, 'entry', 'entries')}{until}{kept}"
        )
        console.write_line(
            f"{format_count(verdict.reads, 'read')} sealed, {verdict.unsealed:,} not yet (tick and anchor seal them)"
        )
        return
    console.write_line(Styled(f"broken at entry {verdict.broken}: ", "red"), str(verdict.reason))
    console.write_line(f"{format_count(verdict.entries, 'entry holds', 'entries hold')}{until}")


def _read_anchor(file: Path) -> AuditAnchor:
    """Reads the output of `audit anchor`. Raises BadInput for anything else."""
    try:
        content = json.loads(read_bounded(to_path(file, "--anchor"), LARGEST))
        number, digest, at = content["number"], content["hash"], datetime.fromisoformat(content["at"])
        if type(number) is not int or number < 1 or len(bytes.fromhex(digest)) != 32:
            raise ValueError
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from error
    except NoRegularFile as error:
        raise BadInput(f"{file}: {error}") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadInput(
            f"{file} is not an anchor", hint="create one: data-platform audit anchor > anchor.json"
        ) from None
    return AuditAnchor(number, digest, at)


def _export(mesh: Platform, out: Path | None, filters: dict[str, Any]) -> None:
    if out is None:
        sys.stdout.writelines(_format_lines(mesh, filters))
        return
    with write_atomically(out) as beside, beside.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_format_lines(mesh, filters))


def _format_lines(mesh: Platform, filters: dict[str, Any]) -> Iterator[str]:
    """Yields one line of canonical JSON per entry: the entry as it was written, and its hash."""
    last = 0
    while page := mesh.audit_log(limit=PAGE, after=last, **filters):
        for entry in page:
            if not entry.door:
                what = f"entry {entry.number} was changed after it was written, and cannot be exported"
                raise Refused(what, hint="data-platform audit verify")
            yield f'{{"entry":{entry.entry},"hash":"{entry.hash}"}}\n'
        last = page[-1].number
