"""The body of a card, element by element, in as much room as there is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bots.teams import limits
from bots.teams.actions import openable, render_button
from bots.teams.inputs import render_input
from bots.teams.table import render_facts, render_table
from bots.teams.text import block, code, one_line
from conversation.card import (
    Button,
    Card,
    Chart,
    Code,
    Details,
    Element,
    Facts,
    File,
    Image,
    Input,
    Progress,
    Table,
    Text,
)
from conversation.codec import Json, JsonObject

ChartUrl: TypeAlias = Callable[[Chart, str], str]
"""The https address (or a small PNG data URI) of a chart's picture, given the chart and its run; empty for none."""
_BAR = 10


@dataclass(frozen=True, slots=True)
class Room:
    """How much is shown: rows of a table, characters of a text, elements of a body; details here or by a button."""

    rows: int
    text: int
    elements: int
    details: bool


ROOMS = (Room(12, 8_000, 120, True), Room(12, 4_000, 80, False), Room(5, 1_500, 40, False), Room(3, 400, 12, False))


def no_chart(_chart: Chart, _run: str) -> str:
    """No picture: a chart is told in words."""
    return ""


@dataclass(frozen=True, slots=True)
class Layout:
    """One attempt to lay out a card of `run`; `names` numbers what needs a name of its own on the card."""

    run: str
    room: Room
    chart_url: ChartUrl
    names: Iterator[int]

    def body(self, body: Sequence[Element]) -> list[Json]:
        """Adaptive Card elements, top to bottom."""
        made: list[Json] = []
        for item in body[: self.room.elements]:
            made += self._told(item) if isinstance(item, Text | Facts | Table | Code | Progress) else self._shown(item)
        left = len(body) - self.room.elements
        return [*made, block(f"and {left} more parts", limits.TITLE_CHARS, "muted")] if left > 0 else made

    def _told(self, item: Text | Facts | Table | Code | Progress) -> list[Json]:
        match item:
            case Text():
                return [block(item.text, self.room.text, item.style)] if item.text.strip() else []
            case Facts():
                return render_facts(item, self.room.text)
            case Table():
                return render_table(item, self.room.rows)
            case Code():
                return [code(item.text, self.room.text)] if item.text.strip() else []
            case Progress():
                return [block(_progress(item), limits.TITLE_CHARS, "muted")]

    def _shown(self, item: Chart | Image | File | Input | Details) -> list[Json]:
        match item:
            case Chart():
                return self._chart(item)
            case Image():
                return _image(item.url, item.alt)
            case File():
                return [_button(self._download(item))]
            case Input():
                return [render_input(item, next(self.names))]
            case Details():
                return self._details(item) if self.room.details else self._closed(item)

    def _chart(self, chart: Chart) -> list[Json]:
        title = [block(chart.title, limits.TITLE_CHARS, "heading")] if chart.title.strip() else []
        return [*title, *_image(self.chart_url(chart, self.run), chart.alt or chart.title or "A chart")]

    def _details(self, details: Details) -> list[Json]:
        name = f"details{next(self.names)}"
        title = one_line(details.title, limits.LABEL_CHARS).strip() or "Details"
        toggle: JsonObject = {"type": "Action.ToggleVisibility", "title": title, "targetElements": [name]}
        inside = self.body(details.body) or [block("Nothing more.", limits.TITLE_CHARS, "muted")]
        folded: JsonObject = {"type": "Container", "id": name, "isVisible": False, "style": "emphasis", "items": inside}
        return [{"type": "ActionSet", "actions": [toggle]}, folded]

    def _closed(self, details: Details) -> list[Json]:
        """Details behind a button that asks for them, or in words where there is no run to ask about."""
        title = one_line(details.title, limits.LABEL_CHARS).strip() or "Details"
        if self.run:
            return [_button(Button(title, "run.details", {"run": self.run}))]
        return [block(f"{title}: {Card(details.body).fallback_text}", self.room.text, "muted")]

    def _download(self, file: File) -> Button:
        label = f"Download {one_line(file.name, limits.LABEL_CHARS - 9)}"
        linked = Button(label, url=file.url)
        if file.url and openable(linked):
            return linked
        return Button(label, "run.csv", {"run": self.run, "format": file.format, "result": file.result})


def _button(button: Button) -> JsonObject:
    return {"type": "ActionSet", "actions": [render_button(button)]}


def _image(url: str, alt: str) -> list[Json]:
    """A picture, or its words where Teams would not fetch it."""
    small = url.startswith("data:image/png;base64,") and len(url) <= limits.DATA_URI_BYTES
    if small or (url.startswith("https://") and openable(Button("", url=url))):
        return [
            {
                "type": "Image",
                "url": url,
                "altText": one_line(alt, limits.TITLE_CHARS) or "A picture",
                "size": "Stretch",
            }
        ]
    return [block(f"\U0001f5bc\ufe0f {alt}", limits.FALLBACK_CHARS, "muted")] if alt.strip() else []


def _progress(progress: Progress) -> str:
    label = progress.label.strip() or "Working"
    if progress.total <= 0:
        return f"⏳ {label} …"
    done = min(max(progress.done, 0), progress.total)
    full = round(_BAR * done / progress.total)
    return f"⏳ {label}  {'▰' * full}{'▱' * (_BAR - full)}  {done} of {progress.total}"
