"""The shop of `shop.py` as objects in S3, as Delta tables, and behind a REST API."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from deltalake import write_deltalake
from pyarrow import fs

from tests.contracts.shop import write_files
from tests.knowledge.sources.rest.server import Answered, Api, Asked
from tests.s3 import Store

YAML = """
base: BASE
tables:
  people:
    path: /people
    rows: data
    key: person_id
    columns:
      person_id: integer
      name: text
      city: {type: text, comment: Where they live}
      born: date
      weight: {type: number, comment: "Weight of the person [kg]"}
      is_member: boolean
    pages: {kind: page, param: page, total: total}
  visits:
    path: /visits
    rows: data
    key: visit_id
    columns: {visit_id: integer, person_id: integer, visited_at: timestamp, pages: integer}
    pages: {kind: offset, param: offset}
"""


def write_s3(store: Store, scratch: Path) -> str:
    """As Parquet objects in a bucket."""
    write_files(scratch)
    store.files.create_dir("shop")
    fs.copy_files(str(scratch), "shop", destination_filesystem=store.files)
    return "s3://shop"


def write_delta(folder: Path, scratch: Path) -> None:
    """As two Delta tables in a folder."""
    write_files(scratch)
    write_deltalake(folder / "people", pq.read_table(scratch / "people.parquet"))
    visits = ds.dataset(scratch / "visits").to_table()
    write_deltalake(folder / "visits", visits.slice(0, 1_000))
    write_deltalake(folder / "visits", visits.slice(1_000), mode="append")


def serve_shop(api: Api, scratch: Path) -> str:
    """As an API; gives its description."""
    write_files(scratch)
    people = _json(pq.read_table(scratch / "people.parquet"))
    visits = _json(ds.dataset(scratch / "visits").to_table())

    def people_route(asked: Asked) -> Answered:
        at = (int(asked.param("page", "1")) - 1) * 50
        return Answered({"data": people[at : at + 50], "total": len(people)})

    def visits_route(asked: Asked) -> Answered:
        at = int(asked.param("offset", "0"))
        return Answered({"data": visits[at : at + 1_000]})

    api.routes |= {"/people": people_route, "/visits": visits_route}
    return YAML.replace("BASE", api.address)


def _json(table: pa.Table) -> list[dict[str, Any]]:
    return [
        {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
        for row in table.to_pylist()
    ]
