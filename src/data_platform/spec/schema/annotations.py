"""What a schema says about a column besides type and constraints: description, tags, encryption, personal data.

Read the same way from JSON Schema and Avro, where they are properties of our own beside the standard's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, TypedDict

from data_platform.spec.schema.column_names import suggest_name
from data_platform.spec.schema.constraints import show_value
from data_platform.spec.schema.types import ENCRYPTION, Anonymised, SchemaColumn
from data_platform.spec.text.json_document import JsonReport, Member

WORDS = ("tags", "encryption", "classification", "pii", "not_pii", "anonymised", "term")
"""The properties of our own that a column may carry."""
LONGEST_TERM = 120
"""The most characters of the name of a term."""


class Annotations(TypedDict):
    """Keyword arguments of Column."""

    description: str | None
    tags: tuple[str, ...]
    encryption: str | None
    not_pii: str | None
    anonymised: Anonymised | None
    term: str | None


def read_annotations(
    words: Mapping[str, Member], report: JsonReport, description: str = "description", *, nested: bool = False
) -> Annotations:
    """The annotations among a schema's keywords; `description` is the keyword that holds it (`doc` in Avro).

    `nested` is a field inside a column: lineage knows whole columns, so `anonymised` is a problem there.
    """
    tags = [*_read_tags(words, report), *_read_classification(words, report), *_read_pii(words, report)]
    tags = [*dict.fromkeys(map(_normalize_tag, tags))]
    if nested and "anonymised" in words:
        report.add(words["anonymised"].key, "anonymised belongs to a column, not to a field inside one")
    return Annotations(
        description=read_text(words, description, report),
        tags=tuple(tags),
        encryption=_read_encryption(words, report),
        not_pii=_read_not_pii(words, "pii" in tags, report),
        anonymised=_read_anonymised(words, "pii" in tags, report),
        term=_read_term(words, report),
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
    if column.not_pii is not None:
        words["not_pii"] = column.not_pii
    if column.anonymised is not None:
        words["anonymised"] = column.anonymised.to_json()
    if column.term is not None:
        words["term"] = column.term
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


def _read_not_pii(words: Mapping[str, Member], pii: bool, report: JsonReport) -> str | None:
    if "not_pii" not in words:
        return None
    node = words["not_pii"].node
    reason = node.value.strip() if isinstance(node.value, str) else ""
    if not reason:
        hint = 'for example "not_pii": "order numbers that look like phone numbers"'
        report.add(node, f"not_pii is the reason why, not {show_value(node.to_plain())}", hint)
    if pii:
        report.add(words["not_pii"].key, "the column is both pii and not_pii", "remove one of them")
    return reason or None


def _read_anonymised(words: Mapping[str, Member], pii: bool, report: JsonReport) -> Anonymised | None:
    if "anonymised" not in words:
        return None
    node = words["anonymised"].node
    value = node.to_plain()
    given = value.get("from") if isinstance(value, dict) else None
    sources = [given] if isinstance(given, str) else given
    method = value.get("method") if isinstance(value, dict) else None
    if pii:
        report.add(words["anonymised"].key, "the column is both pii and anonymised", "remove one of them")
    if (
        isinstance(sources, list)
        and sources
        and all(isinstance(source, str) and _SOURCE.fullmatch(source) for source in sources)
        and isinstance(method, str)
        and method.strip()
        and set(node.words) == {"from", "method"}
    ):
        return Anonymised(tuple(sorted(dict.fromkeys(map(str, sources)))), method.strip())
    hint = '"anonymised": {"from": "customers.customers_dim.email", "method": "the first letter alone"}'
    report.add(node, "anonymised says from which product.output.column the values are, and by which method", hint)
    return None


def _read_term(words: Mapping[str, Member], report: JsonReport) -> str | None:
    text = read_text(words, "term", report)
    term = None if text is None else " ".join(text.split())
    if term is not None and not 0 < len(term) <= LONGEST_TERM:
        hint = 'for example "term": "Customer"'
        report.add(words["term"].node, f"term is the name of a term, of 1 to {LONGEST_TERM} characters", hint)
        return None
    return term


_SOURCE = re.compile(r"[^.\s]+\.[^.\s]+\..*\S")


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
