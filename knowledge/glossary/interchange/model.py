"""What comes of reading files that may be of another tool."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from knowledge.catalog.model import Catalog
from knowledge.glossary.model import Status, Term

Form = Literal["auto", "quillux", "dbt", "osi"]


@dataclass(frozen=True, slots=True)
class Imported:
    """Terms of files, and a sentence for everything in them that could not be kept. `form` is that of the files."""

    terms: tuple[Term, ...]
    left: tuple[str, ...] = ()
    form: Form = "quillux"


@dataclass(frozen=True, slots=True)
class Where:
    """Into what is imported: the catalog, the one source that is meant (empty: found by the tables' names).

    `status` is what terms of other tools get; ours keep theirs.
    """

    catalog: Catalog
    source: str = ""
    status: Status = "proposed"


Documents = Mapping[str, object]
"""What was read of each file, by its name."""
