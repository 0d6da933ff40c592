"""Questions in other languages: told apart, and put into the words of the grammar."""

from knowledge.translation.languages.detect import detect
from knowledge.translation.languages.dictionary import languages
from knowledge.translation.languages.render import Rendering, Said, render

__all__ = ["Rendering", "Said", "detect", "languages", "render"]
