"""Rules for what is shown: counts, aggregates, columns, tables and groups."""

from knowledge.translation.chunks import Chunk
from knowledge.translation.ir import Field, Filter, Item, Order
from knowledge.translation.reading.draft import END, Reader, condition_follows

_PASS = ("ignore", "prep", "of", "distinct", "equals", "their")


def everything(r: Reader) -> bool:
    """“all the details of ...”."""
    if not r.see().has("everything") or r.see().linked:
        return False
    if r.clause == "select" and (column := _details(r)):
        place(r, Item(column))
        return r.step()
    r.draft.everything = r.clause == "select"
    return r.step()


def _details(r: Reader) -> Field | None:
    """“ids and details of all accounts”: a column of that name, where the table has one."""
    word = next((word for word in ("detail", "information") if word in r.see().text.lower()), "")
    table = next((r.see(at).table for at in range(1, 4) if r.see(at).table), "") or r.draft.focus
    if not word or not table:
        return None
    found = [c.name for c in r.index.tables[table].columns if r.index.words[(table, c.name)][-1] == word]
    return Field(table, found[0]) if len(found) == 1 else None


def boundary(r: Reader) -> bool:
    """A new sentence or a word that asks puts the reader back to what is shown."""
    here = r.see()
    if here.has("dot") and here.text == "." and not _sentence_begins(r):
        return r.step()
    if here.has("dot"):
        return _sentence(r)
    if here.linked and (not here.has("show", "which") or (here.has("show") and r.at and not r.see(1).linked)):
        return False
    if _describes(r):
        r.clause, r.pending = ("where", []) if here.has("which") else (r.clause, r.pending)
        return r.step()
    first = r.at == 0 or r.see(-1).has("dot", "comma", "and", "show", "prep")
    if here.has("show") or (
        here.has("which", "who", "when", "whereabouts") and (first or (here.has("which") and " " in here.text))
    ):
        r.asked = next((role for role in ("who", "when", "whereabouts", "which") if here.has(role)), r.asked)
        if not (r.clause == "order" and here.has("which")):
            r.clause, r.pending, r.joiner = "select", [], ""
        if r.asked == "who" and here.text.lower() == "who" and not r.at:
            _who(r)
        return r.step()
    return False


def _who(r: Reader) -> None:
    """“who spent the most”: those who do what the verb says, where nothing of the data is named."""
    does = r.see(1).text.lower().split()[:1]
    thing = r.lexicon.actors.get(does[0], "") if does else ""
    tables = [table for table, column in r.index.exact.get(frozenset({thing}), {}) if not column]
    if tables and not r.topic and not any(chunk.table for chunk in r.chunks):
        r.draft.focus = tables[0]
        r.draft.shown.append(tables[0])


def _sentence(r: Reader) -> bool:
    """What stands before a dot is done; what the next sentence tells to show comes in place of what was shown."""
    waiting = r.fns if r.topic and r.see(1) is END else []
    r.clause, r.negated, r.pending, r.joiner, r.fns = "select", False, [], "", waiting
    if r.see(1).has("show") and "also" not in r.see(1).text.lower():
        r.asked_anew()
    return r.step()


def _describes(r: Reader) -> bool:
    """“the city in which ...”, “branches that provide ...”: what follows describes what stands right before."""
    here, before = r.see(), r.see(-1)
    if here.has("show") and before.has("rel", "who") and not before.has("show"):
        return True
    return here.has("which") and here.text.lower().endswith("which") and " " in here.text and before.linked


def _sentence_begins(r: Reader) -> bool:
    """A dot inside an abbreviation is followed by neither a capital letter nor the end."""
    following = r.see(1)
    return (
        following is END or following.capital or following.has("show", "which", "who", "count", "each", "per", "order")
    )


def relative(r: Reader) -> bool:
    """“whose”, “with”, “in”: what follows describes what stands before."""
    here = r.see()
    if here.linked or not here.has("rel", "prep"):
        return False
    started = bool(r.draft.select or r.draft.shown or r.draft.focus)
    if r.clause == "select" or here.text.lower() in ("who", "with"):
        r.pending = []
    if started and r.clause != "order" and (here.has("rel") or here.text.lower() not in ("for", "for all", "of all")):
        r.clause = "where"
    return r.step()


def distinct(r: Reader) -> bool:
    """“different”, “distinct”."""
    if not r.see().has("distinct") or r.see().linked:
        return False
    r.distinct = True
    if r.clause == "select":
        r.draft.distinct = True
    return r.step()


def both(r: Reader) -> bool:
    """“both ... and ...”."""
    if not r.see().has("both") or r.see().linked:
        return False
    r.both = True
    return r.step()


def joiner(r: Reader) -> bool:
    """“and”, “or”, commas."""
    here = r.see()
    if here.linked or not here.has("and", "or", "comma", "either"):
        return False
    if here.has("or"):
        r.joiner = "or"
        r.draft.compared = r.draft.compared or here.has("against")
    elif here.has("and", "comma") and r.joiner != "or":
        r.joiner = "and"
    r.inner = None
    if here.text.lower().startswith(
        ("with their", "along with", "and their", "as well as", "together with", "and the corresponding", "and its")
    ):
        r.clause = "select"
        _told_by_name(r)
    return r.step()


def _told_by_name(r: Reader) -> None:
    """“products with their price” shows the products too, each by its name."""
    table, own = r.see(-1).table, r.see(1).columns
    if "their" not in r.see().text.lower() or table not in r.draft.shown or not own or r.see(1).table:
        return
    names = [Item(field) for field in r.index.display(table)]
    if own[0].table == table and not r.draft.select and not any(r.index.is_key(f) for f in (own[0], names[0].field)):
        r.draft.select.extend(names)


