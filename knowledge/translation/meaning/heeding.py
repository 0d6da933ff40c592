"""Terms and queries that no rule made: what a model is told of them, and whether its query keeps to a metric."""

from collections.abc import Iterator

from sqlglot import exp

from knowledge.catalog.model import Catalog
from knowledge.glossary import Glossary, Metric, Term
from knowledge.glossary.checking import table_of
from knowledge.translation.assisted.port import Term as Told
from knowledge.translation.meaning.expressions import Unusable, aggregate, condition
from knowledge.translation.meaning.phrases import matches
from knowledge.translation.meaning.saying import in_words
from knowledge.translation.meaning.understanding import places
from knowledge.translation.model import Applied
from knowledge.translation.words import clean, tokenise


def heard_in(question: str, glossary: Glossary, catalog: Catalog) -> Iterator[tuple[Term, str]]:
    """The terms that a question speaks of and whose data this person may see, each with its words; none deprecated."""
    tokens = tokenise(clean(question)) if glossary.terms else []
    for match in matches(tokens, glossary):
        words = " ".join(token.text for token in tokens[match.start : match.end])
        for term in match.terms:
            homes = places(term, glossary)
            seen = all(table_of(catalog, home.source, home.table) is not None for home in homes)
            if term.status != "deprecated" and seen and (homes or term.definition):
                yield term, words


def told_of(question: str, glossary: Glossary, catalog: Catalog) -> tuple[Told, ...]:
    """What a model is told: the formula first, then the definition. Text that others wrote, to be sent as data."""
    return tuple(Told(words, _meaning(term)) for term, words in heard_in(question, glossary, catalog))


def _meaning(term: Term) -> str:
    metric = term.metric
    if metric:
        where = f" WHERE {' AND '.join(metric.filters)}" if metric.filters else ""
        dated = f", dated by {metric.time}" if metric.time else ""
        formula = f"{metric.expression} FROM {metric.source}.{metric.table}{where}{dated}"
    else:
        formula = " or ".join(
            f"{place.source}.{place.table}{f'.{place.column}' if place.column else ''}"
            f"{f' WHERE {place.condition}' if place.condition else ''}"
            for place in term.places[:3]
        )
    return f"{term.status}: {formula}; {term.definition}".strip("; ")


def applied_in(tree: exp.Expr, question: str, glossary: Glossary, catalog: Catalog) -> tuple[Applied, ...]:
    """The metrics that a question speaks of and a query keeps to."""
    return tuple(
        Applied(term.id, term.name, term.version, term.status, words, in_words(term))
        for term, words in heard_in(question, glossary, catalog)
        if term.metric and keeps_to(tree, term.metric, catalog)
    )


def ignored_in(tree: exp.Expr, question: str, glossary: Glossary, catalog: Catalog) -> tuple[Term, ...]:
    """The approved metrics that a question speaks of and a query works out otherwise."""
    return tuple(
        term
        for term, _ in heard_in(question, glossary, catalog)
        if term.metric and term.status == "approved" and not keeps_to(tree, term.metric, catalog)
    )


def keeps_to(tree: exp.Expr, metric: Metric, catalog: Catalog) -> bool:
    """Whether a query holds each aggregate of a metric, and tests the columns of its filters."""
    dialect = catalog.dialects.get(metric.source, "")
    try:
        wanted = {_plain(agg) for agg in aggregate(metric, dialect).find_all(exp.AggFunc)}
        tested = {c.name.lower() for text in metric.filters for c in condition(text, dialect).find_all(exp.Column)}
    except Unusable:
        return True
    held = {_plain(agg) for agg in tree.find_all(exp.AggFunc)}
    read = {column.name.lower() for column in tree.find_all(exp.Column)}
    return wanted <= held and tested <= read


def _plain(agg: exp.Expr) -> str:
    """An aggregate without names of tables, and without the condition on the rows that it counts."""
    holder = exp.Paren(this=agg.copy())
    for case in list(holder.find_all(exp.Case)):
        branches = case.args.get("ifs") or []
        default = case.args.get("default")
        empty = default is None or isinstance(default, exp.Null) or default.sql() == "0"
        if len(branches) == 1 and empty:
            case.replace(branches[0].args["true"])
    for column in holder.find_all(exp.Column):
        column.set("table", None)
        column.set("this", exp.to_identifier(column.name.lower()))
    return str(holder.this.sql())
