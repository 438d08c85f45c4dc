"""The kinds of choices that questions have, for the tests of the rules."""

from domain.questionnaire import Choice, Meaning


def choice(name: str, label: str, meaning: Meaning | None = None, *also: str, english: str = "") -> Choice:
    labels = {"nl": label, "en": english} if english else {"nl": label}
    return Choice(name, labels, meaning, {"nl": also} if also else {})


AGREE = (
    choice("4", "Helemaal eens", Meaning.AGREE_STRONGLY, english="Strongly agree"),
    choice("3", "Eens", Meaning.AGREE, english="Agree"),
    choice("2", "Niet eens, niet oneens", Meaning.NEUTRAL, english="Neither agree nor disagree"),
    choice("1", "Oneens", Meaning.DISAGREE, english="Disagree"),
    choice("0", "Helemaal oneens", Meaning.DISAGREE_STRONGLY, english="Strongly disagree"),
)
FOUR = (AGREE[0], AGREE[1], AGREE[3], AGREE[4])
THREE = (
    choice("ja", "Ja", Meaning.YES, english="Yes"),
    choice("mm", "Min of meer", Meaning.SOMEWHAT, english="More or less"),
    choice("nee", "Nee", Meaning.NO, english="No"),
)
TWO = (THREE[0], THREE[2])
CONSENT = (
    choice("ja", "Ja, dat mag", Meaning.YES),
    choice("nee", "Nee", Meaning.NO),
    choice("later", "Vraag het later", Meaning.LATER),
)
WIJK = (
    choice("nazareth", "Nazareth", None, "Nazaret", "Wittevrouwenveld-oost"),
    choice("pottenberg", "Pottenberg"),
    choice("anders", "Ergens anders"),
)
AGE = (
    choice("u16", "Jonger dan 16"),
    choice("16", "16 tot en met 24"),
    choice("25", "25 tot en met 44"),
    choice("45", "45 tot en met 64"),
    choice("65", "65 of ouder"),
)
ENDS_MEET = (
    choice("geen", "Nee, geen enkele moeite"),
    choice("let_op", "Nee, maar ik moet wel opletten"),
    choice("enige", "Ja, enige moeite"),
    choice("grote", "Ja, grote moeite"),
)
MARK = tuple(choice(f"c{number}", str(number)) for number in range(1, 11))
PLACES = (
    choice("thuis", "Thuis"),
    choice("buurthuis", "In het buurthuis"),
    choice("buiten", "Buiten, in het park"),
)
