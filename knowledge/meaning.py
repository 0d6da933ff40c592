"""What a column of a result measures."""

from dataclasses import dataclass

CURRENCIES = frozenset(
    (
        "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "INR", "JPY", "KRW", "MXN",
        "NOK", "NZD", "PLN", "RON", "SEK", "SGD", "THB", "TRY", "USD", "ZAR",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meaning:
    """The unit of a column (empty for none or unknown), whether it holds keys rather than amounts, and yes or no."""

    unit: str = ""
    key: bool = False
    boolean: bool = False
