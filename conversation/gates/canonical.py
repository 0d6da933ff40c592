"""JSON in canonical form (RFC 8785): one spelling for equal values, so that a digest of it binds the value."""

import hashlib
import json
import math

from conversation.codec import Json

EXACT = 2**53 - 1
"""The largest whole number that every reader of JSON keeps exactly."""
DEPTH = 100


class NotCanonical(ValueError):
    """A value has no canonical form: NaN, an infinity, a whole number past `EXACT`, a lone surrogate, too deep."""


def canonical(value: Json) -> bytes:
    """The canonical form in UTF-8. Raises NotCanonical."""
    try:
        return _text(value, DEPTH).encode("utf-8")
    except UnicodeEncodeError:
        raise NotCanonical("A text holds half of a character, which can't be written exactly.") from None


def digest(value: Json) -> str:
    """SHA-256 of the canonical form, in hexadecimal. Raises NotCanonical."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _text(value: Json, depth: int) -> str:
    if depth == 0:
        raise NotCanonical(f"The value is nested more than {DEPTH} deep.")
    match value:
        case None | True | False:
            return json.dumps(value)
        case str():
            return _string(value)
        case int():
            return _whole(value)
        case float():
            return _number(value)
        case dict():
            members = sorted(value.items(), key=_utf16)
            return "{" + ",".join(f"{_string(key)}:{_text(item, depth - 1)}" for key, item in members) + "}"
        case list() | tuple():
            return "[" + ",".join(_text(item, depth - 1) for item in value) + "]"
        case _:
            raise NotCanonical(f"{type(value).__name__} has no JSON form.")


def _utf16(member: tuple[str, Json]) -> bytes:
    """The order of keys: by UTF-16 code units, as ECMAScript compares strings."""
    if not isinstance(member[0], str):
        raise NotCanonical("The names in a JSON object are texts.")
    return member[0].encode("utf-16-be", "surrogatepass")


def _string(value: str) -> str:
    # json.dumps writes the short escapes of RFC 8785 and \u00xx in lower case for the other control characters.
    return json.dumps(value, ensure_ascii=False)


def _whole(value: int) -> str:
    if abs(value) > EXACT:
        raise NotCanonical(f"Whole numbers past {EXACT:,} are not kept exactly by every reader: write them as text.")
    return str(int(value))


def _number(value: float) -> str:
    """As ECMAScript's Number::toString writes it: the shortest digits that read back as this very number."""
    if not math.isfinite(value):
        raise NotCanonical("NaN and infinities have no JSON form.")
    if value == 0:
        return "0"  # minus zero too
    sign = "-" if value < 0 else ""
    digits, point = _shortest(abs(value))
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{point - 1:+d}"


def _shortest(value: float) -> tuple[str, int]:
    """The digits without zeros at either end, and where the point stands: the value is 0.DIGITS times ten to that."""
    mantissa, _, exponent = repr(value).partition("e")
    before, _, after = mantissa.partition(".")
    point = len(before) + int(exponent or 0)
    digits = before + after
    leading = len(digits) - len(digits.lstrip("0"))
    return digits.strip("0"), point - leading
