"""Open sources for a test: the port that an engine asks for catalogs and sources."""

from knowledge.asker import Asker
from knowledge.catalog.model import Catalog
from knowledge.errors import SourceUnavailable
from knowledge.federation import DirectEngine
from knowledge.policy import OPEN, Policy
from knowledge.sources.port import Source

ANYBODY = Asker("default", "somebody", ("member",))


class GivenSources:
    """`knowledge.federation.Sources` over these sources and this catalog."""

    def __init__(self, catalog: Catalog, *sources: Source) -> None:
        self.whole = catalog
        self._sources = {source.name: source for source in sources}

    async def catalog(self, tenant: str) -> Catalog:
        return self.whole

    def source(self, tenant: str, name: str) -> Source:
        if name not in self._sources:
            raise SourceUnavailable(f"There is no source {name!r}.")
        return self._sources[name]


def engine(catalog: Catalog, *sources: Source, policy: Policy = OPEN) -> DirectEngine:
    """An engine over these sources."""
    return DirectEngine(GivenSources(catalog, *sources), policy)
