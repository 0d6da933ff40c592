"""Where a password that was typed goes to, so that it does not stand in the settings file."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from infra.cli.codes import Exit, fail, say
from infra.cli.credentials import Literal, in_address, in_options, referred
from infra.secrets.redact import REDACTION
from infra.secrets.stores import NotFound, into_keyring
from infra.settings import SourceSetting

SERVICE = "quillux"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for: a variable, an entry of the keyring, or the password kept in clear."""

    variable: str = ""
    entry: str = ""
    keep: bool = False


def moved(given: SourceSetting, wish: Wish) -> Callable[[], SourceSetting]:
    """What makes the setting that is written. Whatever can be refused is refused now, before anything is stored."""
    written = in_address(given.address)
    literals = [*written, *in_options(given.options)]
    for literal in literals:
        REDACTION.add(literal.value)
    if REDACTION.text(given.address) != given.address and not written:
        _refuse("The password in the address can't be told from the rest of it.", "Write its @ and / as %40 and %2F.")
    if not literals and (wish.variable or wish.entry):
        place = f"env:{wish.variable}" if wish.variable else f"keyring:{wish.entry}"
        _refuse("There is no password to move.", f"Write ${{{place}}} in the address, in the place of the password.")
    if not literals:
        return lambda: given
    if wish.keep:
        say("The password is written into the settings file in clear. Whoever reads the file can use it.")
        return lambda: given
    say("A password on the command line can be seen in the shell's history and by other people of this machine.")
    places = _places(given.name, literals, wish)
    return lambda: _moved(given, written, literals, places)


def _places(name: str, literals: list[Literal], wish: Wish) -> dict[str, str]:
    """A reference for each label."""
    if (wish.variable or wish.entry) and len(literals) > 1:
        _refuse("The source has more than one secret.", "Write ${env:NAME} for each yourself.")
    if wish.variable:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", wish.variable):
            _refuse("That is no name of a variable.", "Use letters, digits and _.")
        return {literals[0].label: f"env:{wish.variable}"}
    if wish.entry:
        if not re.fullmatch(r"[^${}/]+/[^${}]+", wish.entry):
            _refuse("That is no entry of a keyring.", "Write it as service/user.")
        return {literals[0].label: f"keyring:{wish.entry}"}
    return {one.label: f"keyring:{SERVICE}/{name}{'.' if one.label else ''}{one.label}" for one in literals}


def _moved(
    given: SourceSetting, written: list[Literal], literals: list[Literal], places: Mapping[str, str]
) -> SourceSetting:
    for literal in literals:
        kind, _, place = places[literal.label].partition(":")
        if kind == "env":
            say(f"The settings refer to ${{env:{place}}}: set the variable {place} to the password where Quillux runs.")
            continue
        service, _, user = place.rpartition("/")
        try:
            into_keyring(service, user, literal.value)
        except NotFound as why:
            _refuse(
                f"The password could not be moved: {why}.",
                f"Write the address with ${{env:NAME}} or ${{file:/path}} in the place of the password, or say "
                f"--password-env {given.name.upper()}_PASSWORD; --keep-password writes it in clear.",
            )
        say(f"The password is in the keyring of this machine as {place}; the settings refer to ${{keyring:{place}}}.")
    options = {name: f"${{{places[name]}}}" if name in places else value for name, value in given.options.items()}
    return given.model_copy(
        update={"address": referred(given.address, written, places), "options": options},
    )


def _refuse(what: str, next_step: str) -> NoReturn:
    fail(Exit.REFUSED, what, "Nothing was added.", next_step)
