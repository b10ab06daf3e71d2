"""Reads a contract version."""

from __future__ import annotations

from data_platform.spec.names import shown
from data_platform.spec.product_yaml.fields import Fields
from data_platform.spec.semver import SEMVER, suggested_version


def read_version(fields: Fields) -> str | None:
    """The `version` of a product, an output or an input: semver."""
    text = fields.text("version", 200)
    if text is None or SEMVER.fullmatch(text):
        return text
    meant = suggested_version(text)
    hint = f'write version: "{meant or "1.0.0"}"'
    fields.report.error(fields.place_of("version"), f"`version` {shown(text)} is not MAJOR.MINOR.PATCH", hint)
    return None
