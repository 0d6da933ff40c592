"""The chat model that the settings name, whoever provides it."""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from conversation.errors import OperatorError
from infra.settings import Model

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

MOST_TOKENS = 4_000
"""Of a reply; models that think first need more than the query itself has."""
RETRIES = 1
_EXTRA = ("openai", "anthropic", "ollama")
"""Providers that the extra `models` brings."""
_FULLY = ("openai", "anthropic")
"""Providers whose classes take `timeout`, `max_retries` and `max_tokens`; others keep their own limits."""


def check(model: Model) -> None:
    """Raises OperatorError for a name that can't be one, or a package that is not there. Imports nothing."""
    provider, _, name = model.name.partition(":")
    if model.name and not (provider and name):
        raise OperatorError(
            f"`model.name` is {model.name!r}, which names no provider and model.",
            unchanged="Nothing was started.",
            next_step="Write both, e.g. openai:gpt-4.1, anthropic:claude-sonnet-4-5 or ollama:qwen3.",
        )
    packages = ("langchain", f"langchain_{provider}") if provider in _EXTRA else ("langchain",)
    if model.name and any(find_spec(package) is None for package in packages):
        raise _missing(model.name)


def chat_model(model: Model) -> "BaseChatModel":
    """The model, not yet called. Raises OperatorError where its package is missing or its settings do not fit."""
    check(model)
    try:
        from langchain.chat_models import init_chat_model

        chat: BaseChatModel = init_chat_model(model.name, **_arguments(model))
    except ImportError as missing:
        raise _missing(model.name) from missing
    # Each provider has errors of its own for a key that is missing or an option that it does not know.
    except Exception as wrong:
        raise OperatorError(
            f"The model {model.name!r} can't be used as it is set ({type(wrong).__name__}).",
            unchanged="Nothing was started.",
            next_step="Check model.name, model.base_url and model.api_key; an empty model.name does without a model.",
        ) from wrong
    return chat


def _missing(name: str) -> OperatorError:
    return OperatorError(
        f"The model {name!r} needs a LangChain package that is not installed.",
        unchanged="Nothing was started.",
        next_step="pip install 'quillux[models]' brings OpenAI, Anthropic and Ollama; "
        "any other provider has a package of its own, langchain-<provider>.",
    )


def _arguments(model: Model) -> dict[str, Any]:
    provider = model.name.partition(":")[0]
    address = {"base_url": model.base_url} if model.base_url else {}
    key = model.api_key.get_secret_value()
    if provider == "ollama":
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return {
            **address,
            "num_predict": MOST_TOKENS,
            "client_kwargs": {"timeout": model.seconds, "headers": headers},
        }
    # A key from the provider's own environment variable must not travel to another address.
    given = {"api_key": key or "none"} if key or model.base_url else {}
    limits = {"timeout": model.seconds, "max_retries": RETRIES, "max_tokens": MOST_TOKENS} if provider in _FULLY else {}
    return {**address, **given, **limits}
