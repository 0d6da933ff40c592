"""Counting: who may vote in the current stage, who has, and how many approvals it takes."""

from conversation.gates.model import Decision, Gate


def seat(vote: Decision) -> str:
    """The person for whom a vote counts: the giver where it was delegated."""
    return vote.acting_for or vote.by.id


def votes_on(gate: Gate, *, approvals: bool | None = None) -> tuple[Decision, ...]:
    """The votes on the standing revision in the current stage; only approvals, or only rejections."""
    here = (vote for vote in gate.votes if (vote.revision, vote.stage) == (gate.revision, gate.stage))
    return tuple(vote for vote in here if approvals is None or approvals == (vote.verdict in ("approve", "edit")))


def voter_of(gate: Gate, vote: Decision) -> Decision | None:
    """The vote on the standing revision that leaves no room for this one: of the same person, or for the same one.

    An edit by somebody who may not approve it takes no place.
    """
    people = {vote.by.id, seat(vote)}
    taken = (one for one in gate.votes if one.revision == gate.revision and one.stage >= 0)
    return next((one for one in taken if people & {one.by.id, seat(one)}), None)


def eligible(gate: Gate) -> frozenset[str] | None:
    """Everybody whose approval can count in the current stage, by id; None where that is not known.

    Known are an electorate, or deciders who are all named. Whoever asked, or voted in another stage, is not among them.
    """
    stage = gate.current
    named = stage.deciders.users if not (stage.deciders.roles or stage.deciders.groups) else ()
    people = set(stage.electorate or named)
    if not people:
        return None
    if not gate.self_approval:
        people.discard(gate.asked_by.id)
    elsewhere = (vote for vote in gate.votes if vote.revision == gate.revision and vote.stage not in (gate.stage, -1))
    return frozenset(people - {seat(vote) for vote in elsewhere})


def needed(gate: Gate) -> int:
    """Approvals that the current stage takes; at least one. “all” and “majority” are of those who can approve."""
    people = eligible(gate)
    match gate.current.quorum:
        case "all" if people is not None:
            return max(1, len(people))
        case "majority" if people is not None:
            return len(people) // 2 + 1
        case _:
            return gate.current.needed


def reachable(gate: Gate) -> bool:
    """Whether enough approvals can still come; true where it is not known who else could give one."""
    people = eligible(gate)
    if people is None:
        return True
    left = people - {seat(vote) for vote in votes_on(gate)}
    return len(votes_on(gate, approvals=True)) + len(left) >= needed(gate)
