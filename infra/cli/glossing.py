"""The glossary for one command: read, compared with files, checked against the catalog, changed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from conversation.errors import PersonError
from infra.cli.stored import stored
from infra.cli.verifying import expert, settings
from infra.settings import Settings
from infra.store.engine import migrate, open_engine
from infra.store.glossary import SqlGlossaries
from knowledge.catalog.affected import Affected
from knowledge.catalog.model import Catalog
from knowledge.errors import Refused
from knowledge.glossary import Glossary, Status, Term
from knowledge.glossary.checking import Problem, blocking, check, check_all, refusal
from knowledge.glossary.interchange import Form, Imported, Where, imported
from knowledge.glossary.lineage import Lineage
from knowledge.glossary.merging import Merge, merge
from knowledge.glossary.past import back_to

LARGEST = 64 * 1024 * 1024
"""Bytes of all files of one import."""
MOST_FILES = 20_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be imported, from where, and how clashes and terms that are not in the file are decided."""

    path: Path
    form: Form = "auto"
    source: str = ""
    status: Status = "proposed"
    overwrite: bool = False
    prune: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do, what of the file could not be kept, and what is wrong with the terms it brings."""

    merge: Merge
    left: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@asynccontextmanager
async def glossaries(configured: Settings) -> AsyncIterator[SqlGlossaries]:
    """The stored glossary; its tables are made where missing."""
    configured.data.mkdir(parents=True, exist_ok=True)
    migrate(configured.database_url)
    engine = open_engine(configured.database_url)
    try:
        yield SqlGlossaries(engine)
    finally:
        await engine.dispose()


async def standing() -> Glossary:
    """The glossary as it stands."""
    configured = settings()
    async with glossaries(configured) as kept:
        return await kept.of(configured.tenant)


async def one(id: str) -> Term:
    """A term. Raises PersonError where there is none."""
    found = (await standing()).get(id)
    if found is None:
        raise PersonError(f"There is no term {id!r}.", next_step="`quillux glossary list` shows them.")
    return found


async def past(id: str, limit: int = 1_000) -> Sequence[Term]:
    """The versions of a term, or of all, the latest first. Raises PersonError where there is none."""
    configured = settings()
    async with glossaries(configured) as kept:
        found = await kept.history(configured.tenant, id, limit)
    if id and not found:
        raise PersonError(f"There never was a term {id!r}.", next_step="`quillux glossary list` shows them.")
    return found


async def checked(path: Path | None) -> tuple[Problem, ...]:
    """What is wrong with the glossary, or with it as it would be with the terms of a file."""
    configured = settings()
    catalog = await catalog_of(configured)
    async with glossaries(configured) as kept:
        glossary = await kept.of(configured.tenant)
    found = read(Wish(path), catalog).terms if path else ()
    return check_all(_with(glossary, found), catalog)


async def planned(wish: Wish) -> Plan:
    """What importing a file, or the files of a folder, would do. Raises Refused for one that can't be read."""
    configured = settings()
    catalog = await catalog_of(configured)
    async with glossaries(configured) as kept:
        return await _plan(configured, kept, wish, catalog)


async def written(wish: Wish, by: str, note: str) -> Plan:
    """Import; what was done. Raises NotAllowed for somebody who may not, Refused and Conflict, and then did nothing."""
    configured = settings()
    who = expert(configured, by)
    catalog = await catalog_of(configured)
    async with glossaries(configured) as kept:
        plan = await _plan(configured, kept, wish, catalog)
        against = blocking_of(plan)
        if against:
            raise refusal(against[0].term, against)
        changes = [(step.term, step.base) for step in plan.merge.steps]
        await kept.put_all(configured.tenant, changes, by=who.id, note=note or f"imported from {wish.path.name}")
        for term in plan.merge.missing if wish.prune else ():
            await kept.remove(configured.tenant, term.id, by=who.id, note=note or f"not in {wish.path.name}")
    return plan


def blocking_of(plan: Plan) -> list[Problem]:
    """The problems because of which nothing is imported."""
    status = {step.term.id: step.term.status for step in plan.merge.steps}
    return [each for each in plan.problems if blocking([each], status.get(each.term, "approved"))]


