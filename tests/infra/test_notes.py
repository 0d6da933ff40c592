"""What experts say of keys and tags reaches the catalog of every process."""

import sqlite3
from contextlib import closing
from pathlib import Path

from infra.catalogs import StoredCatalogs
from infra.settings import SourceSetting
from infra.store.engine import migrate, open_engine
from infra.store.notes import SqlNotes
from knowledge.enrichment import Note

TAG = Note("tag", "shop", "people", "email", "pii:email")


async def test_a_tag_that_an_expert_refutes_is_gone_and_comes_back_when_confirmed(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as shop:
        shop.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT)")
        shop.executemany("INSERT INTO people (email) VALUES (?)", [(f"person{n}@example.org",) for n in range(9)])
        shop.commit()
    url = f"sqlite+aiosqlite:///{tmp_path / 'quillux.sqlite'}"
    migrate(url)
    engine = open_engine(url)
    sources = (SourceSetting(name="shop", address=f"sqlite:///{tmp_path / 'shop.db'}"),)
    notes = SqlNotes(engine)

    async def tags() -> tuple[str, ...]:
        catalogs = StoredCatalogs(engine, "default", sources)
        (table,) = (await catalogs.catalog("default")).tables
        await catalogs.close()
        return table.by_name["email"].tags

    assert await tags() == ("pii:email",)
    await notes.say("default", TAG, confirmed=False, by="eva")
    assert await tags() == ()
    await notes.say("default", TAG, confirmed=True, by="eva")
    assert await tags() == ("pii:email",)
    assert (await notes.of("other")).refuted == frozenset()
    await engine.dispose()
