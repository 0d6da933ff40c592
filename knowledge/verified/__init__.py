"""Verified queries: a question with the query that was approved for it, reused in other words and for other values."""

from knowledge.verified.book import Book, book
from knowledge.verified.examples import examples
from knowledge.verified.match import Found, find
from knowledge.verified.model import Parameter, Place, Reading, VerifiedQueries, VerifiedQuery
from knowledge.verified.propose import Checked, approved, checked, fixed_dates
from knowledge.verified.reads import unfit
from knowledge.verified.segment import fingerprint
from knowledge.verified.terms import outdated, terms_of

__all__ = [
    "Book",
    "Checked",
    "Found",
    "Parameter",
    "Place",
    "Reading",
    "VerifiedQueries",
    "VerifiedQuery",
    "approved",
    "book",
    "checked",
    "examples",
    "find",
    "fingerprint",
    "fixed_dates",
    "outdated",
    "terms_of",
    "unfit",
]
