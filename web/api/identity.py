"""Who calls: a bearer token, or the cookie of a signed-in browser guarded against requests from other sites."""

import re
import uuid
from dataclasses import dataclass
from typing import Annotated, TypeAlias
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from structlog.contextvars import bind_contextvars

from conversation.principal import ConversationRef, Principal, Sender
from web.api.problems import Refused
from web.api.services import ApiServices, Services

CHANNEL = "api"
_bearer = HTTPBearer(auto_error=False, description="A token made by `quillux token`.")
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_FIT = re.compile(r"[A-Za-z0-9._:@-]{1,128}")


@dataclass(frozen=True, slots=True)
class Caller:
    """The person behind a request, and the identity that the request gave."""

    sender: Sender
    principal: Principal

    def place(self, conversation: str) -> ConversationRef:
        """A conversation of this person: nobody else's, whatever name it is given."""
        return ConversationRef(CHANNEL, self.principal.tenant, self.principal.id, conversation, personal=True)

    @property
    def prefix(self) -> str:
        """What every id begins with that this person's requests are given."""
        return f"{CHANNEL}:{quote(self.principal.tenant, safe='')}:{quote(self.principal.id, safe='@')}:"

    def activity(self, id: str) -> str:
        """The id of the deed: equal for the same client id of the same person. A missing one is made up."""
        return self.prefix + (id or uuid.uuid4().hex)


def fitting(name: str, id: str) -> str:
    """A client's id, checked; raises Refused when it holds more than letters, digits and ._:@-"""
    if id and not _FIT.fullmatch(id):
        raise Refused(422, f"The {name} may hold 1 to 128 letters, digits and the characters . _ : @ -")
    return id


async def caller(
    request: Request,
    services: Services,
    token: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """Who calls. Raises Refused (401, 403) and NotAllowed."""
    if token is not None:
        sender = await services.verify_token(token.credentials)
        if sender is None:
            raise Refused(401, "The token is not valid, or no longer.")
    else:
        sender = await services.sender_from_cookie(request)
        if sender is None:
            raise Refused(401, "You are not signed in.")
        _same_site(request, services)
    principal = await services.directory.resolve(sender)
    bind_contextvars(tenant=principal.tenant)  # into every line that this request logs
    return Caller(sender, principal)


def _same_site(request: Request, services: ApiServices) -> None:
    """A cookie goes along with requests of any site, so what changes something must come from our own pages."""
    if request.method in _SAFE_METHODS:
        return
    origin = request.headers.get("origin", "")
    ours = {request.headers.get("host", ""), urlsplit(services.public_url).netloc} - {""}
    if urlsplit(origin).netloc not in ours or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise Refused(
            403,
            "This request came from another site, so the browser's sign-in does not count for it.",
            next_step="Use the pages of Quillux, or a token (`quillux token`).",
        )


Signed: TypeAlias = Annotated[Caller, Depends(caller)]