async def rolled_back(id: str, version: int, by: str, note: str) -> Term:
    """Write an earlier version of a term again. Raises NotAllowed, Refused for a version that can't be used."""
    configured = settings()
    who = expert(configured, by)
    catalog = await catalog_of(configured)
    async with glossaries(configured) as kept:
        wanted = back_to(await kept.history(configured.tenant, id), version)
        glossary = await kept.of(configured.tenant)
        if against := blocking(check(wanted, glossary, catalog), wanted.status):
            raise refusal(id, against)
        return await kept.put(
            configured.tenant, wanted, by=who.id, note=f"{wanted.note} {note}".strip(), base=wanted.version
        )


async def removed(id: str, by: str, note: str) -> None:
    """Take a term away. Raises NotAllowed, PersonError where there is none, Refused while others name it."""
    configured = settings()
    who = expert(configured, by)
    async with glossaries(configured) as kept:
        glossary = await kept.of(configured.tenant)
        users = [each.text for each in Lineage(glossary).users(term)] if (term := glossary.get(id)) else []
        if users:
            raise Refused(f"Other terms name it: {', '.join(users)}.", next_step="Change those first.")
        if not await kept.remove(configured.tenant, id, by=who.id, note=note):
            raise PersonError(f"There is no term {id!r}.", next_step="`quillux glossary list` shows them.")


async def lineage() -> Lineage:
    """The ties of the glossary to the data and to those who ask."""
    configured = settings()
    async with stored(configured) as catalogs:
        return await catalogs.impacts.lineage()


async def column_users(column: str) -> tuple[Affected, ...]:
    """Everything that is made with `source.table` or `source.table.column`. Raises PersonError for another text."""
    configured = settings()
    catalog = await catalog_of(configured)
    source, _, rest = column.partition(".")
    tables = {".".join(part for part in (table.schema, table.name) if part).lower() for table in catalog.of(source)}
    table, dot, name = rest.rpartition(".")
    if rest.lower() in tables:
        table, name = rest, ""
    elif not dot or table.lower() not in tables:
        raise PersonError(f"There is no table {rest!r} in {source!r}.", next_step="Write source.table.column.")
    return (await lineage()).of_column(source, table, name)


async def catalog_of(configured: Settings) -> Catalog:
    """The catalog of all sources."""
    async with stored(configured) as catalogs:
        return await catalogs.catalog(configured.tenant)


def read(wish: Wish, catalog: Catalog) -> Imported:
    """The terms of a file or of every YAML file in a folder. Raises Refused."""
    where = Where(catalog, wish.source, wish.status)
    return imported({file.name: file.read_text("utf-8", "replace") for file in _files(wish.path)}, where, wish.form)


def _files(path: Path) -> list[Path]:
    found = sorted(file for kind in ("*.yaml", "*.yml") for file in path.rglob(kind)) if path.is_dir() else [path]
    if not found or not all(file.is_file() for file in found):
        raise Refused(f"{path} is no file, and no folder with YAML files.", unchanged="Nothing was imported.")
    if len(found) > MOST_FILES or sum(file.stat().st_size for file in found) > LARGEST:
        raise Refused(f"{path} is too large to be imported at once.", unchanged="Nothing was imported.")
    return found


async def _plan(configured: Settings, kept: SqlGlossaries, wish: Wish, catalog: Catalog) -> Plan:
    found = read(wish, catalog)
    glossary = await kept.of(configured.tenant)
    terms = found.terms if found.form == "quillux" else tuple(_kept_on(term, glossary) for term in found.terms)
    histories = {term.id: await kept.history(configured.tenant, term.id) for term in terms}
    what = merge(terms, glossary, histories)
    what = what.overwriting() if wish.overwrite else what
    if found.form != "quillux":
        what = replace(what, missing=())
    changed = {step.term.id for step in what.steps}
    whole = _with(glossary, [step.term for step in what.steps], what.missing if wish.prune else ())
    problems = tuple(each for each in check_all(whole, catalog) if each.term in changed)
    return Plan(what, found.left, problems)


def _kept_on(term: Term, glossary: Glossary) -> Term:
    """A term of another tool with what people added to it here: its status, owners, and words."""
    here = glossary.get(term.id)
    if here is None:
        return term
    words = tuple(dict.fromkeys((*here.synonyms, *term.synonyms)))
    return replace(term, status=here.status, owners=here.owners or term.owners, synonyms=words, version=here.version)


def _with(glossary: Glossary, terms: Sequence[Term], without: Sequence[Term] = ()) -> Glossary:
    gone = {term.id for term in (*terms, *without)}
    return Glossary((*(term for term in glossary.terms if term.id not in gone), *terms))
