"""One element of a card as Block Kit blocks. No block holds `mrkdwn`: data can neither format nor mention."""

from urllib.parse import urlsplit

from bots.slack import limits
from bots.slack.text import clean, cut, split
from conversation.card import Chart, Code, Facts, File, Image, Progress, Text
from conversation.codec import Json, JsonObject

_MARKS = {"good": "✅ ", "warning": "⚠️ ", "bad": "❌ "}
_BAR = 10


def plain(text: str, limit: int) -> JsonObject:
    """A plain text object: nothing in it is interpreted, emoji names neither."""
    return {"type": "plain_text", "text": cut(clean(text), limit), "emoji": False}


def section(text: str) -> list[JsonObject]:
    """Running text, over as many sections as it needs."""
    return [{"type": "section", "text": plain(part, limits.SECTION_TEXT)} for part in _parts(text)]


def note(text: str) -> JsonObject:
    """A small grey line."""
    return {"type": "context", "elements": [plain(text, limits.SECTION_TEXT)]}


def rich(*elements: Json) -> JsonObject:
    """A rich text block of one section."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def words(text: str, *, bold: bool = False) -> JsonObject:
    """A run of rich text."""
    run: JsonObject = {"type": "text", "text": text}
    return {**run, "style": {"bold": True}} if bold else run


def text_blocks(text: Text) -> list[JsonObject]:
    """Text in its style; colour is never the only sign."""
    words_ = clean(text.text).strip()
    if not words_:
        return []
    match text.style:
        case "title":
            return _title(words_)
        case "heading":
            return [rich(words(part, bold=True)) for part in _parts(words_)]
        case "muted":
            return [note(part) for part in _parts(words_)]
        case _:
            return section(_MARKS.get(text.style, "") + words_)


def facts_blocks(facts: Facts) -> list[JsonObject]:
    """Pairs, a line each, the name in bold."""
    blocks: list[JsonObject] = []
    line: list[Json] = []
    size = 0
    for name, value in facts.pairs:
        pair = [cut(clean(name), limits.FACT_TEXT), cut(clean(value), limits.FACT_TEXT)]
        if not any(part.strip() for part in pair):
            continue
        if size + len(pair[0]) + len(pair[1]) > limits.SECTION_TEXT:
            blocks.append(rich(*line))
            line, size = [], 0
        line += [words(f"{pair[0]}:", bold=True), words(f" {pair[1]}\n")]
        size += len(pair[0]) + len(pair[1]) + 3
    return [*blocks, rich(*line)] if line else blocks


def code_blocks(code: Code) -> list[JsonObject]:
    """Source text in a fixed-width face."""
    return [preformatted(part) for part in split(clean(code.text), limits.PREFORMATTED_TEXT)]


def preformatted(text: str) -> JsonObject:
    """Fixed-width text, as it is."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [words(text)]}]}


def chart_blocks(chart: Chart) -> list[JsonObject]:
    """A chart in words; the picture follows in the thread."""
    title = clean(chart.title).strip() or "Chart"
    blocks = [rich(words(cut(f"📊 {title}", limits.FACT_TEXT), bold=True))]
    return [*blocks, note(chart.alt)] if clean(chart.alt).strip() else blocks


def image_blocks(image: Image) -> list[JsonObject]:
    """A picture that Slack can fetch, or its words."""
    alt = cut(clean(image.alt).strip() or "Picture", limits.IMAGE_ALT)
    if not openable(image.url):
        return [note(f"🖼️ {alt} (the picture can't be shown in Slack)")]
    return [{"type": "image", "image_url": image.url, "alt_text": alt}]


def file_blocks(file: File) -> list[JsonObject]:
    """A download by name, with its address in the browser; the file itself follows in the thread."""
    name = cut(clean(file.name).strip() or f"result.{file.format}", limits.FACT_TEXT)
    runs: list[Json] = [words("📎 "), words(name, bold=True)]
    if openable(file.url):
        runs += [words("  "), {"type": "link", "url": file.url, "text": "Open in the browser"}]
    return [rich(*runs)]


def progress_blocks(progress: Progress) -> list[JsonObject]:
    """Work under way, with a bar where the end is known."""
    label = clean(progress.label).strip() or "Working on it"
    if progress.total <= 0:
        return section(f"⏳ {cut(label, limits.SECTION_TEXT - 8)}…")
    done = min(max(progress.done, 0), progress.total)
    full = done * _BAR // progress.total
    bar = "▰" * full + "▱" * (_BAR - full)
    return section(f"⏳ {cut(label, limits.SECTION_TEXT - 200)}\n{bar} {done:,} of {progress.total:,}")


def openable(url: str) -> bool:
    """Whether an address may be shown as a link: http or https, with a host, within the limit."""
    try:
        address = urlsplit(url)
    except ValueError:
        return False
    return address.scheme in ("http", "https") and bool(address.netloc) and len(url) <= limits.URL


def _title(text: str) -> list[JsonObject]:
    line, _, rest = text.partition("\n")
    head: JsonObject = {"type": "header", "text": plain(line, limits.HEADER_TEXT)}
    whole = head["text"] == plain(line, limits.SECTION_TEXT)
    return [head, *section(rest)] if whole else [head, *section(text)]


def _parts(text: str) -> list[str]:
    return split(clean(text), limits.SECTION_TEXT)
