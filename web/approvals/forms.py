"""What a form sends, read within bounds."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request

from web.api.problems import Refused

BODY_BYTES = 64 * 1024
FIELDS = 500


async def sent(request: Request) -> Mapping[str, Sequence[str]]:
    """The fields of a form, each with its values in their order. Raises Refused for what is no form, or too large."""
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > BODY_BYTES:
                raise Refused(413, "The form is too large.", next_step="Choose fewer, or write less.")
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=FIELDS, errors="strict")
    except (ValueError, ClientDisconnect):
        raise Refused(400, "The form could not be read.", next_step="Go back and send it again.") from None
