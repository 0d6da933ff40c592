"""The proposer that the settings ask for."""

from infra.models.chat import chat_model
from infra.models.complete import ChatCompletion
from infra.settings import Model
from knowledge.translation.assisted import Proposer


def proposer(model: Model) -> Proposer | None:
    """None while no model is named. Raises OperatorError for one that can't be used."""
    if not model.name:
        return None
    return Proposer(ChatCompletion(chat_model(model)), model.seconds, model.samples)
