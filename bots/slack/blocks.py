"""One element of a card as Block Kit blocks, of the kinds that every client of Slack shows."""

import hashlib
from urllib.parse import urlsplit

from bots.slack import limits
from bots.slack.text import clean, cut, fenced, harmless, length, split
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


def bold(text: str, limit: int = limits.SECTION_TEXT) -> JsonObject:
    """A text object in bold, where the words hold no markup; else the same words as they are."""
    words = cut(clean(text), limit - 2)
    if not harmless(words) or "\n" in words or words != words.strip():
        return plain(words, limit)
    return {"type": "mrkdwn", "text": f"*{words}*", "verbatim": True}


def text_blocks(text: Text) -> list[JsonObject]:
    """Text in its style; colour is never the only sign."""
    words_ = clean(text.text).strip()
    if not words_:
        return []
    match text.style:
        case "title":
            return _title(words_)
        case "heading":
            return [{"type": "section", "text": bold(part)} for part in _parts(words_)]
        case "muted":
            return [note(part) for part in _parts(words_)]
        case _:
            return section(_MARKS.get(text.style, "") + words_)


def facts_blocks(facts: Facts) -> list[JsonObject]:
    """Pairs, the name above its value: in two columns where they are short, else one below the other."""
    blocks: list[JsonObject] = []
    row: list[Json] = []
    for name, value in ((clean(name).strip(), clean(value).strip()) for name, value in facts.pairs):
        if not (name or value):
            continue
        text = _fact(cut(name, limits.FACT_TEXT), cut(value, limits.FACT_TEXT))
        long = max(len(line) for line in (name, *value.split("\n"))) > limits.FIELD_LINE
        if row and (long or len(row) == limits.FIELDS):
            blocks.append({"type": "section", "fields": row})
            row = []
        if long:
            blocks.append({"type": "section", "text": text})
        else:
            row.append(text)
    return [*blocks, {"type": "section", "fields": row}] if row else blocks


def _fact(name: str, value: str) -> JsonObject:
    if name and harmless(name) and harmless(value) and "\n" not in name:
        return {"type": "mrkdwn", "text": f"*{name}*\n{value}".rstrip(), "verbatim": True}
    return plain(f"{name}\n{value}".strip(), 2 * limits.FACT_TEXT)


def code_blocks(code: Code) -> list[JsonObject]:
    """Source text in a fixed-width face."""
    pieces = split(clean(code.text), limits.PREFORMATTED_TEXT)
    if any(length(fenced(piece)) > limits.SECTION_TEXT for piece in pieces):  # escapes are five times as long
        pieces = split(clean(code.text), limits.PREFORMATTED_TEXT // 5)
    return [preformatted(piece) for piece in pieces]


def preformatted(text: str) -> JsonObject:
    """Fixed-width text of a length that was looked after."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": fenced(text), "verbatim": True}}


def chart_blocks(chart: Chart) -> list[JsonObject]:
    """A chart in words; the picture follows in the thread."""
    title = " ".join(clean(chart.title).split()) or "Chart"
    alt = clean(chart.alt).strip()
    return [note(f"📊 {cut(title, limits.FACT_TEXT)}{': ' + alt if alt else ''}")]


def image_blocks(image: Image) -> list[JsonObject]:
    """A picture that Slack can fetch, or its words."""
    alt = cut(clean(image.alt).strip() or "Picture", limits.IMAGE_ALT)
    if not openable(image.url):
        return [note(f"🖼️ {alt} (the picture can't be shown in Slack)")]
    return [{"type": "image", "image_url": image.url, "alt_text": alt}]


def file_blocks(file: File) -> list[JsonObject]:
    """A download by name, with its address in the browser; the file itself follows in the thread."""
    name = cut(" ".join(clean(file.name).split()) or f"result.{file.format}", limits.FACT_TEXT)
    block: JsonObject = {"type": "section", "text": plain(f"📎 {name}", limits.SECTION_TEXT)}
    if openable(file.url):
        open_it: JsonObject = {"type": "button", "text": plain("Open", limits.BUTTON_TEXT), "url": file.url}
        block["accessory"] = {**open_it, "action_id": f"link-file-{_digest(file.url)}"}
    return [block]


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


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _title(text: str) -> list[JsonObject]:
    line, _, rest = text.partition("\n")
    head: JsonObject = {"type": "header", "text": plain(line, limits.HEADER_TEXT)}
    whole = head["text"] == plain(line, limits.SECTION_TEXT)
    return [head, *section(rest)] if whole else [head, *section(text)]


def _parts(text: str) -> list[str]:
    return split(clean(text), limits.SECTION_TEXT)
