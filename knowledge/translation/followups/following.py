"""Whether a text goes on from the question before, and the question that it then is."""

import copy
from collections.abc import Sequence
from dataclasses import replace

from knowledge.translation.followups.changing import changed
from knowledge.translation.followups.pointing import Pointing, begins, definite, names_entity, pointing
from knowledge.translation.followups.referring import Referent, referent, restricted, still_joined
from knowledge.translation.followups.saying import Said
from knowledge.translation.ir import Field, Item, Order, Query
from knowledge.translation.model import Decline
from knowledge.translation.reading.draft import THAT, Reader
from knowledge.translation.reading.finish import finish
from knowledge.translation.words import Token


def refers_back(said: Said, tokens: Sequence[Token], reader: Reader) -> bool:
    """Whether the words change the question before, or ask about its rows, rather than ask a new one."""
    before, draft, follow = said.before, reader.draft, reader.lexicon.follow
    point = pointing(tokens, reader)
    if said.again or said.at or said.instead or point.back or any(f.item == THAT for f in draft.filters):
        return True
    text = " ".join(token.lower for token in tokens if token.kind in ("word", "number"))
    named = [table for table in (draft.focus, *draft.shown) if table]
    asks = any(chunk.has("show", "which", "who", "count") for chunk in reader.chunks)
    elsewhere = asks and not point.more and any(table not in before.tables() for table in named)
    repeats = all(item in before.select for item in draft.select)
    if reader.superior and before.aggregated and repeats and not draft.orders and not elsewhere:
        return True
    if point.begins:
        return not elsewhere
    if begins(text, follow["fragments"]) and not named and not draft.select:
        return True
    if point.more or point.each:
        return not elsewhere
    return _elliptic(before, reader) or definite(before, tokens, reader)


def points(tokens: Sequence[Token], reader: Reader) -> bool:
    """Whether words point at the answer before, so that the text means nothing without it."""
    point = pointing(tokens, reader)
    return point.back or point.partly


def unclear(reader: Reader) -> Decline:
    """Why a text that points at the answer before is not answered."""
    if reader.unsupported:
        return Decline(f"I can't answer this yet: it needs {reader.unsupported}.")
    lost = ", ".join(f"“{chunk.text}”" for chunk in reader.lost[:3])
    why = f": nothing in the data is called {lost}" if lost else ""
    return Decline(f"I can't tell what this asks of the answer before{why}. Please ask it as a question of its own.")


def _elliptic(before: Query, reader: Reader) -> bool:
    """Whether a text says nothing of whose columns, conditions or order it speaks."""
    draft = reader.draft
    if draft.select and not any(c.linked or c.value or c.period for c in reader.chunks):
        return True
    if names_entity(reader) and not _bare_count(reader):
        return False
    changes = draft.filters or draft.groups or draft.orders or draft.limit or draft.share or reader.desc is not None
    if not draft.select or _bare_count(reader):
        return bool(changes or reader.fns or reader.asked in ("when", "whereabouts"))
    own = draft.filters or draft.groups or (draft.limit and not draft.orders)
    return not own and not before.group and all(item.field.table in before.tables() for item in draft.select)


def _bare_count(reader: Reader) -> bool:
    """“How many for each track?”: of what, only the question before says."""
    draft = reader.draft
    counts = len(draft.select) == 1 and draft.select[0].fn == "count" and not draft.select[0].field.table
    return counts and not (draft.focus or draft.shown)


def follow(said: Said, tokens: Sequence[Token], reader: Reader) -> Query | None:
    """The question that a text means after the one before; None when it changes nothing."""
    point = pointing(tokens, reader)
    if point.back and reader.asked in ("who", "which"):
        said = replace(said, before=_of_extreme(said.before, reader))
    at = said.at or referent(said.before, reader.index)
    if _anew(said.before, reader, point, said) and (made := _about(said.before, reader, point, at)):
        return made
    made = changed(said.before, reader, point, at, said.instead)
    return still_joined(made, said.before, reader) if made else said.before if said.again else None


def _of_extreme(before: Query, reader: Reader) -> Query:
    """“Which pilot flew that?” after “the maximum altitude”: the row that has it."""
    measure = before.select[0] if len(before.select) == 1 and not before.group else None
    if measure is None or measure.fn not in ("max", "min"):
        return before
    shown = tuple(Item(field) for field in reader.index.display(before.focus))
    order = Order(replace(measure, fn=""), measure.fn == "max")
    return replace(before, select=shown, order=(order,), limit=1)


