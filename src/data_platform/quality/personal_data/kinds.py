"""The kinds of personal data that are recognised in text, and how sure a match of each is.

A column is found where at least `least_share` of its sampled values match, and at least `least_values` different ones.
Both are lower for a form that hardly anything else has (an e-mail address), and higher for one that order numbers have
by chance: one of ten numbers of nine digits is a Dutch BSN.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import AddressValueError, IPv6Address

from data_platform.quality.personal_data import check_digits


class PersonalKind(StrEnum):
    """A kind of personal data, in the plural."""

    EMAIL = "e-mail addresses"
    PHONE = "phone numbers"
    IBAN = "IBANs"
    CARD = "card numbers"
    NATIONAL_ID = "national ids"
    IP = "IP addresses"


@dataclass(frozen=True, slots=True)
class Detector:
    """How values of a kind are recognised; `matches` takes a value without blanks around it."""

    kind: PersonalKind
    matches: Callable[[str], bool]
    least_share: float
    least_values: int = 1


_EMAIL = re.compile(
    r"[\w.+'-]{1,64}@(?:[\w-]{1,63}\.){1,8}(?!(?:png|jpe?g|gif|svg|webp|js|css|html?)\b)[A-Za-z]{2,24}\b"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b")
_NOT_DIGITS = re.compile(r"\D")
_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Z]")


def has_email(text: str) -> bool:
    """Whether an e-mail address stands in the text; a remote of git and the name of an image are none."""
    match = _EMAIL.search(text) if "@" in text else None
    return match is not None and not match[0].startswith("git@")


def has_iban(text: str) -> bool:
    """Whether an IBAN stands in the text, with or without blanks."""
    for match in _IBAN.finditer(text):
        length = check_digits.IBAN_LENGTHS.get(match[0][:2], 0)
        if check_digits.is_iban(match[0].replace(" ", "")[:length]):
            return True
    return False


def is_ipv4(text: str) -> bool:
    """Whether the text is an IPv4 address with a part above 99, which versions such as 1.2.3.4 do not have."""
    parts = text.split(".")
    return (
        len(parts) == 4
        and all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts)
        and all(str(int(part)) == part and int(part) < 256 for part in parts)
        and max(map(int, parts)) > 99
        and parts[0] != "0"
    )


def is_ipv6(text: str) -> bool:
    """Whether the text is an IPv6 address with at least three groups."""
    if text.count(":") < 3:
        return False
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


def _make_detector(
    kind: PersonalKind, pattern: str, check: Callable[[str], bool], least_share: float, least_values: int = 1
) -> Detector:
    """A detector of whole values of a form, whose digits (of a form with letters: whose characters) pass a check."""
    form = re.compile(pattern, re.ASCII)
    separators = _NOT_ALPHANUMERIC if "[A-Z]" in pattern else _NOT_DIGITS

    def matches(text: str) -> bool:
        return form.fullmatch(text) is not None and check(separators.sub("", text))

    return Detector(kind, matches, least_share, least_values)


def _has_digits(low: int, high: int) -> Callable[[str], bool]:
    return lambda digits: low <= len(digits) <= high


_GAP = r"[ ./-]?"
_INTERNATIONAL = rf"(?:\+|00)[1-9]\d{{0,2}}(?:{_GAP}\(0\))?(?:{_GAP}\(?\d{{1,5}}\)?){{2,7}}"
_NATIONAL = r"0\d{1,4}(?:[ /]\d{2,8}){1,4}|\(0\d{1,5}\) ?\d{2,8}(?:[ -]\d{2,6}){0,3}"
_AMERICAN = r"(?:1[ -])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[-.])[2-9]\d\d[-.]\d{4}"
_GROUPED_CARD = r"\d{4}[ -]\d{4,6}[ -]\d{4,5}(?:[ -]\d{4})?"
_FRENCH_NIR = r"[12] ?\d\d ?\d\d ?\d\d ?\d{3} ?\d{3} ?\d\d"
_ITALIAN_CODE = r"[A-Z]{6}\d\d[A-EHLMPRST][0-7]\d[A-Z]\d{3}[A-Z]"
_AMERICAN_SSN = r"(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}"

_PHONE, _CARD, _ID = PersonalKind.PHONE, PersonalKind.CARD, PersonalKind.NATIONAL_ID

DETECTORS = (
    Detector(PersonalKind.EMAIL, has_email, 0.01),
    Detector(PersonalKind.IBAN, has_iban, 0.01),
    _make_detector(_PHONE, _INTERNATIONAL, _has_digits(8, 17), 0.3),
    _make_detector(_PHONE, _NATIONAL, _has_digits(9, 12), 0.8, 2),
    _make_detector(_PHONE, _AMERICAN, _has_digits(10, 11), 0.8, 2),
    _make_detector(_CARD, _GROUPED_CARD, check_digits.is_payment_card, 0.3),
    _make_detector(_CARD, r"\d{13,19}", check_digits.is_payment_card, 0.5, 2),
    _make_detector(_ID, r"756\.?\d{4}\.?\d{4}\.?\d{2}", check_digits.is_swiss_ahv, 0.3),
    _make_detector(_ID, _FRENCH_NIR, check_digits.is_french_nir, 0.3),
    _make_detector(_ID, _ITALIAN_CODE, check_digits.is_italian_fiscal_code, 0.3),
    _make_detector(_ID, r"(?:[XYZ]|\d)\d{7}-?[A-Z]", check_digits.is_spanish_dni, 0.5, 2),
    _make_detector(_ID, r"\d{3}\.\d{3}\.\d{3}-\d\d", check_digits.is_brazilian_cpf, 0.3),
    _make_detector(_ID, r"\d{6}[-+]\d{4}", check_digits.is_swedish_personal_number, 0.5, 2),
    _make_detector(_ID, _AMERICAN_SSN, _has_digits(9, 9), 0.8, 2),
    _make_detector(_ID, r"\d{11}", check_digits.is_polish_pesel, 0.5, 3),
    _make_detector(_ID, r"\d{11}|\d\d \d{3} \d{3} \d{3}", check_digits.is_german_tax_id, 0.5, 3),
    _make_detector(_ID, r"\d{9}|\d{4}\.\d\d\.\d{3}", check_digits.is_dutch_bsn, 0.9, 5),
    Detector(PersonalKind.IP, is_ipv4, 0.3),
    Detector(PersonalKind.IP, is_ipv6, 0.3),
)
"""In this order: of two kinds that match equally often, the first counts."""
