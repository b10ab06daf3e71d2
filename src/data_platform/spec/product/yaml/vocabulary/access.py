"""The fields of `access`, of an entry of its readers, and of its conditions."""

from __future__ import annotations

from data_platform.spec.access.filter_text import LONGEST
from data_platform.spec.access.masks import MaskKind
from data_platform.spec.access.model import ColumnClass, Visibility
from data_platform.spec.product.duration import DURATION
from data_platform.spec.product.yaml import shapes
from data_platform.spec.product.yaml.field_list import Word, Words
from data_platform.spec.product.yaml.vocabulary.limits import MOST_READERS, NAME_LENGTH, OWNER_LENGTH, TEXT_LENGTH

MASK_SIZE = "bucket"
_PLAIN_MASKS = [kind.value for kind in MaskKind if kind.value != MASK_SIZE]
_BUCKET: shapes.Shape = {
    "type": "object",
    "properties": {MASK_SIZE: {"type": "number", "exclusiveMinimum": 0}},
    "required": [MASK_SIZE],
    "additionalProperties": False,
}
_MASKS: shapes.Shape = {
    "type": "object",
    "additionalProperties": {"anyOf": [shapes.make_one_of(_PLAIN_MASKS), {"type": "null"}, _BUCKET]},
}
_COLUMNS: shapes.Shape = {"anyOf": [shapes.make_one_of(ColumnClass), shapes.make_texts(NAME_LENGTH)]}

_CONDITIONS = (
    Word("teams", "Members of one of these teams.", "teams: [analytics]", shapes.make_one_or_more(OWNER_LENGTH)),
    Word("roles", "Who has one of these roles.", "roles: [consumer]", shapes.make_one_or_more(NAME_LENGTH)),
    Word(
        "domains",
        "Owners and members of one of these domains.",
        "domains: [marketing]",
        shapes.make_one_or_more(NAME_LENGTH),
    ),
    Word(
        "purposes",
        "Who reads for one of these purposes.",
        "purposes: [fraud detection]",
        shapes.make_one_or_more(TEXT_LENGTH),
    ),
)

AUTO_APPROVE = Words(_CONDITIONS)
"""An entry of `auto_approve`: who has one of the values of each field that is there."""

READER = Words(
    (
        _CONDITIONS[0],
        Word(
            "principals",
            "These principals.",
            "principals: [ada@example.org]",
            shapes.make_one_or_more(OWNER_LENGTH),
        ),
        *_CONDITIONS[1:],
        Word(
            "columns",
            "The columns that are clear: all, non_personal (the default), or a list.",
            "columns: [order_id, amount]",
            _COLUMNS,
        ),
        Word("rows", "The rows that are visible.", "rows: region = principal.region", shapes.make_text(LONGEST)),
        Word("deny", "true: they may not read, whatever else allows it.", "deny: true", {"type": "boolean"}),
    )
)
"""An entry of `readers`: who has one of the values of each field that is there."""

ACCESS = Words(
    (
        Word(
            "visibility",
            "public: everyone who is signed in; internal (the default): everyone with a role; restricted: "
            "those whom `readers` or a grant allows.",
            "visibility: restricted",
            shapes.make_one_of(Visibility),
        ),
        Word(
            "discoverable",
            "false: for those who may not read it, it is as if it was not there. true by default.",
            "discoverable: false",
            {"type": "boolean"},
        ),
        Word(
            "readers",
            "Who may read, which columns and which rows; conditions of an entry are ANDed, their values ORed.",
            "readers: [{teams: [analytics]}]",
            shapes.make_mappings(READER, MOST_READERS),
        ),
        Word(
            "rows",
            "The rows that are visible to readers other than the owner.",
            "rows: region = principal.region and amount < 1000",
            shapes.make_text(LONGEST),
        ),
        Word(
            "masks",
            "What is shown of columns that are not clear: redact (the default of personal data), null, partial, hash, "
            "year, or {bucket: WIDTH}.",
            "masks: {email: partial, birth_date: year, salary: {bucket: 1000}}",
            _MASKS,
        ),
        Word(
            "auto_approve",
            "Requests that are approved at once, never for personal data.",
            "auto_approve: [{roles: [owner]}]",
            shapes.make_mappings(AUTO_APPROVE, MOST_READERS),
        ),
        Word(
            "max_duration",
            "How long a grant may be at most.",
            "max_duration: 90 days",
            shapes.make_text(40, DURATION.pattern),
        ),
        Word(
            "terms",
            "What a requester has to accept: a text or a URL.",
            "terms: Internal use only.",
            shapes.make_text(TEXT_LENGTH),
        ),
        Word(
            "approvers",
            "Teams or principals that decide about requests instead of the owner.",
            "approvers: [data-office]",
            shapes.make_one_or_more(OWNER_LENGTH),
        ),
    )
)
"""The fields of `access`; an output's override its product's, field by field."""
