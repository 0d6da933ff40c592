"""What texts look like: formats that can be checked by rule, in the order in which they are tried."""

import ipaddress
import json
import re
from collections.abc import Callable, Sequence

MOST = 0.95
"""At least this share of the sampled values must have the format."""
LOOKED = 100
FIRST = 5
"""Values that are looked at, and those of them that decide whether it is worth it."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COUNTRIES = _words(
    "AD AE AF AG AI AL AM AO AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BM BN BO BR BS BT BW BY BZ CA CD CF CG CH "
    "CI CL CM CN CO CR CU CV CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FM FR GA GB GD GE GH GM GN GQ GR GT GW "
    "GY HK HN HR HT HU ID IE IL IN IQ IR IS IT JM JO JP KE KG KH KI KM KN KP KR KW KZ LA LB LC LI LK LR LS LT LU LV "
    "LY MA MC MD ME MG MH MK ML MM MN MO MR MT MU MV MW MX MY MZ NA NE NG NI NL NO NP NR NZ OM PA PE PG PH PK PL PR "
    "PT PW PY QA RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SY SZ TD TG TH TJ TL TM TN TO TR TT TV "
    "TW TZ UA UG UK US UY UZ VA VC VE VN VU WS XK YE ZA ZM ZW"
)
CURRENCIES = _words(
    "AED ARS AUD BDT BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP GEL HKD HRK HUF IDR ILS INR ISK JPY KES KRW KWD "
    "KZT LKR MAD MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TND TRY TWD UAH USD UYU VND "
    "XAF XOF ZAR"
)

_EMAIL = re.compile(r"[A-Za-z0-9._%+\-']{1,64}@[A-Za-z0-9](?:[A-Za-z0-9\-]{0,62}\.)+[A-Za-z]{2,24}")
_URL = re.compile(r"(?:https?|ftp|s3|gs|abfss?)://[^\s/]+\S*", re.IGNORECASE)
_UUID = re.compile(r"\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?")
_MAC = re.compile(r"[0-9A-Fa-f]{2}([:\-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}")
_HASH = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128}", re.IGNORECASE)
_PHONE = re.compile(r"(?:\+|00)?\(?\d[\d\s().\-/]{5,20}\d(?:\s?(?:x|ext\.?)\s?\d{1,5})?")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_SSN = re.compile(r"(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}")
_JWT = re.compile(r"eyJ[\w\-]{8,}\.[\w\-]{8,}\.[\w\-]*")
_VERSION = re.compile(r"v?\d{1,4}\.\d{1,4}\.\d{1,6}(?:[.\-+][\w.\-]+)?")


def format_of(values: Sequence[str]) -> str:
    """The format that (nearly) all values have; empty where there is none, or too little to tell."""
    if len(values) < 2:
        return ""
    return next((name for name, check in _CHECKS if share(values, check) >= MOST), "")


def share(values: Sequence[str], check: Callable[[str], bool]) -> float:
    """Which share of the values passes a check; 0 where none of the most frequent few does, which is soon said."""
    looked = values[:LOOKED]
    if not any(check(value.strip()) for value in looked[:FIRST]):
        return 0.0
    return sum(check(value.strip()) for value in looked) / len(looked)


def is_email(text: str) -> bool:
    """user@example.org"""
    return bool(_EMAIL.fullmatch(text))


def is_ip(text: str) -> bool:
    """An IPv4 or IPv6 address, with or without the length of a network."""
    if text.count(".") != 3 and ":" not in text:
        return False
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return True


def is_public_ip(text: str) -> bool:
    """An address that is reachable from everywhere."""
    try:
        return ipaddress.ip_interface(text).ip.is_global
    except ValueError:
        return False


def is_iban(text: str) -> bool:
    """An IBAN whose check digits are right."""
    packed = text.replace(" ", "").upper()
    if not _IBAN.fullmatch(packed):
        return False
    return int("".join(str(int(letter, 36)) for letter in packed[4:] + packed[:4])) % 97 == 1


def is_card(text: str) -> bool:
    """A payment card number: an issuer's first digits, its length, and the check digit of Luhn."""
    digits = re.sub(r"[ \-]", "", text)
    if not re.fullmatch(r"3[47]\d{13}|(?:4\d{3}|5[1-5]\d\d|2[2-7]\d\d|6(?:011|5\d\d)|3[06]\d\d)\d{10,12}", digits):
        return False
    doubled = [int(digit) * (2 if at % 2 else 1) for at, digit in enumerate(reversed(digits))]
    return len(set(digits)) > 1 and sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def is_phone(text: str) -> bool:
    """A telephone number of 7 to 15 digits, with a + or punctuation or nothing between them; no date, no decimal."""
    digits = sum(letter.isdigit() for letter in text)
    if not 7 <= digits <= 15 or not _PHONE.fullmatch(text):
        return False
    return not re.fullmatch(r"\d{4}-\d\d-\d\d.*|\d\d[./]\d\d[./]\d{4}|\d+\.\d+|\d{3}-\d{2}-\d{4}", text)


def is_international_phone(text: str) -> bool:
    """A telephone number that begins with + and a country."""
    return text.startswith("+") and is_phone(text)


def is_ssn(text: str) -> bool:
    """A social security number of the United States, with its dashes."""
    return bool(_SSN.fullmatch(text))


def is_jwt(text: str) -> bool:
    """A JSON web token."""
    return bool(_JWT.fullmatch(text))


def _is_json(text: str) -> bool:
    if text[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _whole(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: bool(pattern.fullmatch(text))


_CHECKS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("email", is_email),
    ("url", _whole(_URL)),
    ("uuid", _whole(_UUID)),
    ("ip", is_ip),
    ("mac", _whole(_MAC)),
    ("iban", is_iban),
    ("card", is_card),
    ("ssn", is_ssn),
    ("jwt", is_jwt),
    ("hash", _whole(_HASH)),
    ("json", _is_json),
    ("currency code", lambda text: text in CURRENCIES),
    ("country code", lambda text: text in COUNTRIES),
    ("phone", is_international_phone),
    ("version", _whole(_VERSION)),
)
