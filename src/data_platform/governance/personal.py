"""Which columns probably hold personal data, by their names alone.

The words are few and unambiguous: `email`, `customerEmail` and `BILLING_ADDRESS` are
found, `product_name`, `email_count` and `phones_sold` are not. The tag `not-pii`, and the reason
`not_pii`, exclude a column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from data_platform.spec.schema.types import SchemaColumn, TableSchema, iterate_fields

NOT_PII = "not-pii"
"""The tag of a column that looks personal and is not."""

_PHRASES = frozenset(
    [
        *("email", "e mail", "phone", "telephone", "mobile", "fax", "phone number", "mobile number"),
        *("first name", "last name", "full name", "given name", "family name", "maiden name", "surname", "firstname"),
        *("lastname", "fullname", "birth date", "birthdate", "birthday", "date of birth", "dob", "birth year"),
        *("address", "street", "ip", "ip address", "ipaddress", "postal address", "mac address", "email address"),
        *("ssn", "social security number", "passport", "passport number", "national id", "tax id", "driver license"),
        *("iban", "bic", "credit card", "card number", "bank account", "account holder"),
        *("gender", "ethnicity", "religion", "nationality", "blood type", "diagnosis", "salary", "password"),
    ]
)
_LAST_WORDS = frozenset(phrase.rpartition(" ")[2] for phrase in _PHRASES)
_LONGEST = max(phrase.count(" ") for phrase in _PHRASES) + 1
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def is_likely_personal(column: SchemaColumn) -> bool:
    """Whether the column's name ends like personal data, and neither a tag nor a reason says whether it is."""
    return _has_personal_name(column.name) and not column.pii and NOT_PII not in column.tags and column.not_pii is None


def list_personal_names(schema: TableSchema) -> Iterator[str]:
    """The columns, and the paths of fields in them, that are not declared as personal data and have such a name."""
    protected = set(schema.masked)
    for column in schema:
        if column.name not in protected:
            yield from _list_names_inside(column, column.name)


def _list_names_inside(column: SchemaColumn, path: str) -> Iterator[str]:
    if column.anonymised is None and is_likely_personal(column):
        yield path
    for inner in iterate_fields(column.type):
        yield from _list_names_inside(inner, f"{path}.{inner.name}")


@lru_cache(maxsize=10_000)
def _has_personal_name(name: str) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words[-1] not in _LAST_WORDS:
        return False
    return any(" ".join(words[-count:]) in _PHRASES for count in range(1, _LONGEST + 1))
