"""Numbers from text: exactly the number that is written, or ValueChanged.

A double or float takes a number when it gives back each digit that is written: 0.1 and 0.30000000000000004 do,
9007199254740993 and 3.14159265358979323846 do not. A whole number must be exact, and nothing becomes infinite or zero.
Zeros before a number are digits that no number gives back: 007 is a code, and refused.
"""

from __future__ import annotations

import decimal
import re

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.spec.casting.conversion.basics import Converter, OutOfRange, ValueChanged
from data_platform.spec.casting.conversion.text_bytes import Octets, read_octets
from data_platform.spec.casting.conversion.text_formats import require_match

NUMBER = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,9}))?", re.ASCII)
_WORD = re.compile(r"[+-]?(nan|inf|infinity)", re.ASCII | re.IGNORECASE)
_PLAIN_WHOLE = r"^-?(0|[1-9][0-9]*)$"
_LEADING_ZERO = r"^[+-]?0[0-9]"
_DECIMAL_DIGITS = 38
_MOST_DIGITS = 800  # no double has more significant digits than 767
_CERTAIN = {pa.float64(): 15, pa.float32(): 6}
"""So many characters of a number without an exponent have at most as many digits as the type keeps (DBL_DIG)."""
_EXACTLY = decimal.Context(prec=76, traps=[decimal.Inexact, decimal.InvalidOperation, decimal.Overflow])
_WHOLE = pa.decimal128(38, 0)
_NOTHING = pa.nulls(1, pa.string())[0]


def to_whole_number(target: pa.DataType) -> Converter:
    """Text to an integer; 3.0 and 1e3 are whole numbers, and read one by one."""

    def convert(array: pa.Array) -> pa.Array:
        octets = read_octets(array)
        if octets.is_whole_numbers():
            return array.cast(target)
        plain = pc.match_substring_regex(array, _PLAIN_WHOLE)
        if pc.all(plain).as_py() is not False:
            return array.cast(target)
        others = pc.invert(plain)
        _refuse_leading_zeros(array, octets)
        require_match(array, "^[^+]")  # Arrow takes no sign there, and +41 is how telephone numbers begin
        rest = [parse_exact_decimal(text, _WHOLE) for text in array.filter(others).to_pylist()]
        whole = pc.if_else(others, _NOTHING, array).cast(target)
        return pc.replace_with_mask(whole, others.fill_null(False), pa.array(rest, _WHOLE).cast(target))

    return convert


def to_decimal(target: pa.DataType) -> Converter:
    """Text to a decimal; those with an exponent one by one: Arrow 26 lets some wrap around, and others become 0."""

    def convert(array: pa.Array) -> pa.Array:
        octets = read_octets(array)
        _refuse_leading_zeros(array, octets)
        if not octets.contains_letters() and octets.measure_longest() <= _DECIMAL_DIGITS:
            return array.cast(target)
        exponents = pc.match_substring_regex(array, "[eE]")
        if not pc.any(exponents).as_py():
            return _check_38_digits(array).cast(target)
        plain = _check_38_digits(pc.if_else(exponents, _NOTHING, array)).cast(target)
        rest = [parse_exact_decimal(text, target) for text in array.filter(exponents).to_pylist()]
        return pc.replace_with_mask(plain, exponents.fill_null(False), pa.array(rest, target))

    return convert


def parse_exact_decimal(text: str, target: pa.DataType) -> decimal.Decimal:
    """The number of the text with the decimal's digits; ValueChanged when they are not enough."""
    match = NUMBER.fullmatch(text)
    if not match or not (match[2] or match[3]):
        raise ValueChanged
    try:
        value = _EXACTLY.quantize(decimal.Decimal(text), decimal.Decimal(1).scaleb(-target.scale))
    except (decimal.Inexact, decimal.InvalidOperation, decimal.Overflow):
        raise ValueChanged from None
    if value and value.adjusted() + 1 + target.scale > target.precision:
        raise ValueChanged
    return value


def to_float(target: pa.DataType) -> Converter:
    """A converter from text to a double or float that preserves every digit; few values are checked one by one."""

    def convert(array: pa.Array) -> pa.Array:
        octets = read_octets(array)
        _refuse_leading_zeros(array, octets)
        values = array.cast(pa.float64()).cast(target, safe=False)
        if not octets.contains_letters() and octets.measure_longest() <= _CERTAIN[target]:
            return values
        doubtful = pc.or_(
            pc.greater(pc.binary_length(array), _CERTAIN[target]), pc.match_substring_regex(array, "[eEnN]")
        )
        if not pc.any(doubtful).as_py():
            return values
        texts, numbers = array.filter(doubtful), values.filter(doubtful)
        different = pc.not_equal(numbers.cast(pa.string()), texts)
        pairs = zip(texts.filter(different).to_pylist(), numbers.filter(different).to_pylist(), strict=True)
        if not all(_is_lossless(text, number) for text, number in pairs):
            raise ValueChanged
        return values

    return convert


def _is_lossless(text: str, number: float) -> bool:
    """Whether the number, rounded to the digits of the text, is the text; a whole number must be exact."""
    match = NUMBER.fullmatch(text)
    if not match or not (match[2] or match[3]):
        return bool(_WORD.fullmatch(text))
    _, whole, fraction, exponent = match.groups(default="")
    digits = (whole + fraction).strip("0")
    if not digits:
        return number == 0
    if len(digits) > _MOST_DIGITS or abs(number) in (0.0, float("inf")):
        return False
    if not exponent and not fraction.strip("0"):
        return int(whole) == abs(number)
    written = decimal.Decimal(text).copy_abs()
    return any(ends.create_decimal(abs(number)) == written for ends in _make_roundings(len(digits)))


def _make_roundings(digits: int) -> tuple[decimal.Context, decimal.Context]:
    """Both ways to round to `digits`: a number in the middle of two texts is written as either of them."""
    ways = decimal.ROUND_HALF_UP, decimal.ROUND_HALF_DOWN
    return decimal.Context(digits, ways[0]), decimal.Context(digits, ways[1])


def _refuse_leading_zeros(array: pa.Array, octets: Octets) -> None:
    if octets.may_lead_with_zero() and pc.any(pc.match_substring_regex(array, _LEADING_ZERO)).as_py():
        raise OutOfRange(
            "begins with a zero that no number keeps; declare the column a string, or write the number without it"
        )


def _check_38_digits(array: pa.Array) -> pa.Array:
    """Refuses more than 38 digits, which Arrow 26 would wrap around into another number."""
    require_match(array, r"^[^0-9]*0*[^0-9]?([0-9][^0-9]*){0,38}$")
    return array
