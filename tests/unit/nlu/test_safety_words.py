import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.rules.safety_words import BREAK, standard_words


def words(text: str) -> str:
    return " ".join(word for word in standard_words(text) if word != BREAK)


@pytest.mark.parametrize(
    ("typed", "standard"),
    [
        ("iech bin bang veur miene maan", "ik ben bang voor mijn man"),
        ("heer haet miech gister geslage", "hij heeft mij gisteren geslagen"),
        ("ich wol dat ich doed waor", "ik wil dat ik dood was"),
        ("iech wèl neet mie leve", "ik wil niet meer leven"),
        ("mie vriendj haet mich geklöp", "mijn vriend heeft mij geslagen"),
        ("hae aomt neet mie", "hij ademt niet meer"),
        ("dao ligk eine op de grondj", "daar ligt een op de grond"),
        ("in de keuke is brand oetgebroke", "in de keuken is brand uitgebroken"),
        ("zie haet te väöl pille genome", "zij heeft te veel pillen genomen"),
        ("mien keend is kwiet", "mijn kind is kwijt"),
        ("oze naober is gestorve", "onze buurman is gestorven"),
        ("ze höbbe miech opgesjlaote in de kelder", "ze hebben mij opgesloten in de kelder"),
        ("heer kump mörge weer trök", "hij komt morgen weer terug"),
        ("veer woene dao al lang", "wij wonen daar al lang"),
        ("iech spring vaanaovend in de Maos", "ik spring vanavond in de maas"),
    ],
)
def test_limburgish_becomes_dutch(typed: str, standard: str) -> None:
    assert words(typed) == standard


@pytest.mark.parametrize(
    ("typed", "standard"),
    [
        ("mn man slaat mn zoontje", "mijn man slaat mijn zoontje"),
        ("iemant staat snags voor mn deur", "iemand staat s nachts voor mijn deur"),
        ("altijt als hij dronken is slaatie me", "altijd als hij dronken is slaat hij me"),
        ("ik wort bedrijgd door mn ex", "ik word bedreigd door mijn ex"),
        ("ff wachte", "even wachten"),
        ("kweet ni wa ik moet", "ik weet niet wat ik moet"),
        ("my bf hit me agen", "my boyfriend hit me again"),
        ("i wanna dye rn", "i wanna die right now"),
        ("idk wat to do", "i dont know what to do"),
    ],
)
def test_quick_typing_becomes_words(typed: str, standard: str) -> None:
    assert words(typed) == standard


@pytest.mark.parametrize(
    ("typed", "standard"),
    [
        ("mnexblijftmevolgen", "mijn ex blijft me volgen"),
        ("ikkanniemeer", "ik kan niet meer"),
        ("hijslaatmesteeds", "hij slaat me steeds"),
        ("erisbrandindekeuken", "er is brand in de keuken"),
        ("helperisbrand", "help er is brand"),
        ("iwanttodie", "i want to die"),
        ("ik spring vanhetdak", "ik spring van het dak"),
        ("hij heeftme geslagen", "hij heeft me geslagen"),
        ("bel112", "bel 112"),
    ],
)
def test_words_typed_as_one_become_words(typed: str, standard: str) -> None:
    assert words(typed) == standard


@pytest.mark.parametrize(
    "text",
    [
        "buurtpreventieteam",
        "huisartsenpost",
        "inwonersavond",
        "kinderopvangtoeslag",
        "verkeersdrempels",
        "vrijwilligersvacature",
        "oranje bovenkamer",
    ],
)
def test_compound_stays_whole(text: str) -> None:
    assert words(text) == text


@pytest.mark.parametrize(
    ("typed", "standard"),
    [
        ("hij heeft me geschopd", "hij heeft me geschopt"),
        ("ze is bewusteloss", "ze is bewusteloos"),
        ("mjin man drijgt", "mijn man dreigt"),
        ("er is brnad in hius", "er is brand in huis"),
        ("ik wil dpod", "ik wil dood"),
        ("hij heeft haar vermoort", "hij heeft haar vermoord"),
        ("mijn kind wrodt misbruitk", "mijn kind word misbruikt"),
        ("hij wil me klappe geve", "hij wil me klappen geven"),
    ],
)
def test_slip_of_the_pen_is_mended(typed: str, standard: str) -> None:
    assert words(typed) == standard


@pytest.mark.parametrize(
    ("typed", "standard"),
    [
        ("m1jn m4n sl44t me", "mijn man slaat me"),
        ("z*lfmoord", "zelfmoord"),
        ("z#lfmoord", "zelfmoord"),
        ("sl@at me", "slaat me"),
        ("k!ll", "kill"),
        ("ik wil d.o.o.d", "ik wil dood"),
        ("ik wil d o o d", "ik wil dood"),
        ("ik-wil-dood", "ik wil dood"),
        ("overal 🩸", "overal bloed"),
        ("heb 💊 geslikt", "heb pillen geslikt"),
        ("huis in 🔥", "huis in brand"),
        ("🆘 er is iemand", "help er is iemand"),
        ("ik wil 😭 dood", "ik wil dood"),
    ],
)
def test_signs_hide_no_word(typed: str, standard: str) -> None:
    assert words(typed) == standard


@pytest.mark.parametrize(
    "text",
    [
        "de kerk op de hei is mooi",
        "het veer over de maas is gesloten",
        "hij trok de deur dicht",
        "er is een gat in het boek",
        "wie heet er hier jan",
        "de heer des huizes",
        "geef me een seconde",
        "k3 zingt op 14 mei",
        "feest",
        "ik zien het niet",
        "the bus is late again",
        "i like my street",
        "we have a good park here",
    ],
)
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert words(text) == text


def test_exclamation_mark_between_sentences_is_no_letter() -> None:
    assert words("er is hier brand!kom gauw") == "er is hier brand kom gauw"


def test_star_that_fits_no_word_of_danger_is_left() -> None:
    assert words("x*q") == "x q"


def test_fire_that_means_great_is_no_fire() -> None:
    assert words("dat feest was 🔥") == "dat feest was"


def test_word_beside_another_decides_what_it_means() -> None:
    assert words("ich höb niks mie") == "ik heb niks meer"
    assert words("ich höb mie mam gezeen") == "ik heb mijn moeder gezien"


@given(st.text(max_size=200))
def test_any_text_has_words_between_breaks(text: str) -> None:
    found = standard_words(text)

    assert found[0] == found[-1] == BREAK
    assert all(found)
    assert not any(" " in word for word in found)


@given(st.text(alphabet="abdehiklmnorstz @*!.1", max_size=120))
def test_any_typing_has_words_between_breaks(text: str) -> None:
    found = standard_words(text)

    assert found[0] == found[-1] == BREAK
    assert all(found)


@pytest.mark.parametrize(
    "junk", ["slaatme" * 9_000, "a" * 60_000, "sj" * 30_000, "ab*" * 20_000, "a.b" * 20_000]
)
def test_long_junk_is_left_as_it_is_or_shortened(junk: str) -> None:
    assert sum(map(len, standard_words(junk))) <= len(junk) + 3
