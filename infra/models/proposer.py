"""The proposer that the settings ask for."""

from infra.models.breaker import Breaker
from infra.models.chat import MOST_TOKENS, chat_model
from infra.models.complete import ChatCompletion
from infra.settings import Model
from knowledge.translation.assisted import Budget, Proposer


def proposer(model: Model) -> Proposer | None:
    """None while no model is named. Raises OperatorError for one that can't be used."""
    if not model.name:
        return None
    complete = Breaker(ChatCompletion(chat_model(model)), model.seconds)
    budget = Budget(
        model.tokens_in, model.tokens_out, model.cost, model.price_in, model.price_out, model.currency, MOST_TOKENS
    )
    return Proposer(complete, model.seconds, model.samples, model.candidates, budget)
