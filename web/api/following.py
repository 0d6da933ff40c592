"""Wait a little for an answer, so that a simple client needs one request only."""

import asyncio

from fastapi import Response

from web.api.identity import Caller
from web.api.services import ApiServices
from web.api.watch import watch
from web.api.wire import Accepted, RunOut, run_out

LONGEST = 30.0
"""Most seconds that one request waits."""


async def follow(
    services: ApiServices, who: Caller, taken: Accepted, wait: float, response: Response
) -> Accepted | RunOut:
    """The run with 200 when it is over or waits for a person within `wait` seconds, otherwise what was taken."""
    if wait <= 0:
        return taken
    try:
        async with asyncio.timeout(wait):
            async for seen in watch(services, who, taken.run):
                if seen.settled:
                    response.status_code = 200
                    return run_out(seen)
    except TimeoutError:
        pass
    return taken
