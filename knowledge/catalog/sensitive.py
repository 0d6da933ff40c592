"""Which columns hold what should be protected: rules over names and sampled values, precise before complete.

A value that can be checked by rule (an email address, an IBAN) speaks for itself; where it cannot (a name, a
street), the column's name must say so and the values must allow it. Each tag comes with its evidence.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge.catalog.formats import (
    format_of,
    is_card,
    is_email,
    is_iban,
    is_international_phone,
    is_ip,
    is_jwt,
    is_phone,
    is_public_ip,
    is_ssn,
    share,
)
from knowledge.catalog.model import Column, DataType, Table
from knowledge.catalog.naming import singular, words
from knowledge.catalog.sensitive_words import (
    ABOUT,
    ADDRESS,
    BIRTH,
    COMPANY,
    EMAIL,
    MACHINES,
    NATIONAL,
    NOT_CARDS,
    PASSWORD,
    PERSON_NAME,
    PERSONS,
    PHONE,
    ROLES,
    STREET,
    TOKEN,
)

MOST = 0.9
"""Share of the sampled values that must bear out a tag."""
ENOUGH = 5
"""So many different values that pass a check digit are no accident, whatever the column is called."""

_PERSONAL = re.compile(r"[^\W\d_]+\.?(?:[ '’\-,]+[^\W\d_]+\.?){0,4}")
_SECRET = re.compile(
    r"(?:sk|pk|rk)_(?:live|test)_\w{8,}|gh[pousr]_\w{16,}|xox[abprs]-[\w\-]{8,}|AKIA[A-Z0-9]{12,}|AIza[\w\-]{20,}"
    r"|\$(?:2[aby]|argon2\w*|5|6)\$.+|(?:pbkdf2|scrypt|bcrypt)[:_$].+|-----BEGIN .*|glpat-[\w\-]{10,}"
)
_OPAQUE = re.compile(r"[\w+/=.\-$:]{16,}")


@dataclass(frozen=True, slots=True)
class Finding:
    """A tag and what speaks for it."""

    tag: str
    evidence: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """A column as the rules look at it: `name` has its words joined by `_`."""

    table: str
    name: str
    parts: tuple[str, ...]
    column: Column

    @property
    def values(self) -> tuple[str, ...]:
        return self.column.values

    @property
    def text(self) -> bool:
        return self.column.type in (DataType.TEXT, DataType.OTHER)

    def about(self) -> bool:
        """Whether the name speaks about such a thing (its type, number, date) rather than of the thing itself."""
        return any(part in ABOUT for part in self.parts)

    def named(self, pattern: re.Pattern[str]) -> bool:
        return bool(pattern.search(self.name)) and not self.about()


def classified(table: Table) -> Table:
    """The table with the formats of its texts and the tags of its columns; what the source said of them stands."""
    columns = tuple(_classified(table, column) for column in table.columns)
    return table if columns == table.columns else replace(table, columns=columns)


def findings(table: Table, column: Column) -> tuple[Finding, ...]:
    """Why a column bears its tags, as far as its name and its values say it."""
    parts = tuple(words(column.name))
    seen = _Seen(singular("_".join(words(table.name)).rsplit("_", 1)[-1]), "_".join(parts), parts, column)
    return tuple(finding for rule in _RULES for finding in rule(seen))


def _classified(table: Table, column: Column) -> Column:
    looks = column.format or (format_of(column.values) if column.type is DataType.TEXT else "")
    tags = tuple(dict.fromkeys((*column.tags, *(found.tag for found in findings(table, column)))))
    return replace(column, format=looks, tags=tags) if (looks, tags) != (column.format, column.tags) else column


def _email(seen: _Seen) -> Iterator[Finding]:
    if not seen.text:
        return
    if seen.values:
        met = share(seen.values, is_email)
        personal = any(value.split("@")[0].lower() not in ROLES for value in seen.values if is_email(value.strip()))
        if met >= MOST and personal and len(seen.values) > 1:
            yield Finding("pii:email", f"{met:.0%} of the values are email addresses")
    elif seen.named(EMAIL):
        yield Finding("pii:email", "its name; no value was seen")


def _phone(seen: _Seen) -> Iterator[Finding]:
    if seen.column.type is DataType.INTEGER and seen.named(PHONE) and _digits(seen.column, 7, 15):
        yield Finding("pii:phone", "its name, and numbers of 7 to 15 digits")
    if not seen.text or not seen.values:
        return
    if seen.named(PHONE) and (met := share(seen.values, is_phone)) >= MOST:
        yield Finding("pii:phone", f"its name, and {met:.0%} of the values are telephone numbers")
    elif len(seen.values) >= ENOUGH and share(seen.values, is_international_phone) >= MOST and not seen.about():
        yield Finding("pii:phone", "the values are telephone numbers with their country")


def _name(seen: _Seen) -> Iterator[Finding]:
    whose = seen.named(PERSON_NAME) or (seen.name == "name" and seen.table in PERSONS)
    if not (seen.text and whose):
        return
    if not seen.values:
        if seen.column.distinct != 0:
            yield Finding("pii:name", "its name; no value was seen")
        return
    met = share(seen.values, _like_a_name)
    companies = sum(bool(COMPANY.search(value)) for value in seen.values)
    if met >= MOST and companies < 0.1 * len(seen.values):
        yield Finding("pii:name", f"its name, and {met:.0%} of the values may be names of people")


def _like_a_name(text: str) -> bool:
    return bool(_PERSONAL.fullmatch(text)) and len(text) <= 60 and text[:1].isupper()


def _address(seen: _Seen) -> Iterator[Finding]:
    if not (seen.text and seen.named(ADDRESS) and seen.values):
        return
    met = share(seen.values, lambda text: " " in text and bool(STREET.search(text)))
    if met >= 0.8:
        yield Finding("pii:address", f"its name, and {met:.0%} of the values are like postal addresses")


def _iban(seen: _Seen) -> Iterator[Finding]:
    if seen.text and len(seen.values) > 1 and (met := share(seen.values, is_iban)) >= MOST:
        yield Finding("pii:iban", f"{met:.0%} of the values are IBANs with right check digits")


def _card(seen: _Seen) -> Iterator[Finding]:
    if not seen.text or len(seen.values) < 2 or NOT_CARDS.search(seen.name):
        return
    met = share(seen.values, is_card)
    if met >= MOST and ("card" in seen.parts or len(seen.values) >= ENOUGH):
        yield Finding("pii:card", f"{met:.0%} of the values are card numbers with right check digits")


def _national(seen: _Seen) -> Iterator[Finding]:
    named = bool(NATIONAL.search(seen.name)) and not any(part in ABOUT - {"id"} for part in seen.parts)
    if seen.column.type is DataType.INTEGER and named and _digits(seen.column, 7, 14):
        yield Finding("pii:national_id", "its name, and numbers of 7 to 14 digits")
    if not seen.text or not seen.values:
        return
    if (met := share(seen.values, is_ssn)) >= MOST and (named or len(seen.values) >= ENOUGH):
        yield Finding("pii:ssn", f"{met:.0%} of the values are social security numbers")
    elif named and share(seen.values, _like_an_id) >= MOST:
        yield Finding("pii:national_id", "its name, and values of letters and digits")


def _like_an_id(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Z0-9][A-Z0-9 .\-/]{4,22}", text.upper())) and sum(map(str.isdigit, text)) >= 4


def _ip(seen: _Seen) -> Iterator[Finding]:
    if not seen.text or len(seen.values) < 2 or any(part in MACHINES for part in seen.parts):
        return
    met = share(seen.values, is_ip)
    if met >= MOST and share(seen.values, is_public_ip) > 0.2:
        yield Finding("pii:ip", f"{met:.0%} of the values are internet addresses")


def _birth(seen: _Seen) -> Iterator[Finding]:
    dated = seen.column.type.temporal
    if not dated or not (BIRTH.search(seen.name) and not any(part in ABOUT - {"date"} for part in seen.parts)):
        return
    low = seen.column.minimum
    if low is None or "1890" <= low[:4] <= "2025":
        yield Finding("pii:birthdate", "its name, and dates")


def _secret(seen: _Seen) -> Iterator[Finding]:
    if not seen.text or len(seen.values) < 2:
        return
    if (met := share(seen.values, lambda text: bool(_SECRET.fullmatch(text)) or is_jwt(text))) >= MOST:
        yield Finding("secret:token", f"{met:.0%} of the values have the form of a known kind of secret")
    elif seen.named(PASSWORD) and share(seen.values, lambda text: " " not in text and len(text) >= 6) >= MOST:
        yield Finding("secret:password", "its name, and values that are no words of a text")
    elif seen.named(TOKEN) and _unlike(seen.column) and share(seen.values, _opaque) >= MOST:
        yield Finding("secret:token", "its name, and long values that differ from row to row")


def _opaque(text: str) -> bool:
    return bool(_OPAQUE.fullmatch(text)) and any(map(str.isdigit, text)) and any(map(str.isalpha, text))


def _unlike(column: Column) -> bool:
    """Whether hardly a value occurs twice."""
    return not column.counts or max(column.counts) <= 3


def _digits(column: Column, least: int, most: int) -> bool:
    """Whether an integer column's range has so many digits; False where the range is not known."""
    ends: Sequence[str] = [end for end in (column.minimum, column.maximum) if end is not None]
    return len(ends) == 2 and all(end.isdigit() and least <= len(end) <= most for end in ends)


_RULES = (_email, _phone, _name, _address, _iban, _card, _national, _ip, _birth, _secret)
