"""The command `quillux`. A command imports what it needs when it runs, so that each starts as fast as it can."""

from typing import Annotated

import typer

from infra.cli import audit, catalog, delegations, documents, gates, glossary, manifest, reviews, sources, verified
from infra.cli.ask import ask
from infra.cli.doctor import doctor
from infra.cli.enrich import enrich
from infra.cli.init import init
from infra.cli.people import password, token
from infra.cli.run import run, worker

app = typer.Typer(
    name="quillux",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    help="Ask your data in Slack, Teams, the browser and here.",
    epilog="Exit codes: 0 done, 1 broken, 2 usage, 3 not answered, 4 refused, 5 source away, 6 settings, 7 drift.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from infra.cli.version import current

        print(f"quillux {current()}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Ask your data in Slack, Teams, the browser and here."""


app.command()(run)
app.command()(worker)
app.command()(ask)
app.command()(init)
app.command()(doctor)
app.command()(token)
app.command()(password)
app.command()(enrich)
app.add_typer(sources.app, name="source")
app.add_typer(catalog.app, name="catalog")
app.add_typer(documents.app, name="documents")
app.add_typer(verified.app, name="verified")
app.add_typer(glossary.app, name="glossary")
app.add_typer(reviews.app, name="reviews")
app.add_typer(delegations.app, name="delegations")
app.add_typer(gates.app, name="gates")
app.add_typer(manifest.app, name="manifest")
app.add_typer(audit.app, name="audit")

if __name__ == "__main__":
    app()
