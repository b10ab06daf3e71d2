"""Check digits of numbers that name people, their accounts and their cards. Arguments are digits without separators.

The algorithms: Luhn (ISO/IEC 7812-1), MOD 97-10 and MOD 11,10 (ISO/IEC 7064), IBAN (ISO 13616), and those of the
authorities that give the national numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 "
    "ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 "
    "LB28 LC32 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 "
    "RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
)
IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in _LENGTHS.split()}
"""The characters of an IBAN by country, from the registry of ISO 13616."""


def is_luhn(digits: str) -> bool:
    """Luhn: every second digit from the right is doubled; the sum of all digits is a multiple of 10."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def is_iban(text: str) -> bool:
    """An IBAN without blanks: the length of its country, and MOD 97-10."""
    if len(text) != IBAN_LENGTHS.get(text[:2]):
        return False
    moved = text[4:] + text[:4]
    return int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


def is_swiss_ahv(digits: str) -> bool:
    """Switzerland, AHV number: EAN-13 of the country 756."""
    return digits.startswith("756") and _weigh(digits, (1, 3) * 6 + (1,)) % 10 == 0


def is_french_nir(digits: str) -> bool:
    """France, NIR: sex, year and month, then the key 97 - n mod 97."""
    month = int(digits[3:5])
    return digits[0] in "12" and (1 <= month <= 12 or month >= 20) and int(digits[13:]) == 97 - int(digits[:13]) % 97


def is_italian_fiscal_code(text: str) -> bool:
    """Italy, codice fiscale of a person: 15 letters and digits, then a letter over all of them."""
    odd = sum(_ODD[int(letter, 36) - 10 if letter.isalpha() else int(letter)] for letter in text[:15:2])
    even = sum(int(letter, 36) - 10 if letter.isalpha() else int(letter) for letter in text[1:15:2])
    return chr(ord("A") + (odd + even) % 26) == text[15]


def is_spanish_dni(text: str) -> bool:
    """Spain, DNI and NIE: the letter is the number modulo 23; X, Y and Z count as 0, 1 and 2."""
    number = text[:-1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == text[-1]


def is_brazilian_cpf(digits: str) -> bool:
    """Brazil, CPF: two check digits modulo 11; all digits equal are none."""
    first = _weigh(digits[:9], range(10, 1, -1)) * 10 % 11 % 10
    second = _weigh(digits[:10], range(11, 1, -1)) * 10 % 11 % 10
    return digits[9:] == f"{first}{second}" and len(set(digits)) > 1


def is_polish_pesel(digits: str) -> bool:
    """Poland, PESEL: a date of birth, with the century in the month, and a weighted sum modulo 10."""
    century, month = divmod(int(digits[2:4]), 20)
    year = (1900, 2000, 2100, 2200, 1800)[century] + int(digits[:2])
    return _is_date(year, month, int(digits[4:6])) and _weigh(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def is_german_tax_id(digits: str) -> bool:
    """Germany, Steuer-ID: one digit of the first ten is there twice or three times, then MOD 11,10."""
    repeated = [count for count in Counter(digits[:10]).values() if count > 1]
    if digits[0] == "0" or len(repeated) != 1 or repeated[0] > 3:
        return False
    product = 10
    for digit in digits[:10]:
        product = 2 * ((int(digit) + product) % 10 or 10) % 11
    return (11 - product) % 10 == int(digits[10])


def is_dutch_bsn(digits: str) -> bool:
    """Netherlands, BSN: the eleven test."""
    return _weigh(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0 and digits != "000000000"


def is_swedish_personal_number(digits: str) -> bool:
    """Sweden, personnummer of ten digits: a date of birth without the century, and Luhn."""
    return _is_date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:6])) and is_luhn(digits)


def is_payment_card(digits: str) -> bool:
    """A number in a range and of a length that a network of payment cards gives, and Luhn."""
    networks = (
        (len(digits) in (13, 16, 19) and digits[0] == "4")
        or (len(digits) == 16 and (51 <= int(digits[:2]) <= 55 or 2221 <= int(digits[:4]) <= 2720))
        or (len(digits) == 15 and digits[:2] in ("34", "37"))
        or (len(digits) == 14 and (digits[:2] in ("36", "38") or 300 <= int(digits[:3]) <= 305))
        or (len(digits) == 16 and (digits[:4] == "6011" or digits[:2] == "65" or 3528 <= int(digits[:4]) <= 3589))
        or (16 <= len(digits) <= 19 and digits[:2] == "62")
    )
    return networks and len(set(digits)) > 1 and is_luhn(digits)


def _weigh(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
"""What a character at an odd place of a codice fiscale counts, by its number."""
