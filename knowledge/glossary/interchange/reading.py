"""Files of glossaries: which form they have, and what is in them."""

from collections.abc import Callable, Mapping

from knowledge.errors import Refused
from knowledge.glossary.files import LARGEST, is_glossary, terms_of
from knowledge.glossary.form import tame
from knowledge.glossary.interchange.dbt import from_dbt
from knowledge.glossary.interchange.model import Documents, Form, Imported, Where
from knowledge.glossary.interchange.osi import from_osi
from knowledge.glossary.model import Term
from knowledge.yaml_text import read_yaml


def imported(files: Mapping[str, str], where: Where, form: Form = "auto") -> Imported:
    """The terms of one or several files of one form, by their names. Raises Refused, naming the file."""
    documents = {name: _read(name, text) for name, text in files.items()}
    return _READERS[_form(documents) if form == "auto" else form](documents, where)


def _own(documents: Documents, _where: Where) -> Imported:
    terms: list[Term] = []
    for name, found in documents.items():
        try:
            terms += terms_of(found)
        except Refused as error:
            raise _named(name, error) from error
    ids = [term.id for term in terms]
    if len(set(ids)) < len(ids):
        twice = next(id for id in ids if ids.count(id) > 1)
        raise Refused(f"The term “{tame(twice)}” stands in several files.", unchanged="Nothing was imported.")
    return Imported(tuple(terms))


def _form(documents: Documents) -> Form:
    """The form of the first file that has one."""
    for found in documents.values():
        names = set(found) if isinstance(found, dict) else set()
        if is_glossary(found):
            return "quillux"
        if names & {"semantic_models", "models"} or ("metrics" in names and "datasets" not in names):
            return "dbt"
        if names & {"semantic_model", "datasets"}:
            return "osi"
    raise Refused(
        "The file is none that is known: no glossary of ours, no dbt semantic models or metrics, no OSI model.",
        unchanged="Nothing was imported.",
        next_step="`quillux glossary export` writes our form.",
    )


def _read(name: str, text: str) -> object:
    try:
        return read_yaml(text, LARGEST)
    except Refused as error:
        raise _named(name, error) from error


def _named(name: str, error: Refused) -> Refused:
    return Refused(f"{tame(name)}: {error.what}", unchanged=error.unchanged, next_step=error.next_step)


_READERS: Mapping[Form, Callable[[Documents, Where], Imported]] = {"quillux": _own, "dbt": from_dbt, "osi": from_osi}
