"""Rules for what is shown: counts, aggregates, columns, tables and groups."""

from knowledge.translation.chunks import Chunk
from knowledge.translation.headings import participle
from knowledge.translation.ir import Field, Filter, Item, Order
from knowledge.translation.reading.draft import END, Reader, condition_follows
from knowledge.translation.reading.negating import described, lacking_table
from knowledge.translation.reading.sets import united_with

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
        r.clause, r.negated, r.pending, r.joiner, r.fns = "select", False, [], "", []
        return r.step()
    if here.linked and (not here.has("show", "which") or (here.has("show") and r.at and not r.see(1).linked)):
        return False
    first = r.at == 0 or r.see(-1).has("dot", "comma", "and", "show", "prep")
    if here.has("show") or (
        here.has("which", "who", "when", "whereabouts") and (first or (here.has("which") and " " in here.text))
    ):
        r.asked = next((role for role in ("who", "when", "whereabouts", "which") if here.has(role)), r.asked)
        if not (r.clause == "order" and here.has("which")):
            r.clause, r.pending, r.joiner = "select", [], ""
        return r.step()
    return False


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
    return r.step()


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
    if fn is None or (here.linked and not _applies(r, here, following)):
        return False
    if fn == "sum" and following.has("count"):
        return r.step()
    if here.text.lower() == "on average" and not following.linked:
        return _on_average(r)
    r.fns.append(fn)
    return r.step()


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


def naming(r: Reader) -> bool:
    """The name of a table or column."""
    here = r.see()
    if not here.linked or (not here.table and not here.columns):
        return False
    if here.targets[0].score <= 0.4 and not _means(r, here):
        r.weak.append(here)
        return r.step()
    counted_already = any(item.fn == "count" for item in r.draft.select)
    if here.text.lower() in ("number", "numbers", "count") and counted_already:
        return r.step()
    if here.columns and (_merely_name(r, here) or _compound(r, here)):
        return r.step()
    if lacking := lacking_table(r, here):
        r.negated, r.draft.absent = False, lacking
        return r.step()
    if here.columns and (not here.table or _prefers_column(r, here)):
        return _column(r, here)
    return _table(r, here)


def _means(r: Reader, here: Chunk) -> bool:
    """Whether a word that only shares its root with a name does mean it here."""
    if lacking_table(r, here):
        return True
    if here.columns and (condition_follows(r, 1) or (r.clause == "order" and not r.draft.orders)):
        return True
    if here.columns and r.clause == "select" and r.draft.select and r.see(-1).has("and", "comma"):
        return True
    return (
        r.clause == "select"
        and not (r.draft.select or r.draft.shown or r.draft.focus)
        and r.see(-1).has("who", "show", "which")
    )


def _merely_name(r: Reader, here: Chunk) -> bool:
    """“the names of countries” asks for the column `country` itself."""
    vague = here.text.lower() in ("kind", "kinds", "type", "types", "value", "values") and here.targets[0].score < 0.8
    if not (vague or here.text.lower() in ("name", "names")) or not r.see(1).has("of"):
        return False
    width = 2
    while r.see(width).has("ignore", "distinct", "each") and not r.see(width).linked:
        width += 1
    owner = r.see(width)
    return bool(owner.columns and not owner.table and owner.targets[0].score >= 0.7 and not r.numeric(owner.columns[0]))


def _compound(r: Reader, here: Chunk) -> bool:
    """“bank branches”, “branch name”: a key's word right beside its table or another name says which thing, no more."""
    column = here.columns[0]
    before, after = r.see(-1), r.see(1)
    if here.targets[0].score < 0.9 and before.columns and not before.table and before.end == here.start:
        return " " not in here.text
    if here.table or here.targets[0].score > 0.7 or not r.index.is_key(column):
        return False
    owned = before.table == column.table and before.end == here.start
    return owned or (bool(after.columns) and after.start == here.end and after.columns[0].table == column.table)


def _prefers_column(r: Reader, here: Chunk) -> bool:
    """For words that name both a table and a column."""
    column = here.columns[0]
    if r.fns:
        return r.numeric(column)
    nearer = column.table != here.table and column.table == r.draft.focus
    following = r.see(1)
    if r.clause == "where" and (
        following.has("cmp", "between", "equals") or following.value or following.number is not None
    ):
        return True
    return nearer and not r.index.refers(column)


def _column(r: Reader, here: Chunk) -> bool:
    items = [Item(column) for column in _priced(r, here)]
    started = bool(r.draft.select or r.draft.shown or r.about)
    if r.clause in ("select", "order") and started and not r.fns and condition_follows(r, 1, here.columns[0]):
        r.clause = "where"
    if not r.fns and (flagged(r, 0) or _told(r, here)):
        return r.step()
    if _also_shown(r, here):
        r.clause = "select"
    if _stands_for_rows(r, here):
        r.pending = items[:1]
        return r.step()
    if r.fns:
        items = [Item(column, fn) for fn in r.fns for column in here.columns[:1]]
        r.fns = []
    items = [_likewise(r, item) for item in items]
    for item in items:
        place(r, item)
    if r.clause in ("where", "select"):
        r.pending = items[: 1 if r.clause == "select" else None]
    return r.step()


