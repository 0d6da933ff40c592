"""Rules for order and limits: “sorted by”, “top 5”, “the oldest”, “with the most orders”."""

from knowledge.translation.chunks import Chunk
from knowledge.translation.ir import Field, Item, Order
from knowledge.translation.reading.adjectives import adjective_column
from knowledge.translation.reading.dating import measures, owners, stored_count
from knowledge.translation.reading.draft import END, Reader
from knowledge.translation.reading.selecting import counted
from knowledge.translation.reading.superlatives import PASS, asks_extreme, extreme, limit, ranked_by


def sorting(r: Reader) -> bool:
    """“sorted by age descending”, “in alphabetical order of name”."""
    here = r.see()
    if here.linked:
        return False
    if here.has("order"):
        r.clause, r.desc, r.fns = "order", None, []
        return r.step()
    if here.has("alphabetical"):
        return _direction(r, False)
    if here.has("asc", "desc"):
        return _direction(r, here.has("desc"))
    return False


def _direction(r: Reader, desc: bool) -> bool:
    following = r.see(1)
    onward = (
        following.has("count", "agg", "number_super", "number_sub")
        or following.has("of", "prep", "by", "order")
        or (following.linked and r.see().text.lower().endswith((" of", " by")))
    )
    if r.clause == "order" and r.draft.orders and not (following.linked and r.see(-1).has("and", "comma")):
        last = r.draft.orders[-1]
        r.draft.orders[-1] = Order(last.item, desc)
        return r.step()
    r.desc = desc
    begun = r.draft.select or r.draft.shown or r.draft.focus or r.fns or onward or r.clause == "order"
    if not begun:
        return r.step()
    if onward or following.linked or r.clause == "order":
        r.clause = "order"
        if following.has("order"):
            return r.step(2)
        return r.step()
    _order_shown(r, desc)
    return r.step()


def _order_shown(r: Reader, desc: bool) -> None:
    figures = [item for item in r.draft.select if item.fn]
    if r.draft.select:
        by_figure = figures and not r.see().has("alphabetical")
        r.draft.orders.append(Order(figures[-1] if by_figure else r.draft.select[0], desc))
    elif r.draft.focus:
        r.draft.orders.append(Order(Item(r.index.display(r.draft.focus)[0]), desc))


def ranking(r: Reader) -> bool:
    """“top 5 customers by revenue”, “the 3 largest cities”, “first 10”."""
    here, following = r.see(), r.see(1)
    small = here.number if here.number and here.number == int(here.number) and here.number < 1000 else None
    if (
        small
        and following.has("super", "adjective", "common", "uncommon", "number_super", "number_sub", "top")
        and not following.has("cmp")
    ) and not (following.has("adjective") and r.see(2).text == "than"):
        r.draft.limit = int(small)
        return r.step()
    if here.has("top", "bottom") and not here.columns and following.number and not following.period:
        if here.has("top") and r.see(2).plays("super") == "desc" and r.see(3).linked and r.see(3).number is None:
            # “the top 3 greatest ...”: one superlative is enough.
            r.draft.limit = int(following.number)
            return r.step(2)
        r.draft.limit = int(following.number)
        r.desc = here.has("top")
        r.superior = here.text if here.text.lower() not in ("first", "last") else ""
        if here.text.lower() == "last" and r.see(2).table and not r.draft.orders:
            _latest_first(r, r.see(2).table)
        if (
            r.see(2).columns
            and not r.see(2).table
            and r.numeric(r.see(2).columns[0])
            and (r.draft.select or r.draft.shown)
        ):
            r.draft.orders.append(Order(Item(r.see(2).columns[0]), r.desc))
            return r.step(3)
        return r.step(2)
    if here.text.lower() in ("best", "top", "worst") and following.table and not here.linked:
        r.draft.limit, r.desc, r.superior = 10, here.has("top"), here.text
        return r.step()
    if here.has("by") and r.draft.limit and not r.draft.orders and (following.linked or following.has("agg", "count")):
        desc = r.desc is not False
        r.clause, r.desc, r.draft.ranked = "order", desc, True
        return r.step()
    return False


def _latest_first(r: Reader, table: str) -> None:
    """“the last 10 orders”: by the date of their own, the latest first."""
    found = adjective_column(r.index, r.lexicon.adjectives["latest"], table)
    if found:
        r.draft.orders.append(Order(Item(found[0]), found[1]))
    r.superior = r.see().text


def popularity(r: Reader) -> bool:
    """“the most common city”: group by it, order by how often."""
    here = r.see()
    if here.linked or not here.has("common", "uncommon"):
        return False
    limit(r, 1)
    before = r.see(-1)
    event = before.table or (before.columns[0].table if before.columns else "")
    often = here.text.lower().split()[-1] in ("often", "frequently", "commonly") and event not in ("", r.about)
    r.draft.select = [i for i in r.draft.select if not often or i.field not in before.columns]
    r.draft.orders.append(Order(Item(Field(event if often else "", "*"), "count"), here.has("common")))
    return r.step()


