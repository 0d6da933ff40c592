"""Chunks respect the structure of a document."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.documents.chunks import MOST, pieces, sentences, whole
from knowledge.documents.model import Block

SENTENCE = "The shop keeps a record of each parcel that it sends. "


def test_nothing_crosses_a_heading_and_the_path_is_kept() -> None:
    blocks = (
        Block("heading", "Returns", level=1), Block("text", "One.", page=1), Block("heading", "Limits", level=2),
        Block("text", "Two.", page=2), Block("heading", "Shipping", level=1), Block("text", "Three.", page=3),
    )  # fmt: skip
    assert [(piece.headings, piece.page, piece.text) for piece in pieces(blocks)] == [
        (("Returns",), 1, "One."), (("Returns", "Limits"), 2, "Two."), (("Shipping",), 3, "Three."),
    ]  # fmt: skip


def test_a_long_section_is_cut_at_sentences_and_the_last_one_is_said_again() -> None:
    found = pieces([Block("text", SENTENCE * 8) for _ in range(8)])
    assert len(found) > 2
    assert all(len(piece.text) <= MOST for piece in found)
    assert all(after.start < before.end for before, after in pairwise(found))


def test_a_table_is_split_by_rows_and_its_header_said_again() -> None:
    rows = (("Country", "Days"), *((f"Country number {n}", f"{n} days " * 10) for n in range(60)))
    found = pieces([Block("text", "Limits by country."), Block("table", rows=rows)])
    assert len(found) > 2
    assert all(piece.lead == "Country | Days" for piece in found[2:])
    assert all(
        line.startswith(("Country number", "Country |", "Limits")) for piece in found for line in piece.text.split("\n")
    )


def test_a_chunk_keeps_its_key_when_another_section_changes() -> None:
    def document(second: str) -> list[Block]:
        return [
            Block("heading", "A", level=1),
            Block("text", "Same."),
            Block("heading", "B", level=1),
            Block("text", second),
        ]

    before, after = pieces(document("Old.")), pieces(document("A new and longer one."))
    assert before[0].key == after[0].key
    assert before[1].key != after[1].key


def test_short_forms_do_not_end_a_sentence() -> None:
    text = "Goods, e.g. lamps, may be returned. See no. 5 for more! Is that clear?"
    assert [text[start:end] for start, end in sentences(text)] == [
        "Goods, e.g. lamps, may be returned.", "See no. 5 for more!", "Is that clear?",
    ]  # fmt: skip


BLOCKS = st.lists(
    st.builds(
        Block,
        st.sampled_from(["heading", "text", "item", "code"]),
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=4_000),
        level=st.integers(1, 6),
        page=st.integers(0, 3),
    )
    | st.builds(
        Block,
        st.just("table"),
        rows=st.lists(st.lists(st.text("ab ", max_size=900), min_size=1).map(tuple), min_size=1).map(tuple),
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(BLOCKS)
def test_every_chunk_is_a_part_of_the_text_and_keys_differ(blocks: list[Block]) -> None:
    text = whole(blocks)
    found = pieces(blocks)
    assert all(text[piece.start : piece.end] == piece.text for piece in found)
    assert len({piece.key for piece in found}) == len(found)
    assert all(len(piece.text) <= 2 * MOST for piece in found)
