"""Reads a contract version."""

from __future__ import annotations

from data_platform.spec.product.semver import SEMVER, suggested_version
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.text.names import shown


def read_version(fields: Fields) -> str | None:
    """The `version` of a product, an output or an input: semver."""
    meant = suggested_version(fields.written("version"))
    hint = f'write version: "{meant or "1.0.0"}"'
    text = fields.text("version", 200, hint=hint)
    if text is None or SEMVER.fullmatch(text):
        return text
    fields.report.error(fields.place_of("version"), f"`version` {shown(text)} is not MAJOR.MINOR.PATCH", hint)
    return None
