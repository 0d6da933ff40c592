"""Rules for names of tables and columns: what they show, group or say of what stands beside them."""

from knowledge.translation.chunks import Chunk
from knowledge.translation.headings import participle
from knowledge.translation.ir import Field, Item, Order
from knowledge.translation.reading.draft import END, Reader, condition_follows
from knowledge.translation.reading.negating import described, lacking_table
from knowledge.translation.reading.selecting import flagged, place
from knowledge.translation.reading.sets import united_with


def naming(r: Reader) -> bool:
    """The name of a table or column."""
    here = r.see()
    if not here.linked or (not here.table and not here.columns):
        return False
    if (here.targets[0].score <= 0.4 and not _means(r, here)) or _idle_verb(r, here):
        r.weak.append(here)
        return r.step()
    if here.text.lower() in ("number", "count") and r.see(1).has("and") and r.see(2).has("agg") and not r.fns:
        r.draft.select.append(Item(Field("", "*"), "count"))
        return r.step()
    counted_already = any(item.fn == "count" for item in r.draft.select)
    if here.text.lower() in ("number", "numbers", "count") and counted_already:
        return r.step()
    if _merely_name(r, here) or (here.columns and _compound(r, here)):
        r.draft.distinct = r.draft.distinct or here.text.lower() in ("kinds", "types")
        return r.step()
    if lacking := lacking_table(r, here):
        r.negated, r.draft.absent = False, lacking
        return r.step()
    if here.columns and (not here.table or _prefers_column(r, here)):
        return _column(r, here)
    return _table(r, here)


def _idle_verb(r: Reader, here: Chunk) -> bool:
    """“which departments do they work in”: of rows that were shown, the verb tells no column."""
    verb = bool(r.topic) and here.has("light") and bool(here.columns) and here.targets[0].score < 0.9
    return verb and r.clause == "select" and r.asked == "which" and not condition_follows(r, 1)


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
    if "name" in here.text.lower() and r.see(1).text == "(" and r.see(2).columns:
        return True
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
    if _also_shown(r):
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


def _also_shown(r: Reader) -> bool:
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
    if r.flag(column) and r.asked == "which" and r.see(-1).has("equals", "neg") and _said_of(r, column):
        r.add(Item(column), "=", True, phrase=here.text)
        return True
    counts = bool(r.draft.select) and all(item.fn for item in r.draft.select)
    if r.clause == "select" and counts and participle(column) == here.text.lower() and r.temporal(column):
        r.pending = [Item(column)]
        return True
    return False


def _said_of(r: Reader, column: Field) -> bool:
    """“which products are active?”: what is said of the thing right before is a condition on it."""
    thing = r.see(-2) if not r.see(-2).has("equals") else r.see(-3)
    return thing.table == column.table and not r.draft.select and not condition_follows(r, 1)


def _priced(r: Reader, here: Chunk) -> tuple[Field, ...]:
    """“products that cost more than 20”: what a thing costs is its price, not what was paid to get it."""
    column = here.columns[0]
    price = next((c.name for c in r.index.tables[column.table].columns if c.name.lower().endswith("price")), "")
    verb = here.text.lower() in ("cost", "costs") and r.see(-1).has("rel", "who") and condition_follows(r, 1, column)
    chosen = r.decide("measure", here.text, [Field(column.table, price), column]) if verb and price else None
    return (chosen,) if chosen else here.columns


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
    target = r.index.refers(column)
    if target and r.see(-1).has("of") and any(item.field.table == target for item in r.draft.select):
        return True
    everyone = r.see(-1).text.lower() in ("of all", "for all") and not r.numeric(column) and not r.index.is_key(column)
    if everyone and all(item.field.table == column.table for item in r.draft.select):
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
    told = following.text.lower() in ("whose", "who", "that") and bool(r.draft.select)
    told = told and not before.has("and", "comma", "show", "which")
    owner = (before.has("of", "prep", "each") and begun) or modifier or measured or told or _by_name(r, table)
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
