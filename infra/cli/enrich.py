"""`quillux enrich`: what could be said of the data, with what speaks for it."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.codes import run, say

if TYPE_CHECKING:
    from knowledge.enrichment import Proposal


def enrich(
    send: Annotated[int, typer.Option(min=0, max=1_000, help="Send so many, the surest first, to review.")] = 0,
    aspect: Annotated[str, typer.Option(help="Only metric, synonym, mapping, term, key, tag or description.")] = "",
    least: Annotated[float, typer.Option(min=0, max=1, help="Least confidence.")] = 0.0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Most to list.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Propose metrics, synonyms, mappings, definitions, keys and tags, from names, comments, values and history.

    Nothing holds before an expert approves it: `--send` puts proposals into the review queue.
    """
    from infra.cli.enriching import proposed
    from infra.cli.terminal import tame

    found, opened = run(proposed(send, aspect, least))
    if as_json:
        print(json.dumps([asdict(one) for one in found[:limit]], indent=2, ensure_ascii=False))
    else:
        for one in found[:limit]:
            print(f"{one.confidence:4.2f}  {one.aspect:<11}  {tame(one.title)[:100]}")
            for line in _told(one):
                print(f"                   {tame(line)[:160]}")
    if not found:
        say("There is nothing to propose.")
    elif len(found) > limit and not as_json:
        say(f"{len(found) - limit} more; --limit shows them.")
    if send:
        say(f"{opened} wait for review; experts decide in a chat (“what needs review?”).")


def _told(one: "Proposal") -> list[str]:
    metric = one.term.metric if one.term else None
    said = [f"{metric.expression} over {metric.source}.{metric.table}"] if metric else []
    return [*said, *(proof.text for proof in one.evidence)]
