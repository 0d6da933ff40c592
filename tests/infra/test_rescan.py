"""Sources whose last scan is old are looked at again."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from infra.catalogs import StoredCatalogs
from infra.rescan import rescan
from infra.settings import Settings, SourceSetting
from infra.stores import open_stores, prepare


async def test_only_what_is_old_is_scanned_and_one_that_is_away_holds_up_nobody(tmp_path: Path) -> None:
    paths = {name: tmp_path / f"{name}.db" for name in ("away", "old", "young")}
    for path in paths.values():
        with closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TABLE things (id INTEGER PRIMARY KEY)")
    sources = tuple(SourceSetting(name=name, address=str(path)) for name, path in paths.items())
    settings = Settings(data=tmp_path / "data", sources=sources)
    prepare(settings)
    stores = open_stores(settings)
    catalogs = StoredCatalogs(stores.engine, settings.tenant, settings.sources)
    await catalogs.catalog(settings.tenant)
    async with stores.engine.begin() as connection:
        await connection.execute(text("UPDATE catalog SET scanned_at = '2020-01-01' WHERE source <> 'young'"))
    paths["away"].unlink()
    with closing(sqlite3.connect(paths["old"])) as database:
        database.execute("CREATE TABLE more (id INTEGER PRIMARY KEY)")
    assert await rescan(catalogs, 24) == ["old"]
    assert [table.name for table in await catalogs.kept("old")] == ["things", "more"]
    assert await rescan(catalogs, 24) == []
    await catalogs.close()
    await stores.engine.dispose()
