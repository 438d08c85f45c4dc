"""Short words that mean something by themselves, whatever was asked: agreeing, declining, and having nothing to say.

What is expected decides how words are understood. These are for where it does not: a pause, a proposal, an open
question.
"""

AGREEING = frozenset(
    {
        "ja", "jao", "jaa", "jawel", "ja hoor", "ja graag", "ja goed", "ja prima", "ja dat is goed", "ja, dat is goed",
        "ja dat klopt", "ja, dat klopt", "graag", "goed", "prima", "is goed", "dat is goed", "da's goed", "dat klopt", "klopt", "akkoord", "doe maar",
        "ja doe maar", "ok", "oke", "oké", "okee", "okay", "yes", "yes please", "sure", "fine", "that is fine",
        "that's fine", "that is right", "that's right", "👍",
    }
)  # fmt: skip # read as one list of words
DECLINING = frozenset(
    {
        "nee", "neen", "nei", "nee hoor", "nee dank u", "nee bedankt", "nog niet", "nee nog niet", "liever niet",
        "no", "nope", "no thanks", "not yet",
    }
)  # fmt: skip # read as one list of words
TAKING = frozenset(
    {
        "neem", "neem dat", "neem die", "neem deze", "neem het voorstel", "neem maar", "die", "die is goed", "doe die maar",
        "take", "take it", "take that", "that one", "use that",
    }
)  # fmt: skip # read as one list of words
NOTHING = frozenset(
    {
        "", "nee", "nei", "neen", "no", "niks", "niets", "geen", "nope", "nee hoor", "nee dank u", "no thanks", "klaar",
        "none", "nothing", "nvt", "n.v.t",
    }
)  # fmt: skip # read as one list of words
"""Nothing to say, or nothing more; also a lone question mark."""


def plain(text: str) -> str:
    """The words as they stand in these lists."""
    return text.strip(" .!?,\n").casefold()
