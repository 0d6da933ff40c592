"""Chat models by LangChain; nothing of a provider is imported before one is asked for."""