def _also_shown(r: Reader, here: Chunk) -> bool:
    """“... who teach a course, and the course id”: behind the conditions, one more thing to show."""
    ends = r.see(1) is END or r.see(1).has("dot")
    shown = bool(r.draft.select or r.draft.shown) and not any(item.fn for item in r.draft.select)
    return r.clause == "where" and ends and shown and r.see(-1).has("and") and not r.fns and not r.see(-2).value


def _told(r: Reader, here: Chunk) -> bool:
    """“customers with newsletter” tests a flag; “how many joined per year” names the moment and shows nothing."""
    column = here.columns[0]
    if r.flag(column) and r.clause == "where" and not condition_follows(r, 1):
        r.add(Item(column), "=", True, phrase=here.text)
        return True
    counts = bool(r.draft.select) and all(item.fn for item in r.draft.select)
    if r.clause == "select" and counts and participle(column) == here.text.lower() and r.temporal(column):
        r.pending = [Item(column)]
        return True
    return False


def _priced(r: Reader, here: Chunk) -> tuple[Field, ...]:
    """“products that cost more than 20”: what a thing costs is its price, not what was paid to get it."""
    column = here.columns[0]
    price = next((c.name for c in r.index.tables[column.table].columns if c.name.lower().endswith("price")), "")
    verb = here.text.lower() in ("cost", "costs") and r.see(-1).has("rel", "who") and condition_follows(r, 1, column)
    chosen = r.decide("measure", here.text, [Field(column.table, price), column]) if verb and price else None
    return (chosen,) if chosen else here.columns


def flagged(r: Reader, ahead: int) -> bool:
    """“active products”: a yes-or-no column before its table is a condition on it."""
    what = r.see(ahead)
    if not (what.columns and r.flag(what.columns[0]) and r.see(ahead + 1).table):
        return False
    clause = r.clause
    r.add(Item(what.columns[0]), "=", True, phrase=what.text)
    r.clause = clause
    return True


def _likewise(r: Reader, item: Item) -> Item:
    """“average latitude and longitude” averages both."""
    select = r.draft.select
    joined = r.clause == "select" and r.see(-1).has("and", "comma") and select and not item.fn
    if not joined or not r.numeric(item.field) or any(i.fn in ("", "count") for i in select):
        return item
    return Item(item.field, select[-1].fn)


def _stands_for_rows(r: Reader, here: Chunk) -> bool:
    """“the year for the school with ...”: a name that says whose rows are meant, and is not asked for."""
    if r.clause != "select" or r.fns or not r.see(-1).has("of", "prep") or not r.draft.select:
        return False
    column = here.columns[0]
    if all(item.fn for item in r.draft.select):
        return True
    return column in r.index.display(column.table) or (not r.numeric(column) and r.see(1).has("rel"))


def _sorted_by_name(r: Reader, table: str) -> bool:
    """“sort by region”: by its name, when regions are what is shown."""
    grouped = any(item.field.table == table and item.field.row for item in r.draft.groups)
    if not r.draft.orders and (grouped or table in r.context):
        r.draft.orders.append(Order(Item(r.index.display(table)[0]), bool(r.desc)))
    return r.step()


def _by_name(r: Reader, table: str) -> bool:
    """“the city of the store Ada's”, “the account named X”: a row called by its name, which is not asked for again."""
    width = 2 if r.see(1).text.lower() in ("named", "called", "titled") else 1
    called = r.see(width)
    own = (called.quoted and width == 2) or any(hit.field in r.index.display(table) for hit in called.hits)
    return own and bool(r.draft.select or r.draft.shown) and not r.see(-1).has("and", "comma")


def _table(r: Reader, here: Chunk) -> bool:
    table = here.table
    if r.clause == "order":
        return _sorted_by_name(r, table)
    if r.negated and r.about and table != r.about:
        r.negated = False
        r.draft.absent = table
        return r.step()
    r.pending = []
    if r.clause == "where":
        described(r, table)
        return r.step()
    before, following = r.see(-1), r.see(1)
    modifier = following.linked and not following.table and not following.value
    only = bool(r.draft.select) and all(item.fn for item in r.draft.select)
    measured = only and not before.has("and", "comma", "show")
    begun = r.draft.select or r.fns or r.draft.shown
    owner = (before.has("of", "prep", "each") and begun) or modifier or measured or _by_name(r, table)
    counts = only and r.draft.select[-1].fn == "count" and r.draft.select[-1].field.row
    if counts and before.has("and", "comma") and r.draft.focus:
        r.draft.select.append(Item(Field(table, "*"), "count"))
        return r.step()
    if before.has("and") and before.text.lower() in ("and", "as well as") and united_with(r, table):
        r.draft.alike = table
        return r.step()
    if not r.draft.focus:
        r.draft.focus = table
    if not owner:
        r.draft.shown.append(table)
    else:
        r.draft.also.append(table)
    return r.step()
