"""Values beyond the samples of the catalog: which phrases are looked up, and how what is found joins an index."""

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from knowledge.catalog.model import Catalog
from knowledge.translation.index import Hit, Index
from knowledge.translation.ir import Field
from knowledge.translation.labels import Key
from knowledge.translation.languages import Said
from knowledge.translation.lexicon import Lexicon
from knowledge.translation.synonyms.facts import facts
from knowledge.translation.words import Token, plain, tokenise
from knowledge.values.port import Held, Place, Values, Visible

WIDEST = 6
"""Words of the longest phrase that is looked up."""
MOST = 64


def looked_up(
    tokens: Sequence[Token],
    values: Values | None,
    catalog: Catalog,
    lexicon: Lexicon,
    names: Callable[[str], bool],
    said: Said = (),
) -> tuple[Held, ...]:
    """What the phrases of a question spell in columns whose values the person may see.

    `names` says of a word whether a table or column is called so; such words alone are not looked up. What stands
    for other words that were `said` is looked up by these too.
    """
    if values is None:
        return ()
    own = list(dict.fromkeys([*phrases(tokens, lexicon, names), *(words for _, words in said)]))[:MOST]
    # “French” may be stored as France or FRA.
    known = facts(lexicon.language)
    rendered = {name: phrase for phrase in own for name in known.names(phrase) if name not in own}
    rendered |= {words: name for name, words in said}
    asked = list(dict.fromkeys([*own, *rendered]))
    found = values.find(asked, visible(catalog)) if asked else ()
    found = tuple(
        replace(held, phrase=rendered.get(held.phrase, held.phrase))
        for held in found
        if not (held.phrase in rendered and held.distance)
    )
    single = {token.text for token in tokens if not (token.capital or token.kind == "quoted")}
    return tuple(held for held in found if not (held.distance and held.phrase in single))


def visible(catalog: Catalog) -> Visible:
    """Columns of which the catalog of the person shows values; it shows none of a column that is masked."""

    def shown(place: Place) -> bool:
        table = catalog.by_key.get(key_at(place))
        column = table.by_name.get(place.column.lower()) if table else None
        return column is not None and bool(column.values)

    return shown


def phrases(tokens: Sequence[Token], lexicon: Lexicon, names: Callable[[str], bool]) -> list[str]:
    """Spans that may be a name: quoted, or with a word that is capitalised or that nothing else explains."""
    found: list[tuple[int, str]] = []
    for at, token in enumerate(tokens):
        if token.kind == "quoted":
            found.append((9, token.text))
            continue
        for end in range(at + 1, min(len(tokens), at + WIDEST) + 1):
            span = tokens[at:end]
            if span[-1].kind == "quoted":
                break
            if _may_be_name(span, at, lexicon, names):
                found.append((end - at, " ".join(token.text for token in span)))
    found.sort(key=lambda entry: -entry[0])
    return list(dict.fromkeys(text for _, text in found))[:MOST]


def _may_be_name(span: Sequence[Token], at: int, lexicon: Lexicon, names: Callable[[str], bool]) -> bool:
    ends = (span[0], span[-1])
    if any(token.kind not in ("word", "number") or _idle(token, lexicon) for token in ends):
        return False
    told = [t for i, t in enumerate(span) if t.kind == "word" and ((t.capital and at + i) or _odd(t, lexicon, names))]
    return bool(told)


def _idle(token: Token, lexicon: Lexicon) -> bool:
    """Whether a word only holds a sentence together, written as such."""
    return not token.capital and bool(lexicon.roles((token.lower,)))


def _odd(token: Token, lexicon: Lexicon, names: Callable[[str], bool]) -> bool:
    """Whether a word is neither grammar nor the name of anything in the catalog."""
    lower = token.lower
    known = lower in lexicon.vocabulary or lower in lexicon.months or lower in lexicon.units or lower in lexicon.numbers
    return not (known or lexicon.roles((lower,)) or token.lemma in lexicon.synonyms or names(token.lemma))


def with_values(index: Index, held: Sequence[Held], choices: Mapping[str, str]) -> Index:
    """The index, in which the phrases also mean what was found for them; the index itself stays as it is."""
    found: dict[str, dict[Field, list[Held]]] = {}
    for one in held:
        field = _field(index, one.place)
        if field is not None:
            found.setdefault(key_of(one.phrase), {}).setdefault(field, []).append(one)
    if not found:
        return index
    made = {text: [_hit(field, alike, choices) for field, alike in columns.items()] for text, columns in found.items()}
    longest = max(len(tokenise(one.phrase)) for one in held)
    joined = {
        text: [*index.values.get(text, ()), *(h for h in hits if not _there(index, text, h))]
        for text, hits in made.items()
    }
    return replace(
        index, values=ChainMap(joined, index.values), longest_value=min(8, max(index.longest_value, longest))
    )


def with_said(index: Index, said: Said) -> Index:
    """The index, in which a name in another language also means the values that are stored as it was said."""
    known = {plain(name): index.values[plain(words)] for name, words in said if plain(words) in index.values}
    made = {name: hits for name, hits in known.items() if name not in index.values}
    return replace(index, values=ChainMap(made, index.values)) if made else index


def key_of(phrase: str) -> str:
    """A phrase as values are looked up in an index."""
    return plain(phrase)


def key_at(place: Place) -> Key:
    """The key of the table that a column is in."""
    return place.source.lower(), place.schema.lower(), place.table.lower()


def _there(index: Index, text: str, hit: Hit) -> bool:
    return any(known.field == hit.field for known in index.values.get(text, ()))


def _field(index: Index, place: Place) -> Field | None:
    label = index.labels.by_key.get(key_at(place))
    table = index.tables.get(label) if label else None
    column = table.by_name.get(place.column.lower()) if table else None
    return Field(label, column.name) if label and column else None


def _hit(field: Field, alike: Sequence[Held], choices: Mapping[str, str]) -> Hit:
    """The chosen value of a column, else the nearest; the others stay as options."""
    wanted = choices.get(choice_id(alike[0].phrase))
    chosen = next((held for held in alike if held.stored == wanted), alike[0])
    others = tuple(held.stored for held in alike[:4]) if chosen.distance else ()
    return Hit(field, chosen.stored, others)


def choice_id(phrase: str) -> str:
    """The stable id of what a misspelt phrase was taken for."""
    return "spelling:" + " ".join(phrase.lower().split())[:60]
