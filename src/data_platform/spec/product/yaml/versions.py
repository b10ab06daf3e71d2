"""Reads a contract version."""

from __future__ import annotations

from data_platform.spec.product.semver import SEMVER, suggest_version
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.text.names import quote_text


def read_version(fields: Fields) -> str | None:
    """The `version` of a product, an output or an input: semver."""
    suggestion = suggest_version(fields.read_raw("version"))
    hint = f'write version: "{suggestion or "1.0.0"}"'
    text = fields.read_text("version", 200, hint=hint)
    if text is None or SEMVER.fullmatch(text):
        return text
    fields.report.error(fields.locate("version"), f"`version` {quote_text(text)} is not MAJOR.MINOR.PATCH", hint)
    return None
