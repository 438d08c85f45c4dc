"""What the assistant promises about speed, held against what was found. Pure."""

from collections.abc import Iterator

from benchmarks.series import Found, Series, Target, paired

APP, ON_POSTGRES, FORM_BOT = "wijkverhaal", "wijkverhaal on PostgreSQL", "plain Rasa form bot"
RAW_EACH, RAW_GROUP = "raw limit, a commit each", "raw limit, group commit"
TYPED_RULES, TYPED_RASA, PARSE = "typed, rules know it", "typed, Rasa is asked", "Rasa's /model/parse alone"
TURN_10, TURN_1000 = "turn 10 of one person", "turn 1,000 of one person"

TIMES_FORM_BOT = 15.0
SHARE_OF_RAW = 0.60
P95_MS = 25.0
SHARE_OF_RASA = 0.90
MEMORY_MB = 150.0
ADVANCE, ADVANCE_MS = "advance, median ms", 1.0
LOAD_300, LOAD_300_MS = "loading 300 questions, ms", 500.0
LOAD_5000, LOAD_5000_S = "loading 5,000 rows in a new process, s", 10.0
STATE, STATE_KB = "stored state, largest kB", 20.0
WITHIN = 0.10


def stored(answers: int) -> str:
    return f"{answers:,} stored answers"


def judge(found: Found) -> list[Target]:
    return [
        _beside_form_bot(found),
        _beside_raw(found, RAW_EACH),
        _beside_raw(found, RAW_GROUP),
        _quick_enough(found),
        _typed(found),
        _memory(found),
        _over_volume(found),
        _over_length(found),
        _below(found, "a step of the dialogue", ADVANCE, ADVANCE_MS),
        _below(found, "loading a form of 300 questions", LOAD_300, LOAD_300_MS),
        _below(found, "loading a form of 5,000 rows", LOAD_5000, LOAD_5000_S),
        _below(found, "what an open conversation weighs", STATE, STATE_KB),
    ]


def _below(found: Found, what: str, fact: str, most: float) -> Target:
    unit = fact.split()[-1]
    value = found.facts.get(fact)
    said = "not measured" if value is None else f"{value:.3g} {unit}"
    return Target(f"{what}: under {most:g} {unit}", said, None if value is None else value < most)


def _pairs(found: Found, ours: str, *theirs: str) -> Iterator[tuple[Series, list[Series]]]:
    for series in found.series:
        rivals = [found.get(name, series.residents) for name in theirs]
        if series.name == ours and all(rivals):
            yield series, [each for each in rivals if each is not None]


def _beside_form_bot(found: Found) -> Target:
    ratios = {ours.residents: paired(ours, *theirs) for ours, theirs in _pairs(found, APP, FORM_BOT)}
    said = ", ".join(f"{ratio:.1f} x with {residents}" for residents, ratio in ratios.items())
    reached = all(ratio >= TIMES_FORM_BOT for ratio in ratios.values()) if ratios else None
    promise = f"tapped answers: at least {TIMES_FORM_BOT:.0f} x the turns/s of the plain Rasa form bot"
    return Target(promise, said or "not measured", reached)


def _beside_raw(found: Found, limit: str) -> Target:
    ratios = {ours.residents: paired(ours, *theirs) for ours, theirs in _pairs(found, APP, limit)}
    said = ", ".join(f"{ratio:.0%} with {residents}" for residents, ratio in ratios.items())
    reached = all(ratio >= SHARE_OF_RAW for ratio in ratios.values()) if ratios else None
    return Target(
        f"tapped answers: at least {SHARE_OF_RAW:.0%} of the {limit}",
        said or "not measured",
        reached,
    )


def _quick_enough(found: Found) -> Target:
    series = found.get(APP, 8)
    promise = f"p95 under {P95_MS:.0f} ms with 8 residents"
    if series is None:
        return Target(promise, "not measured", None)
    p95 = series.middle(lambda each: each.p95)
    return Target(promise, f"{p95:.1f} ms", p95 < P95_MS)


def _typed(found: Found) -> Target:
    promise = f"typed answers that need Rasa: at least {SHARE_OF_RASA:.0%} of what Rasa alone parses"
    ours, theirs = found.get(TYPED_RASA, 8), found.get(PARSE, 8)
    if ours is None or theirs is None:
        return Target(promise, "not measured", None)
    share = paired(ours, theirs)
    return Target(promise, f"{share:.0%}", share >= SHARE_OF_RASA)


def _memory(found: Found) -> Target:
    promise = f"memory under {MEMORY_MB:.0f} MB without Rasa"
    if not found.memory_mb:
        return Target(promise, "not measured", None)
    said = f"{found.memory_mb:.0f} MB after {found.intakes:,} intakes"
    return Target(promise, said, found.memory_mb < MEMORY_MB)


def _over_volume(found: Found) -> Target:
    promise = f"a turn costs the same however much is stored (within {WITHIN:.0%})"
    empty = found.get(stored(0), 8)
    fuller = [each for each in found.series if each.name.endswith("stored answers") and each is not empty]
    if empty is None or not fuller:
        return Target(promise, "not measured", None)
    ratios = {each.name: paired(empty, each) for each in fuller}
    said = ", ".join(f"{ratio:.2f} x with {name}" for name, ratio in ratios.items())
    return Target(promise, said, all(ratio <= 1 + WITHIN for ratio in ratios.values()))


def _over_length(found: Found) -> Target:
    promise = f"a turn costs the same however long somebody talks (within {WITHIN:.0%})"
    early, late = found.get(TURN_10, 1), found.get(TURN_1000, 1)
    if early is None or late is None:
        return Target(promise, "not measured", None)
    ratio = paired(early, late)
    return Target(promise, f"{ratio:.2f} x at turn 1,000", ratio <= 1 + WITHIN)
