"""How people ask for documents, and where a question of data ends and one of documents begins."""

import re
from dataclasses import dataclass

from knowledge.documents.answering import Question

_KIND = (
    r"(?:polic(?:y|ies)|documents?|docs?|documentation|handbooks?|manuals?|guides?|guidelines?|wiki|contracts?|"
    r"agreements?|terms(?: and conditions)?|playbooks?|runbooks?|procedures?|faqs?|notes?|rules|pages?|definitions?|"
    r"specs?|specifications?|memos?|minutes|standards?)"
)
_WHOSE = r"(?:the |our |your |a |an |any |this |that )?"
_OF = rf"{_WHOSE}(?P<subject>(?:[\w'’&-]+ ){{0,5}}?{_KIND})"
_SAYS = re.compile(
    rf"^\W*(?:and )?what (?:do|does|did) {_OF} (?:says?|said|tell|states?|mentions?|requires?|recommends?)\b(?: us)?"
    r"(?: (?:about|on|of|regarding|for|concerning))? *(?P<topic>.*?)\W*$",
    re.IGNORECASE,
)
_SAID = re.compile(
    rf"^\W*(?:and )?what (?:is|are|was) (?:said|written|stated|described|required) in {_OF}"
    r" ?(?:about|on|regarding|for)? *(?P<topic>.*?)\W*$",
    re.IGNORECASE,
)
_ACCORDING = re.compile(rf"^\W*(?:according to|as per|per) {_OF}\s*,?\s+(?P<topic>.+?)\W*$", re.IGNORECASE)
_ACCORDING_LAST = re.compile(rf"^\W*(?P<topic>.+?),? (?:according to|as per) {_OF}\W*$", re.IGNORECASE)
_FIND = re.compile(
    r"^\W*(?:please )?(?:(?:find|show|search|list|give)(?: me| us)?(?: all| the| any)*|(?:is|are) there (?:a|an|any)|"
    r"do we have (?:a|an|any)|which|what) "
    r"(?:(?:documents?|docs?|documentation|handbook|guidelines?|runbooks?|policy)(?: (?:is|are|speaks?|talks?))? "
    r"(?:about|on|mentions?|mentioning|regarding|concerning|covering|describing)"
    r"|(?:pages?|files?|articles?|policies)(?: (?:is|are|speaks?|talks?))? "
    r"(?:about|mentioning|regarding|concerning|describing))"
    r" (?P<topic>.+?)\W*$",
    re.IGNORECASE,
)
_SEARCH = re.compile(
    r"^\W*(?:please )?(?:search|look (?:it )?(?:up )?in) (?:the |our |all )?"
    r"(?:documents|docs|documentation|handbook|wiki|policies) (?:for|about|on) (?P<topic>.+?)\W*$",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"^\W*(?:documents|docs|documentation) (?:about|on|for|regarding) (?P<topic>.+?)\W*$", re.IGNORECASE
)
_JOINED = re.compile(
    r"^(?P<data>.{4,400}?)\s*(?:[,;.?]\s*(?:and )?|\band )"
    rf"(?P<documents>what (?:do |does )?{_OF} (?:says?|said|states?|requires?)\b.*)$",
    re.IGNORECASE | re.DOTALL,
)
_SAYING = re.compile(
    rf"^\W*what (?:do |does )?{_OF} (?:says?|said|states?|requires?)\b"
    r"(?: (?:about|on|of|for|regarding))? *(?P<topic>.*?)\W*$",
    re.IGNORECASE,
)
_IT = re.compile(r"\b(?:it|them|this|that|these|those)\b", re.IGNORECASE)
LONGEST = 600


@dataclass(frozen=True, slots=True)
class Parted:
    """A question of data, and what else was asked of documents."""

    data: str
    documents: Question


def of_documents(text: str) -> Question | None:
    """The question that these words ask of documents; None where they do not speak of any."""
    if len(text) > LONGEST:
        return None
    for pattern in (_SAYS, _SAID, _ACCORDING, _SEARCH, _FIND, _ABOUT, _ACCORDING_LAST):
        found = pattern.match(text)
        if found:
            said = found.groupdict()
            subject = (said.get("subject") or "").strip()
            return Question(said["topic"].strip(), subject)
    return None


def parted(text: str) -> Parted | None:
    """A question of data that goes on with “and what the … says about it”; None for any other."""
    found = _JOINED.match(text) if len(text) <= LONGEST else None
    if found is None or of_documents(text) is not None:
        return None
    data, rest = found["data"].strip(" ,;"), found["documents"]
    said = _SAYING.match(rest)
    if said is None:
        return None
    subject, topic = said["subject"].strip(), said["topic"]
    also = data if not topic or _IT.search(topic) else ""
    return Parted(data, Question(_IT.sub("", topic).strip(), subject, also))
