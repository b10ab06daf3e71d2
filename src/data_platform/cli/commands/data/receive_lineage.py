"""receive-lineage: what other tools say of their runs, from a file of OpenLineage events."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

import click

from data_platform.cli.console.console import stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.stdout import require_stdin
from data_platform.cli.console.text import format_count
from data_platform.cli.options import json_option
from data_platform.cli.path_types import STDIO, InputPath
from data_platform.cli.session import open_platform
from data_platform.errors import BadInput, InvalidSpec, Problem
from data_platform.platform import Platform
from data_platform.spec.text.file import NoRegularFile, read_bounded
from data_platform.verbs.results import IgnoredEvent, ReceivedLineage
from data_platform.verbs.wire.form import Json
from data_platform.verbs.wire.messages import LARGEST, read_json

_MOST_EVENTS = 1000
"""Events of one request."""
_PLACE = re.compile(r": line (\d+) column (\d+) \(char \d+\)$")


class _Event(NamedTuple):
    """An event, and the line where it begins; 0 in an array."""

    line: int
    value: Json


@click.command("receive-lineage")
@click.argument("file", type=InputPath(dash=True))
@json_option
def receive_lineage(file: Path, as_json: bool) -> None:
    """Take OpenLineage events of other tools from a file.

    FILE (- is standard input) has one event, an array of events, or an event in each line. They are kept for the
    outputs whose datasets they name, and what they say becomes part of the lineage, marked as a report. The exit code
    is 2 if none is kept.

    \b
    Examples:
      data-platform receive-lineage events.jsonl
      kubectl logs spark-driver | grep '^{"eventTime' | data-platform receive-lineage -
    """
    name = "standard input" if str(file) == STDIO else str(file)
    events = _read_events(_read_text(file, name), name)
    with open_platform() as mesh:
        received = _send(mesh, events)
    ignored = [_describe_ignored(event, events[event.number].line, name) for event in received.ignored]
    if not received.kept:
        raise BadInput("\n".join([f"{name}: kept none of {format_count(len(events), 'event')}:", *ignored]))
    if as_json:
        print_json(received)
        return
    kept = f"kept {received.kept:,} of {format_count(len(events), 'event')}"
    stdout_console().write_line(f"{kept}, for {', '.join(received.outputs)}")
    for line in ignored:
        stderr_console().write_line(line)


def _send(mesh: Platform, events: list[_Event]) -> ReceivedLineage:
    """What all requests together answer."""
    kept, outputs, ignored = 0, dict[str, None](), list[IgnoredEvent]()
    for start in range(0, len(events), _MOST_EVENTS):
        part = mesh.receive_lineage([event.value for event in events[start : start + _MOST_EVENTS]])
        kept += part.kept
        outputs |= dict.fromkeys(part.outputs)
        ignored += [IgnoredEvent(start + event.number, event.reason) for event in part.ignored]
    return ReceivedLineage(kept, tuple(outputs), tuple(ignored))


def _describe_ignored(event: IgnoredEvent, line: int, name: str) -> str:
    place = f"{name}:{line}" if line else f"{name}, event {event.number + 1:,}"
    return f"  {place}: ignored: {event.reason}"


def _read_text(file: Path, name: str) -> str:
    if str(file) == STDIO:
        require_stdin()
        data = sys.stdin.buffer.read(LARGEST + 1)
    else:
        try:
            data = read_bounded(file, LARGEST)
        except NoRegularFile as error:
            raise BadInput(f"{name}: {error}") from None
    if len(data) > LARGEST:
        raise BadInput(f"{name} has more than {LARGEST:,} bytes", hint="send fewer events at one time")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidSpec([Problem(name, data.count(b"\n", 0, error.start) + 1, 1, "this is not UTF-8")]) from None


def _read_events(text: str, name: str) -> list[_Event]:
    """The events; raises InvalidSpec with all lines that are no JSON, BadInput for a file without events."""
    try:
        document = _parse(text, name, 1)
    except InvalidSpec:
        first = text.lstrip().partition("\n")[0]
        if not _is_json(first):
            raise
        return _read_lines(text, name)
    if isinstance(document, list):
        return [_Event(0, event) for event in document] or _refuse_empty(name)
    return [_Event(1, document)]


def _read_lines(text: str, name: str) -> list[_Event]:
    events, problems = [], list[Problem]()
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                events.append(_Event(number, _parse(line, name, number)))
            except InvalidSpec as error:
                problems += error.problems
    if problems:
        raise InvalidSpec(problems)
    return events


def _refuse_empty(name: str) -> list[_Event]:
    raise BadInput(f"{name} has no event")


def _is_json(text: str) -> bool:
    try:
        read_json(text.encode())
    except BadInput:
        return False
    return True


def _parse(text: str, name: str, line: int) -> Json:
    """The JSON of a text that begins in `line`; raises InvalidSpec with its place."""
    try:
        return read_json(text.encode())
    except BadInput as error:
        place = _PLACE.search(error.message)
        below, column = (int(place[1]) - 1, int(place[2])) if place else (0, 1)
        raise InvalidSpec([Problem(name, line + below, column, _PLACE.sub("", error.message), error.hint)]) from None
