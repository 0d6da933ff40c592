"""Errors on the wire: RFC 9457 problems that say what happened, what was not changed, and what to do next."""

import json
import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from conversation.errors import NotAllowed, OperatorError, PersonError, QuilluxError, TooMuch
from web.api.envelope import HEADER, request_id

log = logging.getLogger(__name__)

_NEXT = {
    400: "Send a JSON object that fits the description at /docs.",
    401: "Send a token (`quillux token`) as `Authorization: Bearer ...`, or sign in with the browser.",
    404: "Check the address and the id; you can only see what is yours.",
    405: "Use one of the methods in the Allow header.",
    413: "Send less than 256 kB.",
    422: "Correct the named fields and send the request again.",
    500: "Try again; if it happens again, report it with the reference.",
}
_WHAT = {
    401: "You are not signed in.",
    404: "There is nothing here that you can see.",
    405: "This address does not take that method.",
    413: "The request is too large.",
}


class Problem(BaseModel):
    """An error. `reference` is the request's id, under which the log tells more."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="What happened, what was not changed and what to do next, in one text.")
    what: str
    unchanged: str
    next_step: str
    reference: str


class Refused(Exception):
    """A request that is answered with a problem of this status."""

    def __init__(self, status: int, what: str, *, next_step: str = "", unchanged: str = "Nothing was changed.") -> None:
        super().__init__(what)
        self.status = status
        self.error = QuilluxError(what, unchanged=unchanged, next_step=next_step or _NEXT.get(status, ""))


def not_found(noun: str) -> Refused:
    """404, the same for what does not exist and for what belongs to somebody else."""
    return Refused(404, f"There is no {noun} with this id that you can see.")


def install(app: FastAPI) -> None:
    """Answer every error of the application with a problem."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(QuilluxError, _quillux)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _fault)


def problem(request: Request, status: int, error: QuilluxError, headers: dict[str, str] | None = None) -> Response:
    """The response. JSON is written in ASCII, so that no odd character of the input can spoil it."""
    body = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=str(error),
        what=error.what,
        unchanged=error.unchanged,
        next_step=error.next_step,
        reference=request_id(request.scope),
    )
    return Response(json.dumps(body.model_dump()), status, headers, "application/problem+json")


async def _refused(request: Request, error: Exception) -> Response:
    refused = cast(Refused, error)
    headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else None
    return problem(request, refused.status, refused.error, headers)


async def _quillux(request: Request, error: Exception) -> Response:
    match error:
        case NotAllowed():
            status = 403
        case TooMuch():
            status = 413
        case PersonError():
            status = 422
        case OperatorError():
            status = 503
            log.error("the API could not answer", extra={"why": str(error), "request": request_id(request.scope)})
        case _:
            status = 500
    return problem(request, status, cast(QuilluxError, error))


async def _invalid(request: Request, error: Exception) -> Response:
    errors = cast(RequestValidationError, error).errors()
    if any(item["type"] == "json_invalid" for item in errors):
        return await _refused(request, Refused(400, "The body is not valid JSON."))
    return await _refused(request, Refused(422, f"The request does not fit: {_complaints(errors)}."))


def _complaints(errors: Sequence[dict[str, object]]) -> str:
    lines = []
    for item in errors[:5]:
        place = ".".join(str(part) for part in cast("tuple[object, ...]", item["loc"]))
        lines.append(f"{place[:120]}: {str(item['msg'])[:200]}")
    return "; ".join(lines)


async def _http(request: Request, error: Exception) -> Response:
    failed = cast(HTTPException, error)
    what = _WHAT.get(failed.status_code, str(failed.detail))
    refused = Refused(failed.status_code, what)
    return problem(request, failed.status_code, refused.error, dict(failed.headers or {}))


async def _fault(request: Request, error: Exception) -> Response:
    log.error("fault in the API", exc_info=error, extra={"request": request_id(request.scope)})
    answer = await _refused(request, Refused(500, "Something went wrong inside Quillux."))
    answer.headers[HEADER] = request_id(request.scope)  # this answer is made outside of the envelope
    return answer