def most(r: Reader) -> bool:
    """“the most orders”, “the largest number of students”."""
    here = r.see()
    if here.has("number_super", "number_sub"):
        desc, width = here.has("number_super"), 1
    elif here.has("super") and r.see(1).has("count"):
        desc, width = here.plays("super") == "desc", 2
    else:
        return False
    while r.see(width).has(*PASS, "count") and not r.see(width).linked:
        width += 1
    what = r.see(width)
    item = None if r.see().text.lower().split()[0] in r.lexicon.verbs else _how_many(r, what)
    if r.fns or (item and not item.fn and asks_extreme(r, what, "")):
        r.fns.append("max" if desc else "min")
        return r.step(width)
    if item is None and not what.linked and here.text.lower() in ("the most", "the fewest") and not _verbal(r):
        r.desc, r.superior = desc, here.text
        limit(r, 1)
        return r.step()
    if item is None:
        item, width = _unnamed_measure(r), 0 if r.draft.ranked else width - 1
    if item is None:
        return False
    limit(r, 1)
    r.draft.orders.append(Order(item, desc))
    r.clause, r.pending = "where", []
    return r.step(width + 1)


def _how_many(r: Reader, what: Chunk) -> Item | None:
    stored = stored_count(r, what.table) if what.table else None
    return Item(stored) if stored else counted(r, what, False)


def _verbal(r: Reader) -> bool:
    return any(r.see(step).text.lower() in r.lexicon.verbs for step in (-1, 1))


def _unnamed_measure(r: Reader) -> Item | None:
    """What “the most” measures when nothing is named: the verb's column, else rows."""
    if spoken := _spoken_measure(r):
        r.draft.ranked = True
        return spoken
    return None if r.see().text.lower() in ("the most", "the fewest") else Item(Field("", "*"), "count")


def _spoken_measure(r: Reader) -> Item | None:
    """“spent the most”: the column that the verb speaks of, added up."""
    verbs = [r.see(-1).text.lower(), r.see(1).text.lower(), *r.see().text.lower().split()]
    names = next((r.lexicon.verbs[verb] for verb in verbs if verb in r.lexicon.verbs), ())
    field = r.decide("measure", r.see().text, measures(r, owners(r)[0], names)) if owners(r) else None
    return Item(field, "sum") if field else None


def adjective(r: Reader) -> bool:
    """“the oldest student”, “the most expensive product”, “the longest”."""
    here = r.see()
    word = here.plays("adjective")
    if _in_time(r):
        return r.step()
    if (
        word is None
        or here.columns
        or (
            not word.endswith(("est", "ed", "est paid", "ous", "ive", "last", "ing"))
            and not word.startswith(("most", "least", "last", "latest", "first", "best"))
        )
    ):
        return False
    following = r.see(1)
    if following.number and r.see(2).table:
        r.quota, following = int(following.number), r.see(2)
    meaning = r.lexicon.adjectives[word]
    if (
        following.columns
        and not following.table
        and (r.numeric(following.columns[0]) or r.temporal(following.columns[0]))
    ):
        up = bool(meaning.up) and not (
            r.temporal(following.columns[0]) and not word.startswith(("new", "lat", "most", "long", "young", "last"))
        )
        if asks_extreme(r, following, ""):
            return extreme(r, following, up, 1)
        return ranked_by(r, following, "", up, 1)
    tables = [following.table] if following.table else []
    for table in [*tables, *owners(r)]:
        if found := adjective_column(r.index, meaning, table):
            limit(r, 1)
            r.draft.orders.append(Order(Item(found[0]), found[1]))
            return r.step()
    return _best_selling(r, word)


def _in_time(r: Reader) -> bool:
    """“Who was hired first?”: by the moment of the deed that stands before."""
    here, before = r.see(), r.see(-1)
    sooner = {"first": False, "earliest": False, "last": True, "latest": True, "most recently": True}
    desc = sooner.get(here.text.lower())
    moments = [field for field in before.columns if r.temporal(field) or r.yearly(field)]
    if desc is None or not moments or not (r.see(1) is END or r.see(1).has("dot")):
        return False
    r.draft.select = [item for item in r.draft.select if item.field not in moments]
    r.draft.orders.append(Order(Item(moments[0]), desc))
    limit(r, 1)
    return True


def _unmeasured(r: Reader, word: str) -> bool:
    """A superlative that no column can tell is said to be missing rather than passed over."""
    if word.endswith("est") and word != "latest":
        r.unsupported = f"a column for “{word}”"
        return r.step()
    return False


def _best_selling(r: Reader, word: str) -> bool:
    if not word.endswith(("selling", "sold")):
        return _unmeasured(r, word)
    r.sold, r.desc = word, bool(r.lexicon.adjectives[word].up)
    limit(r, 1)
    return r.step()
