"""What the bot knows and how it answers from data. Imports neither LangGraph nor any channel."""
