"""Rules for texts and gaps: “whose name contains 'x'”, “starting with the letter A”, “without an email”."""

from knowledge.translation.chunks import Chunk
from knowledge.translation.ir import Field, Item
from knowledge.translation.reading.dating import owners
from knowledge.translation.reading.draft import END, Reader, condition_follows


def text_pattern(r: Reader) -> bool:
    """“whose name contains 'x'”, “starting with the letter A”."""
    here = r.see()
    kind = next((role for role in ("starts", "ends", "contains") if here.has(role)), None)
    if not kind:
        return False
    width = 1
    while r.see(width).has("ignore", "equals", "prep") and not r.see(width).value and not _letter(r.see(width)):
        width += 1
    value = r.see(width)
    plain = value.value or value.unknown or (value.capital and not value.columns) or len(value.text) == 1
    if here.has("rel") and not (r.pending and (value.value or value.capital)):
        return False
    if not plain or value is END:
        return False
    if kind == "contains" and not r.pending and not value.quoted:
        return False
    field = _texts(r, value)
    if field is None:
        return False
    pattern = {"starts": f"{value.text}%", "ends": f"%{value.text}"}.get(kind, f"%{value.text}%")
    r.add(Item(field), "like", pattern, phrase=value.text)
    return r.step(width + 1)


def _letter(chunk: Chunk) -> bool:
    """A capital letter by itself is a letter and no article."""
    return len(chunk.text) == 1 and chunk.capital


def _texts(r: Reader, value: Chunk) -> Field | None:
    if r.pending:
        return r.pending[-1].field
    if r.draft.select and not r.draft.select[-1].fn:
        return r.draft.select[-1].field
    del value
    tables = owners(r)
    return r.index.display(tables[0])[0] if tables else None


def inside(r: Reader) -> bool:
    """“with 'senior' in their title”, “has an 'a' in its name”: a text that is a part of another."""
    here, ahead = r.see(), 1
    if not (here.quoted or (len(here.text) == 1 and here.text.isalpha())) or r.see(ahead).text.lower() != "in":
        return False
    while r.see(ahead).has("prep", "their", "ignore", "possessive", "each"):
        ahead += 1
    what = r.see(ahead)
    texts = [field for field in what.columns if not r.numeric(field) and not r.temporal(field)]
    if not texts or (not here.quoted and r.see(-1).linked):
        return False
    if here.hits and any(hit.field == texts[0] for hit in here.hits):
        return False
    r.add(Item(texts[0]), "like", f"%{here.text}%", phrase=here.text)
    return r.step(ahead + 1)


def missing(r: Reader) -> bool:
    """“whose email is missing”."""
    here = r.see()
    lacked = r.negated and here.columns and not here.table and here.columns[0].table in (r.about, *r.draft.also)
    follows = condition_follows(r, 1) or (r.see(1).has("of") and r.see(2).value)
    if lacked and here.targets[0].score > 0.6 and not r.index.is_key(here.columns[0]) and not follows:
        if r.flag(here.columns[0]):
            r.add(Item(here.columns[0]), "=", True, phrase=here.text)
            return r.step()
        r.negated = False
        r.add(Item(here.columns[0]), "null", phrase=here.text)
        return r.step()
    if not here.has("null") or not r.pending:
        return False
    r.add(r.pending[-1], "null", phrase=r.see().text)
    return r.step()
