"""“What waits for me?”: the approvals of a person. No graph: it has one step and waits for nothing."""

import re

from conversation.activity import CardAction, Message
from conversation.codec import JsonObject
from conversation.errors import NotAllowed
from conversation.gates import Decision, Gate
from conversation.gates.batch import MEMORY
from conversation.gates.inbox import Inbox
from conversation.gates.inbox_cards import SHOWN, inbox, shown
from conversation.run import Answered, Outcome, Report, Run

_ENGLISH = (
    r"what(?: is|'s|’s| are)?\s+(?:waits|waiting|wait|pending|open)\s+(?:for|on)\s+me(?:\s+(?:now|today))?"
    r"|what\s+(?:needs|requires)\s+my\s+(?:approval|decision|attention)"
    r"|what\s+(?:do|must|should|can)\s+i\s+(?:have\s+to\s+|need\s+to\s+)?(?:approve|decide)"
    r"|(?:show\s+(?:me\s+)?)?(?:my|the)?\s*(?:pending|open|waiting)?\s*(?:approvals|inbox|approval\s+requests)"
)
_GERMAN = (
    r"(?:was|wer)\s+wartet\s+auf\s+mich|was\s+(?:muss|soll|kann)\s+ich\s+(?:freigeben|genehmigen|entscheiden)"
    r"|(?:zeig(?:e)?\s+(?:mir\s+)?)?(?:meine|die)?\s*(?:offenen?\s+)?(?:freigaben|genehmigungen)|mein\s+posteingang"
)
_FRENCH = (
    r"qu(?:['’]est[- ]ce\s+qui\s+|i\s+)(?:m['’]attend|attend\s+ma\s+(?:décision|validation))"
    r"|que\s+dois[- ]je\s+(?:approuver|valider|décider)"
    r"|(?:montre(?:-moi|\s+moi)?\s+)?(?:mes|les)?\s*(?:approbations|validations)(?:\s+en\s+attente)?"
)
_SPANISH = (
    r"qué\s+me\s+espera|que\s+me\s+espera|qué\s+(?:espera|necesita)\s+mi\s+(?:aprobación|decisión)"
    r"|qué\s+(?:tengo\s+que|debo)\s+(?:aprobar|decidir)"
    r"|(?:muéstrame\s+)?(?:mis|las)?\s*aprobaciones(?:\s+pendientes)?"
)
_ASKED = re.compile(rf"[\W_]*(?:{_ENGLISH}|{_GERMAN}|{_FRENCH}|{_SPANISH})[\W_]*", re.IGNORECASE)


class InboxFlow:
    """`conversation.run.Flow` that shows what this person can decide now; only they see the card."""

    name = "inbox"

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def handles(self, activity: Message | CardAction) -> float:
        """These very words in four languages, and its own button."""
        if isinstance(activity, CardAction):
            return 1.0 if activity.verb == "inbox.show" else 0.0
        return 0.95 if len(activity.text) < 100 and _ASKED.fullmatch(activity.text) else 0.0

    async def start(self, run: Run, activity: Message | CardAction, memory: JsonObject, report: Report) -> Outcome:
        """A page of the inbox. What it showed is kept, so that a tick on the card can be looked up."""
        after = activity.payload.get("after") if isinstance(activity, CardAction) else ""
        found = await self._inbox.of(run.asked_by, limit=SHOWN + 1, after=str(after or ""))
        items = found[:SHOWN]
        card = inbox(items, self._inbox.now(), run.id, more=len(found) > SHOWN, zone=self._inbox.zone)
        return Answered(card, {**memory, MEMORY: shown(items)})

    async def resume(self, run: Run, gate: Gate, decision: Decision, report: Report) -> Outcome:
        """This flow opens no gate, so there is nothing to go on with."""
        raise NotAllowed("Nothing here waits for a decision.")
