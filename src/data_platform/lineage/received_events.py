"""OpenLineage events of others: what is read of one, whatever else it has, in versions 1.x and 2.x of the standard.

Of the facets only the column lineage is read, for its names: others may have values, queries and addresses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

from data_platform.lineage.naming import Name

STATES = frozenset(["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"])
_S3 = frozenset(["s3", "s3a", "s3n"])
_LONGEST = 1000
_MOST_DATASETS = 500
_MOST_COLUMNS = 2_000


class UnreadableEvent(Exception):
    """The value is no run event of OpenLineage; the message says why, without quoting it."""


@dataclass(frozen=True, slots=True)
class ReceivedUse:
    """A column of an input from which the tool made a column of an output."""

    source: Name
    source_column: str
    target: Name
    target_column: str


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """A run event; `state` is its `eventType`, OTHER where it has none. `columns` are the first 2,000 uses."""

    run: UUID
    state: str
    at: datetime
    job: Name
    producer: str
    inputs: tuple[Name, ...]
    outputs: tuple[Name, ...]
    columns: tuple[ReceivedUse, ...] = ()

    def rename(self, find_name: Callable[[Name], Name]) -> ReceivedEvent:
        """The event with other names of its datasets."""
        return replace(
            self,
            inputs=tuple(dict.fromkeys(map(find_name, self.inputs))),
            outputs=tuple(dict.fromkeys(map(find_name, self.outputs))),
            columns=tuple(
                replace(use, source=find_name(use.source), target=find_name(use.target)) for use in self.columns
            ),
        )

    def to_json(self) -> dict[str, Any]:
        """The event in OpenLineage's form."""
        return {
            "eventType": self.state,
            "eventTime": self.at.astimezone(UTC).isoformat(),
            "run": {"runId": str(self.run)},
            "job": {"namespace": self.job.namespace, "name": self.job.name},
            "inputs": [{"namespace": name.namespace, "name": name.name} for name in self.inputs],
            "outputs": [{"namespace": name.namespace, "name": name.name} for name in self.outputs],
            "producer": self.producer,
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        }


def read_event(value: object) -> ReceivedEvent:
    """The event in a JSON value; raises UnreadableEvent."""
    event = _demand_object(value, "the event")
    if "run" not in event:
        raise UnreadableEvent("it has no run; events of a dataset or of a job alone are not kept")
    return ReceivedEvent(
        _read_run(_demand_object(event["run"], "run")),
        _read_state(event.get("eventType") or "OTHER"),
        _read_time(event.get("eventTime")),
        _read_name(event.get("job"), "job"),
        _read_producer(event.get("producer") or "unknown"),
        _read_datasets(event.get("inputs"), "inputs"),
        _read_datasets(event.get("outputs"), "outputs"),
        tuple(islice(_read_columns(event.get("outputs")), _MOST_COLUMNS)),
    )


def _read_run(run: Mapping[str, Any]) -> UUID:
    try:
        return UUID(run.get("runId"))
    except (ValueError, TypeError, AttributeError):
        raise UnreadableEvent("run.runId is no UUID") from None


def _read_state(value: object) -> str:
    state = value.upper() if isinstance(value, str) else ""
    if state not in STATES:
        raise UnreadableEvent("eventType is none of OpenLineage's")
    return state


def _read_producer(value: object) -> str:
    """The producer as the URI that the standard demands; a plain name becomes one."""
    text = _read_text(value, "producer")
    try:
        is_uri = text.isascii() and " " not in text and bool(urlsplit(text).scheme)
    except ValueError:
        is_uri = False
    return text if is_uri else f"urn:producer:{quote(text, safe='')}"


def _read_time(value: object) -> datetime:
    """The moment; without an offset it is one of UTC. Java appends the name of its zone in brackets."""
    try:
        at = datetime.fromisoformat(_read_text(value, "eventTime").upper().partition("[")[0])
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnreadableEvent("eventTime is no moment in ISO 8601") from None


def _read_datasets(value: object, what: str) -> tuple[Name, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > _MOST_DATASETS:
        raise UnreadableEvent(f"{what} is no list of at most {_MOST_DATASETS} datasets")
    return tuple(dict.fromkeys(_normalize(name) for name in map(_find_name, value) if name is not None))


def _read_columns(outputs: object) -> Iterator[ReceivedUse]:
    """The uses in the column lineage facets of the outputs; what is no such facet is left out."""
    for output in _list_objects(outputs):
        target = _find_name(output)
        facet = _get_object(_get_object(output, "facets"), "columnLineage")
        for column, field in _get_object(facet, "fields").items():
            for use in _list_objects(field.get("inputFields") if isinstance(field, dict) else None):
                source, name = _find_name(use), use.get("field")
                if source and target and _is_text(column) and _is_text(name):
                    yield ReceivedUse(_normalize(source), str(name), _normalize(target), column)


def _list_objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _get_object(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    member = value.get(name)
    return member if isinstance(member, dict) else {}


def _find_name(dataset: object) -> Name | None:
    """The dataset's name; None where it has none that can be kept: the rest of the event is worth keeping."""
    try:
        return _read_name(dataset, "dataset")
    except UnreadableEvent:
        return None


def _normalize(name: Name) -> Name:
    """The name of a dataset as we write it.

    A folder comes as `file` + `/a`, `file:///a/`, and from Spark as `file` + `file:/a`; a bucket as `s3a://` too.
    """
    namespace, path = name.namespace.rstrip("/"), name.name.rstrip("/") or name.name
    if namespace in ("file", "file:"):
        return Name("file", re.sub("^file:/+", "/", path))
    scheme, separator, bucket = namespace.partition("://")
    if separator and scheme in _S3:
        return Name(f"s3://{bucket}", path.lstrip("/"))
    return Name(namespace, path)


def _read_name(value: object, what: str) -> Name:
    named = _demand_object(value, what)
    return Name(*(_read_text(named.get(part), f"{what}.{part}") for part in ("namespace", "name")))


def _read_text(value: object, what: str) -> str:
    if not _is_text(value):
        raise UnreadableEvent(f"{what} is no text of 1 to {_LONGEST} visible characters")
    return str(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable()


def _demand_object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableEvent(f"{what} is no object")
    return value
