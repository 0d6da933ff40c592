"""The numbers of Microsoft Teams, and the only home of them."""

CARD_BYTES = 56_000
"""Bytes of a card in UTF-16. Teams refuses a message somewhere between 40 and 100 KB, envelope and all."""
DATA_URI_BYTES = 45_000
"""Bytes of a picture that travels inside its card; a larger one needs an https address."""
ADDRESS_CHARS = 2_000
SHOWN_BUTTONS = 6
"""Buttons of one row that Teams shows; those beyond stand in the row's menu."""
ROW_BUTTONS = 3
"""Other readings have long labels, so fewer stand side by side, in rows up to `SHOWN_BUTTONS`."""
LABEL_CHARS = 80
TITLE_CHARS = 400
FALLBACK_CHARS = 1_000
SPOKEN_CHARS = 300
SUMMARY_CHARS = 200
CELL_CHARS = 120
TABLE_COLUMNS = 8
"""More columns than this are shown as one list of names and values a row."""
RECORDS = 3
CODE_LINES = 60
RECORD_FIELDS = 40
FACTS = 40
CHOICES = 100
INPUT_CHARS = 4_000

BODY_BYTES = 256 * 1024
"""Bytes of a request from Teams that are read."""
INVOKE_SECONDS = 4.0
"""An invoke has to be answered within 5 seconds, or the person sees that something went wrong."""
TRIES = 4
WAIT_SECONDS = 30.0
"""The longest wait before another try, whatever Retry-After says."""
TIMEOUT_SECONDS = 15.0
