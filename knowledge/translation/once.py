"""Sums over rows that joins repeat: each row is counted once in each group."""

from sqlglot import exp

ROWS = "counted_once"


def once(select: exp.Select, key: exp.Column) -> exp.Select:
    """The same select over the distinct rows of the summed table, told apart by its `key`, in each group."""
    used: dict[str, exp.Column] = {_name(key): key}
    outer = select.copy()
    for clause in ("expressions", "group", "having", "order"):
        _redirect(outer, clause, used)
    inner = exp.Select().select(*(exp.alias_(column.copy(), name) for name, column in used.items())).distinct()
    for clause in ("from_", "joins", "where"):
        inner.set(clause, select.args.get(clause))
        outer.set(clause, None)
    return outer.from_(exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier(ROWS))))


def _redirect(select: exp.Select, clause: str, used: dict[str, exp.Column]) -> None:
    """Let the columns of a clause be those of the distinct rows."""
    found = select.args.get(clause)
    for part in found if isinstance(found, list) else [found] if found else []:
        for column in list(part.find_all(exp.Column)):
            used.setdefault(_name(column), column.copy())
            fresh = exp.column(_name(column), ROWS)
            if column is part:
                select.args[clause][select.args[clause].index(part)] = exp.alias_(fresh, column.name)
            else:
                column.replace(fresh)


def _name(column: exp.Column) -> str:
    return f"{column.table}_{column.name}".lower().replace(" ", "_")
