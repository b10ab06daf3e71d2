"""What a schema says about a column besides type and constraints: description, tags, encryption, classification.

Read the same way from JSON Schema and Avro, where they are properties of our own beside the standard's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypedDict

from data_platform.spec.schema.column_names import suggest_name
from data_platform.spec.schema.constraints import show_value
from data_platform.spec.schema.types import ENCRYPTION, SchemaColumn
from data_platform.spec.text.json_document import JsonReport, Member

WORDS = ("tags", "encryption", "classification", "pii")
"""The properties of our own that a column may carry."""


class Annotations(TypedDict):
    """Keyword arguments of Column."""

    description: str | None
    tags: tuple[str, ...]
    encryption: str | None


def read_annotations(words: Mapping[str, Member], report: JsonReport, description: str = "description") -> Annotations:
    """The annotations among a schema's keywords; `description` is the keyword that holds it (`doc` in Avro)."""
    tags = [*_read_tags(words, report), *_read_classification(words, report), *_read_pii(words, report)]
    return Annotations(
        description=read_text(words, description, report),
        tags=tuple(dict.fromkeys(map(_normalize_tag, tags))),
        encryption=_read_encryption(words, report),
    )


def write_annotations(column: SchemaColumn, description: str = "description") -> dict[str, Any]:
    """The keywords that `read_annotations` reads back."""
    words: dict[str, Any] = {}
    if column.description is not None:
        words[description] = column.description
    if column.tags:
        words["tags"] = list(column.tags)
    if column.encryption is not None:
        words["encryption"] = column.encryption
    return words


def report_misplaced(words: Mapping[str, Member], report: JsonReport, hint: str) -> None:
    """Report the annotations of a column where there is no column that they could protect."""
    for word in (word for word in WORDS if word in words):
        report.add(words[word].key, f"{word} belongs to a column", hint)


def report_near_misses(words: Mapping[str, Member], vocabulary: Collection[str], report: JsonReport) -> None:
    """Report the words that are nearly known ones; the standards permit other words as extensions."""
    for word, member in words.items():
        if word not in vocabulary and (hint := suggest_name(word, vocabulary, cutoff=0.8)):
            report.add(member.key, f"{show_value(word)} is no word of a schema", hint)


def read_text(words: Mapping[str, Member], word: str, report: JsonReport) -> str | None:
    """The text a keyword holds, None when it is missing; anything but text is a problem."""
    member = words.get(word)
    if member is None or isinstance(member.node.value, str):
        return member.node.value if member else None  # type: ignore[return-value]
    report.add(member.node, f"{word} is text, not {show_value(member.node.to_plain())}", "put it in quotes")
    return None


def _read_tags(words: Mapping[str, Member], report: JsonReport) -> list[str]:
    if "tags" not in words:
        return []
    node = words["tags"].node
    value = node.to_plain()
    if isinstance(value, list) and all(isinstance(tag, str) and tag.strip() for tag in value):
        return [str(tag) for tag in value]
    report.add(node, f"tags is a list of texts, not {show_value(value)}", 'for example "tags": ["pii"]')
    return []


def _read_classification(words: Mapping[str, Member], report: JsonReport) -> list[str]:
    text = read_text(words, "classification", report)
    return [text] if text else []


def _read_pii(words: Mapping[str, Member], report: JsonReport) -> list[str]:
    if "pii" not in words:
        return []
    node = words["pii"].node
    if not isinstance(node.value, bool):
        report.add(node, f"pii is true or false, not {show_value(node.to_plain())}")
    return ["pii"] if node.value is True else []


def _normalize_tag(tag: str) -> str:
    # Protection must not hang on a capital letter.
    return "pii" if tag.strip().casefold() == "pii" else tag


def _read_encryption(words: Mapping[str, Member], report: JsonReport) -> str | None:
    text = read_text(words, "encryption", report)
    if text is None or text in ("none", ENCRYPTION):
        return text
    hint = suggest_name(text, ("none", ENCRYPTION)) or f'write "{ENCRYPTION}" or "none"'
    report.add(words["encryption"].node, f"encryption {show_value(text)} is unknown", hint)
    return None
