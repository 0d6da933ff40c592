"""Slack's numbers, the only home of each: from the Block Kit reference, or from what the API refuses."""

MESSAGE_BLOCKS = 50
HOME_BLOCKS = 100
MESSAGE_TEXT = 4_000
"""Characters of a message's own text; `chat.update` refuses more."""
MESSAGE_JSON = 11_000
"""Characters of JSON of all blocks with text. Undocumented: `msg_blocks_too_long` was seen from about 11,300."""

SECTION_TEXT = 3_000
HEADER_TEXT = 150
FIELDS = 10
FIELD_LINE = 45
"""Characters that stand in one line of a column."""
FACT_TEXT = 950
"""Of a name, and of a value; both together may have 2,000."""
PREFORMATTED_TEXT = 2_900

ACTIONS_ELEMENTS = 25
ACTIONS_BLOCKS = 8
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
URL = 3_000
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30
ACTION_ID = 255

INPUT_BLOCKS = 20
INPUT_LABEL = 2_000
INPUT_TEXT = 3_000
PLACEHOLDER = 150
OPTIONS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150

IMAGE_ALT = 2_000

TABLES = 1
"""Table blocks a message may hold; the others are shown as fixed-width text."""
TABLE_ROWS = 20
"""Rows that we show; Slack allows 100, and a person reads fewer."""
TABLE_COLUMNS = 20
TABLE_CELL = 150
TABLE_TEXT = 6_000
"""Characters in all cells together; Slack allows 10,000."""
TEXT_TABLE_WIDTH = 76
TEXT_TABLE_CELLS = (40, 24, 14)
"""Widths of a cell that are tried in turn until all columns fit."""

BODY_BYTES = 1_048_576
"""Bytes of a webhook that are read."""
SIGNATURE_AGE = 300
"""Seconds for which a signature is good."""
