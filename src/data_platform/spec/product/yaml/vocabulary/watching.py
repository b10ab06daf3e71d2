"""The fields of `alerts` and `oncall`."""

from __future__ import annotations

from data_platform.spec.product.watching import AlertSeverity
from data_platform.spec.product.yaml import shapes
from data_platform.spec.product.yaml.field_list import Word, Words
from data_platform.spec.product.yaml.vocabulary.limits import NAME_LENGTH, OWNER_LENGTH, TEXT_LENGTH

CLOCK_TIME = "([01][0-9]|2[0-3]):[0-5][0-9]"
_TIME = shapes.make_text(5, CLOCK_TIME)
_ZONE = shapes.make_text(NAME_LENGTH)

QUIET_HOURS = Words(
    (
        Word("from", "When the quiet hours begin, each day.", 'from: "22:00"', _TIME, required=True),
        Word("until", "When they end; what waited is sent then.", 'until: "07:00"', _TIME, required=True),
        Word("timezone", "The time zone (IANA name); UTC by default.", "timezone: Europe/Berlin", _ZONE),
    )
)

ALERT = Words(
    (
        Word(
            "channel",
            "The channel's name in settings.toml.",
            "channel: sales-slack",
            shapes.make_text(TEXT_LENGTH),
            required=True,
        ),
        Word(
            "severity",
            "The least severity that it hears of; low by default.",
            "severity: high",
            shapes.make_one_of(AlertSeverity),
        ),
        Word(
            "quiet_hours",
            "Hours of each day in which its messages wait.",
            'quiet_hours: {from: "22:00", until: "07:00", timezone: Europe/Berlin}',
            shapes.make_mapping(QUIET_HOURS),
        ),
    )
)

ONCALL = Words(
    (
        Word(
            "rotation",
            "The people, who take turns by week.",
            "rotation: [ann@example.org, bob@example.org]",
            shapes.make_texts(OWNER_LENGTH),
            required=True,
        ),
        Word(
            "starts",
            "The day on which the first of them takes over; Monday, 5 January 1970 by default.",
            "starts: 2026-01-05",
            {"type": "string", "format": "date"},
        ),
        Word("handover", "The time of day of each handover; midnight by default.", 'handover: "09:00"', _TIME),
        Word("timezone", "The time zone (IANA name); UTC by default.", "timezone: Europe/Berlin", _ZONE),
    )
)

ALERTS_SHAPE: shapes.Shape = {
    "anyOf": [
        shapes.make_text(TEXT_LENGTH),
        {"type": "array", "items": {"anyOf": [shapes.make_text(TEXT_LENGTH), shapes.make_mapping(ALERT)]}},
    ]
}
ONCALL_SHAPE: shapes.Shape = {"anyOf": [*shapes.make_one_or_more(OWNER_LENGTH)["anyOf"], shapes.make_mapping(ONCALL)]}
