"""Rules for money that a verb speaks of: “how much did we sell in October”, “how much has Ada spent”."""

from knowledge.translation.ir import Field, Item
from knowledge.translation.reading.draft import Reader

_FAR = 6


def how_much(r: Reader) -> bool:
    """“how much did we sell”: the sum of what the verb speaks of, money first."""
    if not r.see().has("much") or r.see().linked or r.draft.select:
        return False
    verb = next((r.see(at) for at in range(1, _FAR) if r.see(at).text.lower() in r.lexicon.verbs), None)
    if verb is None or any(r.see(at).columns and r.numeric(r.see(at).columns[0]) for at in range(1, _FAR)):
        return False
    names = r.lexicon.verbs[verb.text.lower()]
    money = [name for name in names if name not in ("quantity", "number")]
    field = r.decide("measure", verb.text, _found(r, (*money, *names)))
    if field is None:
        return False
    r.draft.select.append(Item(field, "sum"))
    r.draft.focus = field.table
    r.clause = "where"
    return r.step()


def _found(r: Reader, names: tuple[str, ...]) -> list[Field]:
    """Number columns called so, anywhere in the source."""
    found: dict[Field, None] = {}
    for name in names:
        for table, model in r.index.tables.items():
            for column in model.columns:
                field = Field(table, column.name)
                if (
                    r.index.words[(table, column.name)][-1:] == (name,)
                    and r.numeric(field)
                    and not r.index.is_key(field)
                ):
                    found[field] = None
    return list(found)[:4]
