"""The vocabulary of Quillux and one turn of a conversation. Standard library only."""
