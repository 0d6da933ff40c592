"""The proposer that the settings ask for."""

from infra.models.breaker import Breaker
from infra.models.chat import chat_model
from infra.models.complete import ChatCompletion
from infra.settings import Model
from knowledge.translation.assisted import Proposer


def proposer(model: Model) -> Proposer | None:
    """None while no model is named. Raises OperatorError for one that can't be used."""
    if not model.name:
        return None
    complete = Breaker(ChatCompletion(chat_model(model)), model.seconds)
    return Proposer(complete, model.seconds, model.samples)
