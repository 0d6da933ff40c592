"""The description of the API for people: one page made from the OpenAPI document, nothing fetched from elsewhere."""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, TypeAlias

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

router = APIRouter()

Node: TypeAlias = Mapping[str, Any]

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #8885 }
details { border: 1px solid #8885; border-radius: 6px; margin: .6rem 0; padding: .5rem .8rem }
summary { cursor: pointer }
.method { display: inline-block; min-width: 3.2rem; font-weight: 700 }
code, pre { font: 13px/1.45 ui-monospace, monospace }
pre { background: #8881; padding: .8rem; border-radius: 6px; overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid #8883 }
.lead { white-space: pre-line }
"""


@router.get("/docs", include_in_schema=False)
async def page(request: Request) -> HTMLResponse:
    """The page; no script runs on it."""
    html = "".join(_page(request.app.openapi()))
    return HTMLResponse(html, headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"})


def _page(document: Node) -> Iterator[str]:
    info = document["info"]
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(info["title"])} API</title>'
    yield f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
    yield f"<h1>{escape(info['title'])} API <small>{escape(info['version'])}</small></h1>"
    yield f'<p class="lead">{_marked(info.get("description", ""))}</p>'
    yield '<p>For machines: <a href="/openapi.json">openapi.json</a></p>'
    groups: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            group = groups.setdefault((operation.get("tags") or [""])[0], [])
            group.append("".join(_operation(path, method, operation)))
    for tag, operations in groups.items():
        yield f"<h2>{escape(tag)}</h2>{''.join(operations)}"
    yield "<h2>Shapes</h2>"
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        yield from _schema(name, schema)
    yield "</html>"


def _operation(path: str, method: str, operation: Node) -> Iterator[str]:
    words = operation.get("description", "")
    yield f'<details><summary><span class="method">{method.upper()}</span> <code>{escape(path)}</code> '
    yield f"{escape(words.split('. ')[0].rstrip('.'))}</summary><p>{_marked(words)}</p>"
    rows = [
        (f"{item['name']} ({item['in']})", _type(item.get("schema", {})), item.get("description", ""))
        for item in operation.get("parameters", [])
    ]
    bodies = operation.get("requestBody", {}).get("content", {}).values()
    rows += [("body", _type(content.get("schema", {})), "") for content in bodies]
    for status, response in operation.get("responses", {}).items():
        shapes = [_type(content.get("schema", {})) for content in response.get("content", {}).values()]
        rows.append((f"→ {status}", ", ".join(filter(None, shapes)), response.get("description", "")))
    yield f"{_table(rows)}<pre>{escape(_example(path, method))}</pre></details>"


def _schema(name: str, schema: Node) -> Iterator[str]:
    required = schema.get("required", [])
    rows = [
        (field + ("" if field in required else " (optional)"), _type(shape), shape.get("description", ""))
        for field, shape in schema.get("properties", {}).items()
    ]
    yield f'<details id="{escape(name)}"><summary><code>{escape(name)}</code></summary>'
    yield f"<p>{_marked(schema.get('description', ''))}</p>{_table(rows)}</details>"


def _table(rows: list[tuple[str, str, str]]) -> str:
    lines = (f"<tr><td><code>{escape(a)}</code><td>{escape(b)}<td>{_marked(c)}" for a, b, c in rows)
    return f"<table>{''.join(lines)}</table>"


def _type(schema: Node) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    bounds = [f"{key} {schema[key]}" for key in ("minimum", "maximum", "maxLength") if key in schema]
    default = [f"default {json.dumps(schema['default'])}"] if schema.get("default") not in (None, "") else []
    return " ".join(
        [str(schema.get("type", "any")), *([f"({', '.join(bounds + default)})"] if bounds + default else [])]
    )


def _example(path: str, method: str) -> str:
    lines = [f"curl -H 'Authorization: Bearer '$TOKEN $QUILLUX{path}"]
    if method == "post":
        lines = [lines[0] + " \\", "  -H 'Content-Type: application/json' -d '{...}'"]
    return "\n".join(lines)


def _marked(text: str) -> str:
    """Escaped text in which `this` is code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))