def _anew(before: Query, reader: Reader, point: Pointing, said: Said) -> bool:
    """Whether something of the rows is asked, rather than the question before changed."""
    draft = reader.draft
    measured = bool(draft.select) and all(item.fn for item in draft.select)
    if any(f.item == THAT for f in draft.filters) and before.aggregated:
        return False
    fragment = point.begins and not reader.asked and not point.back
    if point.more or fragment or said.instead or draft.share:
        return False
    if before.group and measured and (point.each or point.begins):
        return False
    if reader.superior and before.aggregated and not (point.back and draft.shown):
        return False
    asks = reader.asked in ("when", "whereabouts") or _who_did(reader, point)
    if not (draft.select or draft.shown or draft.focus or asks):
        return False
    narrows = draft.filters or draft.orders or draft.limit or reader.desc is not None
    known = all(table in before.tables() for table in (*draft.shown, draft.focus) if table)
    return bool(draft.select or not known or not narrows or not draft.shown)


def _about(before: Query, reader: Reader, point: Pointing, at: Referent) -> Query | None:
    """What is asked, of the rows that the question before gave."""
    drafted = copy.deepcopy(reader.draft)
    _complete(reader, point, at)
    _most_of_them(reader, point, at)
    made = finish(reader)
    reader.draft, spent = drafted, reader.draft
    if made is None:
        return None
    made = _people(made, reader, at) if reader.asked == "who" and spent.shown else made
    return restricted(made, before, at, reader)


def _complete(reader: Reader, point: Pointing, at: Referent) -> None:
    """What a text leaves out: whose rows are counted, and which groups “each” means."""
    draft = reader.draft
    _doer(reader, point, at)
    dated = {f.item.field for f in draft.filters}
    rows = [i.fn == "count" and i.distinct and i.field in dated for i in draft.select]
    if draft.select and all(rows):
        # “how many of them joined in 2025”: rows are counted, not the days on which they did.
        draft.select = [Item(Field("", "*"), "count")]
    if not draft.focus and (not (draft.shown or draft.select) or any(not i.field.table for i in draft.select)):
        draft.focus = at.table
    if draft.shown and at.table in draft.shown and draft.select:
        draft.shown.remove(at.table)
    if not point.each:
        return
    if any(item.fn for item in draft.select):
        draft.groups.append(Item(Field(at.table, at.column or "*")))
    elif at.table not in draft.shown:
        draft.select[:0] = [Item(field) for field in reader.index.display(at.table)]


def _who_did(reader: Reader, point: Pointing) -> bool:
    """“Who placed them?”: a deed, and nobody named."""
    draft = reader.draft
    named = draft.select or draft.shown or draft.focus or draft.filters or draft.orders or draft.limit or draft.groups
    deed = any(chunk.has("light") or chunk.unknown for chunk in reader.chunks)
    return reader.asked == "who" and point.back and deed and not named and not point.partly


def _doer(reader: Reader, point: Pointing, at: Referent) -> None:
    """Whoever the rows before belong to, where that is one table only."""
    edges = reader.index.graph.edges.get(at.table, ())
    owners = {edge.one for edge in edges if edge.many == at.table}
    if _who_did(reader, point) and len(owners) == 1:
        reader.draft.shown.append(owners.pop())
        reader.draft.focus = reader.draft.shown[-1]
        reader.lost, reader.weak = [], []


def _most_of_them(reader: Reader, point: Pointing, at: Referent) -> None:
    """“who handled the most of these”: the rows before are counted for each of whom is asked."""
    draft = reader.draft
    others = [table for table in draft.shown if table != at.table]
    if reader.superior and others and not draft.orders and (point.back or point.partly):
        draft.orders.append(Order(Item(Field(at.table, "*"), "count"), bool(reader.desc)))
        reader.superior = ""


def _people(made: Query, reader: Reader, at: Referent) -> Query:
    """“who reported it”: the person whom a row of the report names by a key."""
    shown: list[Item] = []
    for item in made.select:
        owner = _other_end(item, reader, at) if item.field in reader.index.display(item.field.table) else ""
        shown += [Item(field) for field in reader.index.display(owner)] if owner else [item]
    return replace(made, select=tuple(dict.fromkeys(shown)))


def _other_end(item: Item, reader: Reader, at: Referent) -> str:
    """The table that a row without a name belongs to, beside the one that was shown."""
    table, index = item.field.table, reader.index
    if table == at.table or not index.is_key(item.field):
        return ""
    ends = [edge.one for edge in index.graph.edges.get(table, ()) if edge.many == table and edge.one != at.table]
    return next((end for end in ends if not index.is_key(index.display(end)[0])), "")
