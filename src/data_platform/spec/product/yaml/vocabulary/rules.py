"""The fields of quality rules, expectations by name, and checks that cannot run here."""

from __future__ import annotations

from data_platform.spec.product.yaml import shapes
from data_platform.spec.product.yaml.field_list import Word, Words
from data_platform.spec.product.yaml.vocabulary.limits import DESCRIPTION_LENGTH, NAME_LENGTH, SQL_LENGTH, TEXT_LENGTH
from data_platform.spec.product.yaml.vocabulary.overlay import make_overlay_word
from data_platform.spec.rules.expectations import EXPECTATIONS
from data_platform.spec.rules.metrics import ARGUMENTS
from data_platform.spec.rules.model import DIMENSIONS, Operator, Severity, Unit

SEVERITIES = {"error": "blocking", "critical": "blocking", "fail": "blocking", "warn": "warning", "info": "warning"}
"""Other tools' words for ours, as hints."""

JUDGEMENT = (
    Word(
        "severity",
        "blocking refuses the publish (the default), warning is recorded.",
        "severity: warning",
        shapes.make_one_of(Severity),
    ),
    Word("dimension", "The quality dimension of ODCS.", "dimension: completeness", shapes.make_one_of(DIMENSIONS)),
    Word(
        "description",
        "Why the rule exists.",
        "description: A refund is a row of its own.",
        shapes.make_text(DESCRIPTION_LENGTH),
    ),
)

BETWEEN = (Operator.BETWEEN, Operator.NOT_BETWEEN)
THRESHOLD = "threshold"

OPERATORS = (
    Word(
        THRESHOLD,
        "The greatest value that passes; 0 by default.",
        "threshold: 0",
        shapes.NUMBER,
        (Operator.LESS_OR_EQUAL,),
    ),
    *(
        Word(
            operator.value,
            "What the measured value must be (ODCS operator).",
            f"{operator.value}: {'[0, 10]' if operator in BETWEEN else '0'}",
            shapes.TWO_NUMBERS if operator in BETWEEN else shapes.NUMBER,
        )
        for operator in Operator
        if operator is not Operator.LESS_OR_EQUAL
    ),
)

RULE = Words(
    (
        Word("rule", "The rule's name.", "rule: no_null_order_id", shapes.make_text(NAME_LENGTH), ("id",)),
        Word(
            "name", "ODCS: the same as `rule`; beside `id` it says the same.", "name: r", shapes.make_text(NAME_LENGTH)
        ),
        Word(
            "type",
            "ODCS: sql or library; it follows from the other fields.",
            "type: sql",
            shapes.make_one_of(["sql", "library"]),
        ),
        Word(
            "sql",
            "One SELECT that counts what is wrong, over the output's name.",
            'sql: "SELECT COUNT(*) FROM orders WHERE id IS NULL"',
            shapes.make_text(SQL_LENGTH),
            ("query",),
        ),
        Word(
            "metric", "A library metric of ODCS, instead of sql.", "metric: nullValues", shapes.make_one_of(ARGUMENTS)
        ),
        Word(
            "column",
            "The column that the metric measures, or that the SQL is about.",
            "column: order_id",
            shapes.make_text(NAME_LENGTH),
        ),
        Word("arguments", "The metric's arguments.", "arguments: {validValues: [a, b]}", {"type": "object"}),
        *OPERATORS,
        Word("unit", "Whether a metric counts rows or their share.", "unit: percent", shapes.make_one_of(Unit)),
        *JUDGEMENT,
        make_overlay_word("odcs", "the check"),
    )
)

UNCHECKED = Words(
    (
        Word("name", "The check's name.", "name: fresh", shapes.make_text(NAME_LENGTH), required=True),
        Word("why", "Why it does not run here.", "why: soda is not run here", shapes.make_text(TEXT_LENGTH)),
        Word("column", "The column that it is about.", "column: order_id", shapes.make_text(NAME_LENGTH)),
        Word(
            "check",
            "The check as ODCS writes it: text, library, sql or custom.",
            "check: {type: text, description: Ask the team.}",
            {"type": "object"},
            required=True,
        ),
    )
)

EXPECTATION_OPTIONS = Words(
    (
        Word("name", "The rule's name.", "name: has_id", shapes.make_text(NAME_LENGTH)),
        *JUDGEMENT,
        make_overlay_word("odcs", "the check"),
    )
)

EXPECTATION = Words(
    (
        *(
            Word(
                name,
                (build.__doc__ or "").partition("\n")[0],
                f"{name}: order_id",
                {"type": ["string", "object", "array"]},
            )
            for name, build in EXPECTATIONS.items()
        ),
        *EXPECTATION_OPTIONS.words,
    )
)
