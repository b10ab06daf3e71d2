"""Published example numbers pass; a number with one other digit does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from data_platform.quality.personal_data import check_digits

EXAMPLES = [
    (check_digits.is_luhn, "79927398713"),
    (check_digits.is_iban, "CH9300762011623852957"),
    (check_digits.is_iban, "DE89370400440532013000"),
    (check_digits.is_iban, "GB29NWBK60161331926819"),
    (check_digits.is_iban, "NO9386011117947"),
    (check_digits.is_swiss_ahv, "7569217076985"),
    (check_digits.is_french_nir, "255081416802538"),
    (check_digits.is_italian_fiscal_code, "RCCMNL83S18D969H"),
    (check_digits.is_spanish_dni, "54362315K"),
    (check_digits.is_spanish_dni, "X2482300W"),
    (check_digits.is_brazilian_cpf, "39053344705"),
    (check_digits.is_polish_pesel, "44051401359"),
    (check_digits.is_german_tax_id, "36574261809"),
    (check_digits.is_dutch_bsn, "111222333"),
    (check_digits.is_swedish_personal_number, "8803200016"),
    (check_digits.is_payment_card, "4111111111111111"),
    (check_digits.is_payment_card, "5555555555554444"),
    (check_digits.is_payment_card, "378282246310005"),
    (check_digits.is_payment_card, "6011111111111117"),
    (check_digits.is_payment_card, "3530111333300000"),
]


@pytest.mark.parametrize(("check", "number"), EXAMPLES, ids=lambda value: getattr(value, "__name__", value))
def test_a_published_number_passes_and_no_other_last_digit_does(check: Callable[[str], bool], number: str) -> None:
    assert check(number)
    others = "0123456789" if number[-1].isdigit() else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert [last for last in others if check(number[:-1] + last)] == [number[-1]]


@pytest.mark.parametrize(
    ("check", "number"),
    [
        (check_digits.is_payment_card, "1234567812345670"),
        (check_digits.is_payment_card, "0000000000000000"),
        (check_digits.is_payment_card, "356938035643809"),
        (check_digits.is_brazilian_cpf, "11111111111"),
        (check_digits.is_swiss_ahv, "4006381333931"),
        (check_digits.is_polish_pesel, "44131401359"),
        (check_digits.is_iban, "CH930076201162385295"),
        (check_digits.is_iban, "XX9300762011623852957"),
    ],
)
def test_what_has_another_form_does_not(check: Callable[[str], bool], number: str) -> None:
    assert not check(number)
