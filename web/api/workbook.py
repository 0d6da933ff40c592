"""A table as an Office Open XML workbook (ECMA-376) of one sheet, written row by row."""

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO
from xml.sax.saxutils import escape

import pyarrow as pa

from conversation.errors import TooMuch
from web.api.cells import SAFE_INTEGER, scalar

ROWS = 1_048_576
COLUMNS = 16_384
LETTERS = 32_767
"""What one sheet and one cell hold."""

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        '<sheets><sheet name="Result" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    # Cell formats by index: 0 general, 1 date, 2 date and time, 3 the bold heading.
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font/><font><b/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/>'
        '<xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/>'
        '<xf fontId="1" applyFont="1"/></cellXfs></styleSheet>'
    ),
}
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_EPOCH = datetime(1899, 12, 30)


def write_workbook(table: pa.Table, file: IO[bytes]) -> None:
    """Write the workbook. Raises TooMuch for more rows or columns than a sheet holds."""
    if table.num_rows >= ROWS or table.num_columns > COLUMNS:
        raise TooMuch(
            f"A sheet holds {ROWS - 1:,} rows and {COLUMNS:,} columns; this result has more.",
            next_step="Download it as CSV or Parquet.",
        )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as package:
        for name, xml in _PARTS.items():
            package.writestr(name, _HEAD + xml)
        with package.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for piece in _sheet(table):
                sheet.write(piece.encode())


def _sheet(table: pa.Table) -> Iterator[str]:
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData><row>'
    yield "".join(_text(name, 3) for name in table.column_names) + "</row>"
    for batch in table.to_batches(max_chunksize=5_000):
        values = [batch.column(n).to_pylist() for n in range(batch.num_columns)]
        yield "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in zip(*values, strict=True))
    yield "</sheetData></worksheet>"


def _cell(value: object) -> str:
    match value:
        case None:
            return "<c/>"
        case bool():
            return f'<c t="b"><v>{int(value)}</v></c>'
        case int() | float() | Decimal() if -SAFE_INTEGER <= value <= SAFE_INTEGER:  # so no NaN
            return f"<c><v>{value}</v></c>"
        case datetime() if value.year >= 1900:
            # A sheet knows no time zones: the wall clock that the result shows is kept.
            return f'<c s="2"><v>{(value.replace(tzinfo=None) - _EPOCH).total_seconds() / 86_400}</v></c>'
        case date() if value.year >= 1900 and not isinstance(value, datetime):
            return f'<c s="1"><v>{(datetime.combine(value, time()) - _EPOCH).days}</v></c>'
        case Decimal() | int():
            return _text(f"{value}")
    plain = scalar(value)
    return "<c/>" if plain is None else _text(str(plain))


def _text(text: str, style: int = 0) -> str:
    # An inline string is never taken for a formula, so nothing needs a prefix here.
    clean = escape(_NOT_IN_XML.sub("\ufffd", text[:LETTERS]))
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{clean}</t></is></c>'
