"""The browser's numbers, all of our own choosing: what one page shows well and one socket message carries."""

TEXT = 20_000
"""Characters of one text on a card."""

CELL = 500
"""Characters of one table cell on a card."""

LABEL = 120
"""Characters of a button's label."""

ROWS = 200
"""Rows of a table that travel with the card; the rest is fetched page by page."""

COLUMNS = 60
"""Columns of a table that travel with the card."""

ELEMENTS = 120
"""Elements of a card."""

BUTTONS = 12
"""Buttons in one row."""

CHOICES = 200
"""Options of one input."""

INPUT = 10_000
"""Characters that one input may send back."""

CARD_BYTES = 400_000
"""Bytes of a card's JSON; python-socketio refuses messages above one million."""

CHART_BYTES = 200_000
"""Bytes of a chart's specification with its data; a larger one is fetched as a picture."""

NAME = 80
"""Characters of a conversation's name."""

MESSAGES = 400
"""Messages of a conversation that are restored, the newest."""

CARDS = 80
"""Cards of a restored conversation that keep their tables and charts; older ones are text."""

UPLOAD_MB = 20
"""Megabytes of one uploaded file."""
