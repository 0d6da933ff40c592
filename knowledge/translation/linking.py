"""Which table and column each chunk means, decided for all chunks together."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from knowledge.translation.chunks import Chunk
from knowledge.translation.index import SYNONYM, Hit, Index, Target
from knowledge.translation.ir import Field

Evidence = Mapping[str, float]
OWNED = 0.38
"""What it is worth that a table follows behind “of”."""
KIND_OF = 0.4
"""How much of that is passed on to the tables it refers to: the name of a professor is kept with the employees."""
LISTED = 0.2
"""What it is worth that a table has everything that is listed together."""


def link(chunks: Sequence[Chunk], index: Index, choices: Mapping[str, str], context: Sequence[str] = ()) -> None:
    """Set `table`, `columns` and `rivals` of every chunk that names something, and order its `hits`."""
    _tell_apart(chunks, index, context)
    mentioned = _mentioned(chunks)
    for table in context:
        mentioned.setdefault(table, 0.5)
    support = _support(chunks)
    for at, chunk in enumerate(chunks):
        if chunk.targets:
            _choose(chunks, at, index, mentioned, support, choices)
    used: Counter[str] = Counter(list(mentioned))
    used.update(field.table for chunk in chunks for field in chunk.columns)
    for at, chunk in enumerate(chunks):
        if chunk.hits:
            worth = {hit: _worth(hit, chunks, at, index, used) for hit in chunk.hits}
            chunk.hits.sort(key=lambda hit: -worth[hit])
            chunk.likely = sum(worth[hit] > worth[chunk.hits[0]] - 0.25 for hit in chunk.hits)


def _tell_apart(chunks: Sequence[Chunk], index: Index, context: Sequence[str]) -> None:
    """Of tables with the same name, one is meant throughout: the one that keys join with the rest of the question."""
    groups: dict[str, set[str]] = {}
    for label in {target.table for chunk in chunks for target in chunk.targets}:
        groups.setdefault(index.tables[label].name.lower(), set()).add(label)
    alike = {name: sorted(labels) for name, labels in groups.items() if len(labels) > 1}
    if not alike:
        return
    sure = {t.table for c in chunks for t in c.targets[:1] if index.tables[t.table].name.lower() not in alike}
    anchors = sure or set(context)
    for labels in alike.values():
        meant = min(labels, key=lambda label: (label not in context, *_apart(label, anchors, index)))
        for chunk in chunks:
            chunk.targets = _without_doubles(chunk.targets, labels, meant)


def _apart(label: str, anchors: Iterable[str], index: Index) -> tuple[int, bool, str]:
    """How far a table is from others, by keys; the default schema comes first where that says nothing."""
    return sum(index.graph.distance(label, other) for other in anchors), bool(index.tables[label].schema), label


def _without_doubles(targets: Sequence[Target], labels: Sequence[str], meant: str) -> list[Target]:
    """Targets without those that the table that is meant has just as well."""
    own = {target.column: target.score for target in targets if target.table == meant}
    return [t for t in targets if t.table == meant or t.table not in labels or t.score > own.get(t.column, -1.0)]


def _mentioned(chunks: Sequence[Chunk]) -> dict[str, float]:
    """Tables named outright."""
    found: dict[str, float] = {}
    for chunk in chunks:
        tables = [t for t in chunk.targets if not t.column and t.score >= 0.6]
        rest = [t for t in chunk.targets if t.column and t.score >= tables[0].score] if tables else []
        if tables:
            found[tables[0].table] = found.get(tables[0].table, 0.0) + (0.6 if rest else 1.0)
    return found


def _support(chunks: Sequence[Chunk]) -> dict[str, float]:
    """How many chunks each table could serve."""
    found: dict[str, float] = {}
    for chunk in chunks:
        best: dict[str, float] = {}
        for target in chunk.targets:
            best[target.table] = max(best.get(target.table, 0.0), target.score)
        for table in {hit.field.table for hit in chunk.hits}:
            best[table] = max(best.get(table, 0.0), 0.5)
        for table, score in best.items():
            found[table] = found.get(table, 0.0) + score
    return found


def _choose(
    chunks: Sequence[Chunk],
    at: int,
    index: Index,
    mentioned: Evidence,
    support: Evidence,
    choices: Mapping[str, str],
) -> None:
    chunk = chunks[at]
    near = _beside(chunks, at, index)
    first = next(iter(mentioned), "")
    ranked = sorted(
        (
            (_score(target, near, mentioned, support, index) + 0.1 * (target.table == first), target)
            for target in chunk.targets
        ),
        key=lambda entry: (-entry[0], entry[1].table, entry[1].column),
    )
    wanted = choices.get(phrase_id(chunk.text))
    if wanted:
        ranked = [e for e in ranked if option_id(e[1]) == wanted] or ranked
    table = next((target for score, target in ranked if not target.column and score > ranked[0][0] - 0.35), None)
    column = next((target for _, target in ranked if target.column), None)
    if column and table and (column.score < table.score - 0.12 or _counts_it(column, table, index)):
        column = None
    if column and not table and not wanted and (kept := _kept_at(column, chunks, at, index)):
        table, column = Target(kept, "", column.score), None
    top = ranked[0][1]
    chunk.table = table.table if table else ""
    if column:
        chunk.columns = _together(chunk, column, index, near)
    scores = [score for score, target in ranked if target.column]
    chunk.tied = len(scores) > 1 and scores[0] - scores[1] < 0.005 and not wanted and top.column != ""
    chunk.rivals = tuple(target for score, target in ranked[:5] if score > ranked[0][0] - 0.08 and not wanted)


def _beside(chunks: Sequence[Chunk], at: int, index: Index) -> dict[str, float]:
    """Tables that what stands around a chunk speaks for: named close by, referred to by these, listed with it."""
    near = _neighbours(chunks, at)
    owner = max(sorted(near), key=lambda table: near[table], default="")
    if owner and not any(target.table == owner for target in chunks[at].targets):
        for edge in index.graph.edges.get(owner, ()):
            if edge.many == owner:
                near[edge.one] = max(near.get(edge.one, 0.0), KIND_OF * near[owner])
    for other, share in _listed_with(chunks, at).items():
        near[other] = near.get(other, 0.0) + LISTED * share
    return near


def _kept_at(column: Target, chunks: Sequence[Chunk], at: int, index: Index) -> str:
    """The table that the noun of a foreign key speaks of: “workshop groups” is no `workshop_group_id`."""
    following = chunks[at + 1] if at + 1 < len(chunks) else None
    if following and (following.value or following.number is not None or following.has("equals", "cmp")):
        return ""
    away = column.score <= SYNONYM and column.column not in index.tables[column.table].primary_key
    target = index.refers(Field(column.table, column.column)) if away else ""
    return target if target in index.tables and target != column.table else ""


def _counts_it(column: Target, table: Target, index: Index) -> bool:
    """Whether a column says how many of a table there are: `no_of_loans` is not what “loans” means."""
    words = index.words[(column.table, column.column)]
    return column.score < 0.95 <= table.score and (words[0] == "number" or words[-1] == "count")


def _together(chunk: Chunk, column: Target, index: Index, near: Evidence) -> tuple[Field, ...]:
    """First and last name when just a name is meant; else the column alone."""
    chosen = Field(column.table, column.column)
    if chunk.text.lower() in ("name", "names", "full name", "full names"):
        closest = max(sorted(near), key=lambda table: (near[table], table == column.table), default="")
        if closest and closest != column.table and near[closest] >= 0.2:
            display = index.display(closest)
            if not index.is_key(display[0]):
                return display
        display = index.display(column.table)
        if column.score < 0.9 and (len(display) == 2 or chosen in display):
            return display
    return (chosen,)


def _neighbours(chunks: Sequence[Chunk], at: int) -> dict[str, float]:
    """Tables named close by: “name of the student”, “student name”, “student whose name”."""
    found: dict[str, float] = {}
    for step, weight in ((1, 0.3), (-1, 0.3)):
        here, reach = at + step, 0
        following = chunks[here] if step > 0 and here < len(chunks) else None
        if following and (following.has("of") or following.text.lower() in ("of all", "of each")):
            weight = OWNED
        while 0 <= here < len(chunks) and reach < 7:
            other = chunks[here]
            tables = [t.table for t in other.targets if not t.column and t.score >= 0.6]
            if tables:
                for table in tables:
                    found[table] = max(found.get(table, 0.0), weight)
                break
            if other.has("dot", "show") or (step > 0 and other.has("count", "number_super", "number_sub")):
                break
            owning = step < 0 and reach == 0 and other.has("rel")
            if (other.value or other.has("cmp", "rel", "neg")) and not owning:
                weight *= 0.5
            here, reach, weight = here + step, reach + 1, weight * 0.93
    return found


def _listed_with(chunks: Sequence[Chunk], at: int) -> dict[str, float]:
    """Tables by the share that they have of the columns listed around a chunk: “name, id and city of each store”."""
    listed = [at]
    for step in (1, -1):
        here = at + step
        while 0 <= here < len(chunks) and (_lists(chunks[here]) or _attribute(chunks[here])):
            listed += [here] if _attribute(chunks[here]) else []
            here += step
    if len(listed) < 2 or not _attribute(chunks[at]):
        return {}
    found: dict[str, float] = {}
    for here in listed:
        for table in sorted({t.table for t in chunks[here].targets if t.column and t.score >= 0.6}):
            found[table] = found.get(table, 0.0) + 1 / len(listed)
    return found


def _lists(chunk: Chunk) -> bool:
    return chunk.has("and", "comma") and not chunk.linked


def _attribute(chunk: Chunk) -> bool:
    """Whether words name columns and no table."""
    return bool(chunk.targets) and bool(chunk.targets[0].column) and not chunk.value


def _score(
    target: Target,
    near: Mapping[str, float],
    mentioned: Evidence,
    support: Evidence,
    index: Index,
) -> float:
    score = target.score + near.get(target.table, 0.0)
    if target.table in mentioned:
        score += 0.15
    elif mentioned:
        nearest = min(index.graph.distance(target.table, table) for table in mentioned)
        score -= 0.08 * min(nearest, 6)
    return score + 0.05 * min(4.0, support.get(target.table, 0.0))


def _worth(hit: Hit, chunks: Sequence[Chunk], at: int, index: Index, used: Counter[str]) -> float:
    score = 0.4 if used.get(hit.field.table) else 0.0
    if not score and used:
        score -= 0.1 * min(min(index.graph.distance(hit.field.table, table) for table in used), 5)
    for step in (-1, 1, -2, 2, -3):
        here = at + step
        if 0 <= here < len(chunks) and any(
            t.column == hit.field.column and t.table == hit.field.table for t in chunks[here].targets
        ):
            score += 0.9 - 0.1 * abs(step)
            break
        if 0 <= here < len(chunks) and any(not t.column and t.table == hit.field.table for t in chunks[here].targets):
            score += 0.3
    if hit.stored.lower() == chunks[at].text.lower():
        score += 0.05
    if hit.stored == chunks[at].text:
        score += 0.1
    if hit.field in index.display(hit.field.table):
        score += 0.12
    column = index.column(hit.field)
    return score - (0.05 if column and column.distinct and column.distinct > 500 else 0.0)


def phrase_id(text: str) -> str:
    """The stable id of what a phrase was taken for."""
    return "link:" + " ".join(text.lower().split())[:60]


def option_id(target: Target) -> str:
    """The stable id of a table or column as an option."""
    return f"{target.table}.{target.column}" if target.column else target.table