def share(r: Reader) -> bool:
    """“what percentage of orders were returned”."""
    if not r.see().has("share") or r.see().linked:
        return False
    r.draft.share = True
    return r.step()


def counting(r: Reader) -> bool:
    """“how many orders”, “number of different countries”."""
    here = r.see()
    if not here.has("count") or here.linked:
        return False
    if here.text.lower() == "number of" and r.see(-1).columns and not r.see(-1).table:
        return r.step()
    width = 1
    while r.see(width).has(*_PASS) and not r.see(width).linked:
        width += 1
    single = "different" in here.text or any(r.see(at).has("distinct") for at in range(1, width))
    width += flagged(r, width)
    item = counted(r, r.see(width), single)
    owner = r.see(width + 1)
    if item is None and owner.table in {hit.field.table for hit in r.see(width).hits}:
        r.draft.focus = r.draft.focus or owner.table
        _place_count(r, Item(Field(owner.table, "*"), "count", single), width + 2)
        return r.step(width)
    if item is not None:
        _place_count(r, item, width + 1)
        return r.step(width + 1)
    if r.clause == "select":
        r.draft.select.append(Item(Field("", "*"), "count"))
    return r.step()


def _place_count(r: Reader, item: Item, ahead: int) -> None:
    """A column that already holds numbers is added up; an average of counts waits for its group."""
    alone = r.clause == "select" and not r.draft.select
    total = ["sum"] if "total" in r.see().text.lower() else []
    items = [item]
    if not item.fn and (r.fns or alone or total):
        items = [Item(item.field, fn) for fn in dict.fromkeys([*r.fns, *total]) or ["sum"]]
    if item.field.row and "avg" in r.fns:
        r.draft.averaged, r.fns = True, []
    for item in items:
        place(r, item, ahead)
    if item.field.row and not r.draft.focus and r.clause == "select":
        r.draft.focus = item.field.table
    r.fns = []


def counted(r: Reader, what: Chunk, single: bool) -> Item | None:
    """What is counted: rows of a table, or the different values of a column."""
    if what.table:
        return Item(Field(what.table, "*"), "count", single)
    if what.columns and r.flag(what.columns[0]):
        r.draft.filters.append(Filter(Item(what.columns[0]), "=", (True,), phrase=what.text))
        return Item(Field(what.columns[0].table, "*"), "count")
    if what.columns:
        column = what.columns[0]
        if r.numeric(column) and not r.index.is_key(column) and not single:
            return Item(column)
        target = r.index.refers(column)
        return (
            Item(Field(target, "*"), "count", single)
            if target in r.index.tables and not single
            else Item(column, "count", True)
        )
    return None


def place(r: Reader, item: Item, ahead: int = 1) -> None:
    """Put an item where the clause wants it."""
    if r.clause == "order":
        r.draft.orders.append(Order(item, bool(r.desc)))
    elif r.clause == "where":
        r.pending = [item]
        if item.fn and not condition_follows(r, ahead):
            r.draft.select.append(item)
            r.pending = []
    elif item not in r.draft.select:
        r.draft.select.append(item)
        r.pending = [] if item.field.row else [item]


def aggregate(r: Reader) -> bool:
    """“average price”, “maximum and minimum age”; waits for the column."""
    here, following = r.see(), r.see(1)
    fn = here.plays("agg")
    if fn == "sum" and (amount := _amount_of(r, here, following)):
        r.draft.select.append(Item(amount, "sum"))
        r.draft.focus = r.draft.focus or amount.table
        return r.step(2)
    if fn is None or (here.linked and not _applies(r, here, following)):
        return False
    if fn == "sum" and following.has("count"):
        return r.step()
    if here.text.lower() == "on average" and not following.linked:
        return _on_average(r)
    r.fns.append(fn)
    return r.step()


def _amount_of(r: Reader, here: Chunk, following: Chunk) -> Field | None:
    """“total payments”: the amounts of the payments, rather than a total of another table."""
    table = following.table
    if not table or following.columns or r.clause != "select" or (here.columns and here.columns[0].table == table):
        return None
    columns = [Field(table, c.name) for c in r.index.tables[table].columns]
    named = [f for f in columns if r.index.words[(table, f.column)][-1] == "amount" and r.numeric(f)]
    return named[0] if len(named) == 1 else None


def _on_average(r: Reader) -> bool:
    """“on average” behind what it averages."""
    counts = any(item.fn == "count" and item.field.row for item in r.draft.select)
    r.draft.averaged = r.draft.averaged or counts
    shown = r.draft.select[-1] if r.draft.select else None
    if r.topic and shown and not shown.fn and r.numeric(shown.field):
        r.draft.select[-1] = Item(shown.field, "avg")
    if r.draft.orders and not r.draft.orders[-1].item.fn:
        last = r.draft.orders[-1]
        r.draft.orders[-1] = Order(Item(last.item.field, "avg"), last.desc)
    return r.step()


def _applies(r: Reader, here: Chunk, following: Chunk) -> bool:
    """“total” may be a column itself; it is an aggregate when another column follows."""
    if r.fns and here.columns:
        return False
    what = r.see(2) if following.has("of") else following
    return bool(what.columns and r.numeric(what.columns[0])) or (following.has("agg", "and") and not here.columns)


def flagged(r: Reader, ahead: int) -> bool:
    """“active products”: a yes-or-no column before its table is a condition on it."""
    what = r.see(ahead)
    if not (what.columns and r.flag(what.columns[0]) and r.see(ahead + 1).table):
        return False
    clause = r.clause
    r.add(Item(what.columns[0]), "=", True, phrase=what.text)
    r.clause = clause
    return True
