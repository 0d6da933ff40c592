"""`quillux source kinds`: what can be opened here."""

import json
from typing import Annotated

import typer


def kinds(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the kinds of source: built in, by extra, by plugin, and what each still needs."""
    found = [*_built_in(), *_plugins()]
    if as_json:
        print(json.dumps(found, indent=2))
        return
    width = max(len(row["opens"]) for row in found)
    for row in found:
        needs = f"  ({row['needs']})" if row["needs"] else ""
        print(f"{row['opens']:<{width}}  {row['kind']}{needs}")


def _built_in() -> list[dict[str, str]]:
    from knowledge.sources.kinds import KINDS

    return [
        {
            "opens": " ".join((*(f"{scheme}://" for scheme in kind.schemes), *kind.suffixes)),
            "kind": kind.title,
            "from": f"extra {kind.extra}" if kind.extra else "built in",
            "needs": "" if kind.installed else f"pip install 'quillux[{kind.extra}]'",
        }
        for kind in KINDS
    ]


def _plugins() -> list[dict[str, str]]:
    from knowledge.errors import SourceUnavailable
    from knowledge.sources.plugins import plugins

    rows = []
    for plugin in plugins():
        needs = ""
        try:
            plugin.load()
        except SourceUnavailable as unusable:
            needs = unusable.what
        kind = f"plugin {plugin.package}"
        rows.append({"opens": f"{plugin.scheme}://", "kind": kind, "from": kind, "needs": needs})
    return rows
