"""The fields of `sla`."""

from __future__ import annotations

from data_platform.spec.product.duration import DURATION
from data_platform.spec.product.yaml import shapes
from data_platform.spec.product.yaml.field_list import Word, Words
from data_platform.spec.product.yaml.vocabulary.limits import (
    DESCRIPTION_LENGTH,
    MOST_PROMISES,
    NAME_LENGTH,
    TEXT_LENGTH,
)

SLA_PROPERTY = Words(
    (
        Word("property", "What is promised.", "property: retention", shapes.make_text(NAME_LENGTH), required=True),
        Word("value", "The promised value.", "value: 3", {"type": ["string", "number", "boolean"]}),
        Word("unit", "The value's unit.", "unit: years", shapes.make_text(NAME_LENGTH)),
        Word("element", "The table, or table.column, that it is about.", "element: t.c", shapes.make_text(TEXT_LENGTH)),
        *(
            Word(name, meaning, f"{name}: …", shape)
            for name, meaning, shape in (
                ("id", "ODCS: an id that stays.", shapes.make_text(NAME_LENGTH)),
                ("valueExt", "ODCS: a second value.", {"type": ["string", "number", "boolean"]}),
                ("driver", "ODCS: why it matters: regulatory, analytics, operational.", shapes.make_text(NAME_LENGTH)),
                ("description", "What it means.", shapes.make_text(DESCRIPTION_LENGTH)),
                ("scheduler", "ODCS: the scheduler's name.", shapes.make_text(NAME_LENGTH)),
                ("schedule", "ODCS: the schedule, in the scheduler's words.", shapes.make_text(TEXT_LENGTH)),
                ("customProperties", "ODCS: fields of your own.", {"type": "array", "items": {"type": "object"}}),
                ("authoritativeDefinitions", "ODCS: links.", {"type": "array", "items": {"type": "object"}}),
            )
        ),
    )
)
"""ODCS's slaProperties."""

SLA = Words(
    (
        Word(
            "freshness",
            "How old the newest data may be: a number and seconds, minutes, hours, days or weeks.",
            'freshness: "15 minutes"',
            shapes.make_text(40, DURATION.pattern),
            ("latency",),
        ),
        Word(
            "availability",
            "The share of time in which the output can be read, from 0 % to 100 %.",
            'availability: "99.9%"',
            shapes.make_text(20, r"[0-9]{1,3}(\.[0-9]+)? ?%"),
        ),
        Word(
            "freshness_column",
            "The timestamp column whose newest value is the age of the data; by default it is the last publish.",
            "freshness_column: updated_at",
            shapes.make_text(NAME_LENGTH),
        ),
        Word(
            "timezone",
            "How timestamps without a zone are meant, and where a day begins (IANA name); UTC by default.",
            "timezone: Europe/Zurich",
            shapes.make_text(NAME_LENGTH),
        ),
        Word(
            "properties",
            "Other promises, in ODCS's words: kept and exported, not measured.",
            "properties: [{property: retention, value: 3, unit: years}]",
            shapes.make_mappings(SLA_PROPERTY, MOST_PROMISES),
        ),
    )
)
