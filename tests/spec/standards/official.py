"""The official schemas of the standards, which lie beside the repository; a test that needs them skips without."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

STANDARDS = Path(__file__).parents[4] / "shared" / "standards"
EXAMPLES = sorted(STANDARDS.glob("examples/**/*.yaml"))
_FILES = {"odps": "odps-1.1.0.schema.json", "odcs": "odcs-3.2.0.schema.json"}


class Validator:
    """Judges documents by an official schema; without the schema it judges nothing."""

    def __init__(self, schema: Any) -> None:
        self._schema = None if schema is None else jsonschema.Draft201909Validator(schema)

    def problems(self, text: str) -> list[str]:
        """What is wrong with a document."""
        document = json.loads(json.dumps(yaml.load(text, Loader=Texts)))
        errors = [] if self._schema is None else self._schema.iter_errors(document)
        return [f"{error.json_path}: {error.message[:300]}" for error in errors]

    def validate(self, text: str) -> None:
        """A document without problems."""
        assert self.problems(text) == []


@cache
def validator(standard: str) -> Validator:
    """The judge of `odps` or `odcs`."""
    path = STANDARDS / _FILES[standard]
    return Validator(json.loads(path.read_text()) if path.exists() else None)


def need_standards() -> None:
    """Skip where the official files are not."""
    if not EXAMPLES:
        pytest.skip("the official examples do not lie beside the repository")


class Texts(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads dates as the text that they are."""


Texts.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
