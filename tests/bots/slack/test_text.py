"""Words from Slack and words for Slack."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bots.slack.text import clean, cut, escaped, fenced, harmless, length, mentions, split, typed

ANY = st.text(st.characters(codec="utf-8"), max_size=300)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("<@UBOT> orders", "orders"),
        ("<@UBOT|quillux>   orders ", "orders"),
        ("ask <@U7|ann> or <@U8>", "ask @ann or @U8"),
        ("in <#C1|general> and <#C2>", "in #general and #C2"),
        ("see <https://acme.com/a?b=1&amp;c=2|the page>", "see the page"),
        ("see <https://acme.com/a?b=1&amp;c=2>", "see https://acme.com/a?b=1&c=2"),
        ("<mailto:x@acme.com|x@acme.com>", "x@acme.com"),
        ("<!here> <!subteam^S1|@data> <!date^1^{date}|yesterday>", "@here @data yesterday"),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("nul\x00 escape\x1b[0m", "nul escape[0m"),
        ("x@acme.com @bot-dev", "x@acme.com @bot-dev"),
        ("line one\nline two", "line one\nline two"),
    ],
)
def test_what_slack_wrote_is_read_as_it_was_typed(sent: str, meant: str) -> None:
    assert typed(sent, "UBOT") == meant


def test_an_address_and_a_similar_name_are_no_mentions() -> None:
    assert mentions("x@acme.com @bot-dev <mailto:x@acme.com|x> <#C1|g> <!here>") == []
    assert mentions("<@U1> and <@U2|ben>") == ["U1", "U2"]


@pytest.mark.parametrize(
    "text", ["*b*", "_i_", "~s~", "`c`", ":tada:", "<!here>", "&amp;", "@here", "> q", "a|b", "{x}"]
)
def test_markup_is_not_harmless(text: str) -> None:
    assert not harmless(text)


@pytest.mark.parametrize("text", ["Orders by region", "10:30 – 11:45", "€4.20 (net)", "Größe, 東京", ""])
def test_ordinary_words_are_harmless(text: str) -> None:
    assert harmless(text)


@given(ANY, st.integers(5, 50))
def test_a_cut_text_fits(text: str, limit: int) -> None:
    assert length(cut(text, limit)) <= limit


@given(ANY, st.integers(4, 50))
def test_a_split_text_fits_and_loses_no_letter(text: str, limit: int) -> None:
    pieces = split(clean(text), limit)
    assert all(1 <= length(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(clean(text).split())


@given(ANY, st.integers(10, 100))
def test_an_escaped_text_fits_and_cannot_mention(text: str, limit: int) -> None:
    notice = escaped(text, limit)
    assert length(notice) <= limit
    assert not set("<>") & set(notice)


@example("`" * 5)
@given(st.text("`<>&\nab", max_size=40))
def test_nothing_breaks_out_of_a_fence(text: str) -> None:
    inside = fenced(text).removeprefix("```\n").removesuffix("\n```")
    assert "```" not in inside
    assert not set("<>") & set(inside)
