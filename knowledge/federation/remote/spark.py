"""Spark SQL by PySpark (`quillux[spark]`): fetches are handed over as Parquet, and the tree over them runs there."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa

from knowledge.asker import Asker
from knowledge.catalog.model import Table
from knowledge.errors import KnowledgeError, Refused, SourceUnavailable, TooMuch
from knowledge.sources.meter import SMALLER, Meter
from knowledge.sources.port import Limits
from knowledge.sources.threads import metered


class SparkEngine:
    """One Spark. `master` is where it runs, such as local[2] or a cluster that sees the hand-over folder."""

    dialect = "spark"
    takes_files = True

    def __init__(
        self, master: str = "local[2]", *, name: str = "spark", settings: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self._master = master
        self._settings = dict(settings or {})
        self._threads = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._one = asyncio.Lock()
        self._session: Any = None

    def written(self, table: Table) -> tuple[str, ...] | None:
        """It reads no source itself."""
        return None

    async def execute(
        self, sql: str, files: Mapping[str, Path], limits: Limits, asker: Asker | None = None
    ) -> AsyncIterator[pa.RecordBatch]:
        """The rows, collected by Spark as Arrow; see the port."""
        meter, tag = Meter(limits), f"quillux-{uuid4().hex}"
        async with self._one:
            table = await metered(
                meter, self._threads, lambda: self._collected(sql, files, limits, tag), lambda: self._cancel(tag)
            )
        for batch in table.to_batches() or [pa.RecordBatch.from_pylist([], schema=table.schema)]:
            yield meter.add(batch)

    async def close(self) -> None:
        """Stop Spark."""
        if self._session is not None:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._session.stop)
        self._threads.shutdown(wait=False)

    def _collected(self, sql: str, files: Mapping[str, Path], limits: Limits, tag: str) -> pa.Table:
        session = self._opened()
        failed: type[Exception] = import_module("pyspark.errors").PySparkException
        session.sparkContext.setJobGroup(tag, "a question", interruptOnCancel=True)
        try:
            for name, file in files.items():
                session.read.parquet(str(file)).createOrReplaceTempView(name)
            return session.sql(sql).limit(limits.rows + 1).toArrow()
        except failed as error:
            raise self._explained(error) from error
        finally:
            for name in files:
                session.catalog.dropTempView(name)

    def _cancel(self, tag: str) -> None:
        if self._session is not None:
            self._session.sparkContext.cancelJobGroup(tag)

    def _opened(self) -> Any:
        if self._session is None:
            try:
                spark = import_module("pyspark.sql")
            except ImportError as error:
                raise SourceUnavailable(
                    "Spark is set up for big joins, but PySpark is not installed.",
                    next_step="Install `quillux[spark]`, or take Spark out of the settings to join here.",
                ) from error
            builder = spark.SparkSession.builder.master(self._master).appName("quillux")
            defaults = {
                "spark.ui.enabled": "false",
                "spark.sql.session.timeZone": "UTC",
                "spark.sql.ansi.enabled": "true",
                "spark.sql.shuffle.partitions": "8",
                "spark.driver.bindAddress": "127.0.0.1",
                "spark.driver.host": "127.0.0.1",
            }
            for key, value in {**defaults, **self._settings}.items():
                builder = builder.config(key, value)
            self._session = builder.getOrCreate()
        return self._session

    def _explained(self, error: Exception) -> KnowledgeError:
        said = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
        if "cancelled" in said.lower() or "OutOfMemory" in said:
            return TooMuch(f"The engine “{self.name}” stopped the query: {said}.", next_step=SMALLER)
        return Refused(f"The engine “{self.name}” could not run the query: {said}.", next_step="Ask in other words.")
