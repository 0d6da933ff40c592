"""Terms on the wire."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from knowledge.catalog.affected import Affected
from knowledge.glossary import Kind, Status, Term
from knowledge.glossary.checking import Problem
from knowledge.glossary.codec import content, from_json
from knowledge.glossary.diff import FieldChange
from knowledge.glossary.form import DEFINITION, MOST, NAME, SQL
from knowledge.glossary.past import Blame
from web.api.wire import InputShape, Words

Name = Annotated[Words, Field(max_length=NAME)]
Sql = Annotated[Words, Field(max_length=SQL)]


class MetricIn(InputShape):
    """How a number is made: one SQL aggregate over columns of a table, in the source's dialect."""

    source: Name
    table: Name
    expression: Sql
    filters: list[Sql] = Field(default_factory=list, max_length=MOST)
    grain: list[Name] = Field(default_factory=list, max_length=MOST)
    additivity: Literal["additive", "semi-additive", "non-additive"] = "additive"
    time: Name = ""
    unit: Name = ""
    format: Name = "number"


class PlaceIn(InputShape):
    """A table, a column of it, or the rows of it where a condition holds."""

    source: Name
    table: Name
    column: Name = ""
    condition: Sql = ""


class RelationIn(InputShape):
    """A tie to another term by its id, or with `maps-to` to a concept elsewhere by its address."""

    kind: Literal["is-a", "part-of", "same-as", "maps-to"]
    other: Annotated[Words, Field(max_length=2_000)]


class TermIn(InputShape):
    """A term as it is to be. `note` says why; it stands in the history. Status `approved` opens a gate."""

    name: Annotated[Words, Field(min_length=1, max_length=NAME)]
    kind: Kind = "term"
    status: Status = "draft"
    definition: Annotated[Words, Field(max_length=DEFINITION)] = ""
    synonyms: list[Name] = Field(default_factory=list, max_length=MOST)
    owners: list[Name] = Field(default_factory=list, max_length=MOST)
    metric: MetricIn | None = None
    places: list[PlaceIn] = Field(default_factory=list, max_length=MOST)
    levels: list[Name] = Field(default_factory=list, max_length=MOST)
    relations: list[RelationIn] = Field(default_factory=list, max_length=MOST)
    note: Annotated[Words, Field(max_length=1_000)] = ""

    def term(self, id: str) -> Term:
        """The term of this id."""
        return from_json({**self.model_dump(exclude={"note"}), "id": id})


class NoteIn(InputShape):
    """Why."""

    note: Annotated[Words, Field(max_length=1_000)] = ""


class RollbackIn(NoteIn):
    """The version to have again."""

    version: int = Field(ge=1, le=2**31)


class TermOut(BaseModel):
    """A version of a term, with who made it. `problems` are filled where one term is asked for by an expert."""

    id: str
    version: int
    content: dict[str, Any] = Field(description="The term's fields, in the form in which they are sent.")
    changed_by: str
    changed_at: str
    note: str
    removed: bool = False
    problems: list[dict[str, str]] = []


class TermsOut(BaseModel):
    """Terms by id. `version` changes with any of them; `next` is what to send as `after`, empty at the end."""

    terms: list[TermOut]
    version: str
    next: str = ""


class AffectedOut(BaseModel):
    """Something that is tied to a term, and how."""

    kind: str
    id: str
    text: str
    why: str


class LineageOut(BaseModel):
    """What a term is made of and what is made with it."""

    tables: list[str]
    columns: list[str]
    made_of: list[AffectedOut]
    used_by: list[AffectedOut]


def term_out(term: Term, problems: tuple[Problem, ...] = ()) -> TermOut:
    """A version of a term for the wire."""
    return TermOut(
        id=term.id,
        version=term.version,
        content={name: value for name, value in content(term).items() if name != "id"},
        changed_by=term.changed_by,
        changed_at=term.changed_at,
        note=term.note,
        removed=term.removed,
        problems=[{"field": one.field, "what": one.what, "severity": one.severity} for one in problems],
    )


def affected_out(found: tuple[Affected, ...]) -> list[AffectedOut]:
    """What is tied to a term, for the wire."""
    return [AffectedOut(kind=one.kind, id=one.id, text=one.text, why=one.why) for one in found]


class BlameOut(BaseModel):
    """Who gave a field its present value."""

    field: str
    value: str | list[str]
    version: int
    by: str
    at: str
    note: str


def blame_out(one: Blame) -> BlameOut:
    """A field with who is behind it, for the wire."""
    value = one.value if isinstance(one.value, str) else list(one.value)
    return BlameOut(field=one.field, value=value, version=one.version, by=one.by, at=one.at, note=one.note)


class ChangeOut(BaseModel):
    """A field that differs between two versions."""

    field: str
    before: str | list[str]
    after: str | list[str]
    text: str


def change_out(one: FieldChange) -> ChangeOut:
    """A difference for the wire."""
    sides = [side if isinstance(side, str) else list(side) for side in (one.before, one.after)]
    return ChangeOut(field=one.field, before=sides[0], after=sides[1], text=one.text)
