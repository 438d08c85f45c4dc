"""Where the assistant may say nothing to somebody's words, told apart from how it decides that itself."""

from bot.dialogue.state import Phase, State


def may_be_silent(state: State) -> bool:
    """Only where nothing is asked, after the same was said twice in a row, and never when danger was heard last."""
    waits = state.phase in (Phase.PAUSED, Phase.STOPPED, Phase.FINISHED)
    return waits and state.misses >= 2 and not state.after_danger
