"""The official OpenLineage schemas as a judge of events: the event itself, and each facet under the URL it names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

STANDARD = Path(__file__).parents[3] / "shared/standards/openlineage"
EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json"
FORMATS = FormatChecker()

needs_the_standard = pytest.mark.skipif(not STANDARD.is_dir(), reason="the official schemas are not beside the repo")


@FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("uri", raises=ValueError)
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or (bool(urlsplit(value).scheme) and value.isascii() and " " not in value)


@cache
def registry() -> Registry[Any]:
    """Every official schema under its own `$id`; nothing is fetched, so that a wrong URL fails."""
    documents = (json.loads(path.read_text()) for path in STANDARD.rglob("*.json"))
    return Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in documents)


def problems(event: Any) -> list[str]:
    """What the standard says against an event; raises when it names a schema that there is not."""
    json.dumps(event, allow_nan=False)
    wrong = [*_against(EVENT, event), *_against(event["schemaURL"], event)]
    for facet in facets(event):
        wrong += _against(facet["_schemaURL"], facet)
    return wrong


def facets(value: Any) -> Iterator[dict[str, Any]]:
    """Every facet in an event, nested ones too."""
    if isinstance(value, dict):
        if "_schemaURL" in value:
            yield value
        for inner in value.values():
            yield from facets(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from facets(inner)


def _against(url: str, value: Any) -> list[str]:
    return [f"{url}: {error.json_path} {error.message[:200]}" for error in _validator(url).iter_errors(value)]


@cache
def _validator(url: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": url}, registry=registry(), format_checker=FORMATS)
