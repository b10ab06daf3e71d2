"""audit: who did what when from where, and whether that is still what was written."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from data_platform.cli.console.console import Styled, answer, notes
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import amount, words
from data_platform.cli.formats.files import replacing
from data_platform.cli.options import Moment, json_option
from data_platform.cli.session import opened
from data_platform.errors import BadInput, Refused
from data_platform.platform import Platform
from data_platform.spec.text.file import LARGEST, NoRegularFile, read_bounded
from data_platform.spec.text.paths import to_path
from data_platform.verbs.results import AuditAnchor, AuditEntry, AuditVerdict

PAGE = 1000
FOR_MACHINES = {"contract", "stage", "metadata", "sha256", "audit", "after"}
"""Details that say nothing to people; `--json` has them."""


@click.group()
def audit() -> None:
    """Show who did what, and prove that the log of it is whole."""


@audit.command()
@click.option("--product", help="Acts on this product and its outputs.")
@click.option("--by", metavar="WHO", help="Acts of this principal.")
@click.option("--act", help="Acts of this kind: register, publish, refusal, …")
@click.option("--since", type=Moment(), help="Acts from this moment on.")
@click.option("--until", type=Moment(), help="Acts before this moment.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many, the newest; 100 by default. Not for jsonl.")
@click.option(
    "--format", "form", type=click.Choice(["table", "jsonl"]), default="table", help="jsonl: all, oldest first."
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="With jsonl: write to this file.")
@json_option
def log(limit: int | None, form: str, out: Path | None, as_json: bool, **filters: Any) -> None:
    """List who did what, when and from where, newest first.

    With `--format jsonl`, each line has an entry as it was hashed, and its hash; the docs say how to check them without
    us.

    \b
    Examples:
      data-platform audit log --product orders --since 2026-11-01
      data-platform audit log --format jsonl --out audit.jsonl
    """
    if form == "table" and out is not None:
        raise click.UsageError("--out needs --format jsonl")
    if form == "jsonl" and (as_json or limit):
        raise click.UsageError("--format jsonl writes all entries: leave out --json and --limit")
    with opened() as mesh:
        if form == "jsonl":
            _export(mesh, out, filters)
            return
        found = mesh.audit_log(limit=limit or 100, **filters)
    if as_json:
        print_json(found)
    elif found:
        header = ("no.", "when (UTC)", "who", "act", "on", "details", "from")
        answer().table(header, map(_row, found), one_line=("no.", "when (UTC)", "act"))
    else:
        notes().line("no such entry")


@audit.command()
@click.option("--anchor", "file", type=click.Path(path_type=Path, dir_okay=False), help="What audit anchor printed.")
@json_option
def verify(file: Path | None, as_json: bool) -> None:
    """Look for entries that were edited, removed, inserted or moved, and for sealed reads that were.

    A tail that was cut, or a log that was written anew, shows only against an anchor. Exit code 1 when something is
    found.

    \b
    Examples:
      data-platform audit verify
      data-platform audit verify --anchor anchor.json
    """
    anchor = None if file is None else _anchor(file)
    with opened() as mesh, notes().progress() as tell:
        found = mesh.verify_audit(anchor, lambda done, of: tell(f"{done:,} of {of:,} entries verified"))
    if as_json:
        print_json(found)
    else:
        _tell(found, anchor)
    if not found.ok:
        click.get_current_context().exit(1)


@audit.command()
def anchor() -> None:
    """Print what to keep of the log elsewhere, where those who write the record cannot reach it.

    Reads so far are sealed first.

    \b
    Example:
      data-platform audit anchor > anchor.json
    """
    with opened() as mesh:
        print_json(mesh.anchor_audit())


def _row(entry: AuditEntry) -> tuple[Any, ...]:
    known = {name: value for name, value in entry.details.items() if name not in FOR_MACHINES}
    told = ", ".join(f"{name} {words(value)}" for name, value in known.items() if isinstance(value, str | int | list))
    who = entry.by if entry.verified else f"{entry.by} (unverified)"
    when = f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return str(entry.number), when, who, Styled(entry.act, "bold"), entry.subject, _short(told), _place(entry)


def _place(entry: AuditEntry) -> str:
    return f"{entry.door}, {entry.user} on {entry.host}"


def _short(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:99]}…"


def _tell(found: AuditVerdict, anchor: AuditAnchor | None) -> None:
    paper = answer()
    until = f", up to {words(found.at)}" if found.at else ""
    if found.ok:
        kept = f", and agree with the anchor at {anchor.number:,}" if anchor else ""
        paper.line(Styled("intact: ", "green"), f"{amount(found.entries, 'entry', 'entries')}{until}{kept}")
        paper.line(f"{amount(found.reads, 'read')} sealed, {found.unsealed:,} not yet (tick and anchor seal them)")
        return
    paper.line(Styled(f"broken at entry {found.broken}: ", "red"), str(found.reason))
    paper.line(f"{amount(found.entries, 'entry holds', 'entries hold')}{until}")


def _anchor(file: Path) -> AuditAnchor:
    """What `audit anchor` printed; raises BadInput for anything else."""
    try:
        told = json.loads(read_bounded(to_path(file, "--anchor"), LARGEST))
        number, digest, at = told["number"], told["hash"], datetime.fromisoformat(told["at"])
        if type(number) is not int or number < 1 or len(bytes.fromhex(digest)) != 32:
            raise ValueError
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from error
    except NoRegularFile as error:
        raise BadInput(f"{file}: {error}") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadInput(f"{file} is no anchor", hint="write one: data-platform audit anchor > anchor.json") from None
    return AuditAnchor(number, digest, at)


def _export(mesh: Platform, out: Path | None, filters: dict[str, Any]) -> None:
    if out is None:
        sys.stdout.writelines(_lines(mesh, filters))
        return
    with replacing(out) as beside, beside.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_lines(mesh, filters))


def _lines(mesh: Platform, filters: dict[str, Any]) -> Iterator[str]:
    """One line an entry, in canonical JSON: the entry word for word, and its hash."""
    last = 0
    while page := mesh.audit_log(limit=PAGE, after=last, **filters):
        for entry in page:
            if not entry.door:
                what = f"entry {entry.number} is not what was written, and cannot be exported"
                raise Refused(what, hint="data-platform audit verify")
            yield f'{{"entry":{entry.entry},"hash":"{entry.hash}"}}\n'
        last = page[-1].number
