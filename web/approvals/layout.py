"""The page around every page of approvals: head, mark, way back to the chat. No script is needed to use it."""

from html import escape
from typing import Final, TypeAlias

from starlette.responses import HTMLResponse

_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_VOID: Final = frozenset({"br", "img", "input", "link", "meta"})


class Html(str):
    """Markup that `tag` made: everything that came from elsewhere is escaped in it."""

    __slots__ = ()


Child: TypeAlias = str | None
"""Text, which is escaped, or `Html`, which is not; None is nothing."""


def tag(name: str, /, *children: Child, **attributes: "str | int | bool | None") -> Html:
    """An element. `_` in the name of an attribute is written `-`, one at its end is dropped (`class_`, `aria_label`).

    An attribute that is False or None is left out, one that is True stands alone.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{written}>")
    inside = "".join(child if isinstance(child, Html) else escape(child) for child in children if child is not None)
    return Html(f"<{name}{written}>{inside}</{name}>")


def _attribute(key: str, value: "str | int | bool | None") -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'


def page(title: str, *body: Child, person: str = "", status: int = 200) -> HTMLResponse:
    """A whole page. It loads nothing from other hosts and cannot be framed."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{title} · Quillux"),
        tag("link", rel="icon", href="/public/favicon.svg"),
        tag("link", rel="stylesheet", href="/public/approvals.css"),
        tag("script", src="/public/quillux/theme.js"),
    )
    html = tag("html", head, tag("body", _top(person), tag("main", *body)), lang="en")
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
    return HTMLResponse(f"<!doctype html>{html}", status, headers)


def _top(person: str) -> Html:
    mark = tag("img", src="/public/favicon.svg", alt="", width=24, height=24)
    links = tag("nav", tag("a", "Approvals", href="/approvals"), tag("a", "Chat", href="/"), aria_label="Pages")
    return tag(
        "header",
        tag("a", mark, tag("span", "Quillux"), href="/", class_="mark"),
        links,
        tag("span", person, class_="person") if person else None,
    )


def told(
    title: str, *lines: str, person: str = "", status: int = 200, link: tuple[str, str] | None = None
) -> HTMLResponse:
    """A page that says something: what happened, what was not changed, what to do next."""
    words = [tag("p", line) for line in lines if line]
    way = tag("p", tag("a", link[0], href=link[1], class_="button")) if link else None
    return page(title, tag("section", tag("h1", title), *words, way, class_="told"), person=person, status=status)
