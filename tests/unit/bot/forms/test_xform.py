"""XForms that other programs write: what is read as pyxform would have written it, and what is refused in words."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.forms.actions import settle
from bot.forms.form import Form
from bot.forms.load import load_form
from domain.answer import answered
from domain.errors import DefinitionError

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TEXT = '<input ref="/data/q"><label>Vraag</label></input>'


def xform(body: str = TEXT, nodes: str = "<q/>", model: str = "") -> str:
    return (
        '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">'
        "<h:head><h:title>Elders</h:title>"
        f'<model><instance><data id="x" version="1">{nodes}</data></instance>{model}</model></h:head>'
        f"<h:body>{body}</h:body></h:html>"
    )


def read(text: str) -> Form:
    return load_form(Path("x.xml"), text=text)


def items(*names: str) -> str:
    return "".join(f"<item><label>{name.title()}</label><value>{name}</value></item>" for name in names)


def select(inside: str, attributes: str = "") -> str:
    return f'<select1 ref="/data/q"{attributes}><label>Vraag</label>{inside}</select1>'


def first_load(attributes: str, text: str = "") -> str:
    return f'<setvalue ref="/data/q" event="odk-instance-first-load"{attributes}>{text}</setvalue>'


def test_choices_written_in_the_question_are_read_in_order() -> None:
    question = read(xform(select(items("yes", "no")))).question("q")
    assert [(choice.name, choice.label) for choice in question.choices] == [
        ("yes", {"nl": "Yes"}),
        ("no", {"nl": "No"}),
    ]


def test_a_range_without_bounds_begins_at_nought() -> None:
    form = read(xform('<range ref="/data/q" end="x"><label>Hoe vaak?</label></range>'))
    question = form.question("q")
    assert (question.low, question.high, question.step) == (None, None, None)
    assert [value for value in ("-1", "0", "2.5", "7") if form.view({}, NOW).accepts("q", value)] == [
        "0",
        "7",
    ]


@pytest.mark.parametrize(
    ("setvalue", "value"),
    [
        (first_load(' value="1 + 1"'), "2"),
        (first_load("", "Anna"), "Anna"),
        (first_load("", "'s avonds"), "'s avonds"),
        (first_load("", "zeg &quot;ja&quot;"), 'zeg "ja"'),
        (first_load("", "zeg &quot;ja&quot; 's avonds"), 'zeg "ja" \'s avonds'),
        (first_load(""), ""),
    ],
)
def test_a_default_is_worked_out_or_stands_as_it_is_written(setvalue: str, value: str) -> None:
    assert read(xform(model=setvalue)).view({}, NOW).default("q") == value


def test_a_value_from_a_list_of_the_form_is_found_by_pulldata() -> None:
    towns = "<item><name>m</name><label>Maastricht</label></item>"
    calculated = "<bind nodeset=\"/data/town\" calculate=\"pulldata('towns', 'label', 'name', /data/q)\"/>"
    form = read(
        xform(
            nodes="<q/><town/>",
            model=f'<instance id="towns"><root>{towns}</root></instance>{calculated}',
        )
    )
    found = [form.view({"q": answered(name)}, NOW).read("town") for name in ("m", "a")]
    assert found == ["Maastricht", ""]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            xform(select("")),
            "x.xml, column type: /q: there are no choices. Put the list on the choices sheet",
        ),
        (
            xform(select(items("yes", "no", "yes"))),
            'x.xml, column type: /q: the choice "yes" is there twice. Give every choice its own name',
        ),
        (
            xform(select("<item><label>Ja</label></item><item><value/></item>")),
            "x.xml, column type: /q: a choice has no name. Give every choice its own name",
        ),
        (
            xform(select("<itemset nodeset=\"instance('gone')/root/item\"/>")),
            "x.xml, column type: /q: this list of choices is not supported. Put the list on the choices sheet",
        ),
        (
            xform(select(items("yes"), " query=\"instance('towns')/root/item\"")),
            'x.xml, column type: /q: a question of type "select_one_external" is not supported.'
            " Ask it as text, a number, a date or a choice",
        ),
        (
            xform(model='<setvalue ref="/data/q" event="odk-instance-first-load odd" value="1"/>'),
            'x.xml, column trigger: /q: the event "odk-instance-first-load odd" is not supported. Use one of:'
            " odk-instance-first-load, odk-instance-load, odk-new-repeat, xforms-value-changed",
        ),
        (
            xform(model='<setvalue ref="/data/q" event="xforms-value-changed" value="1"/>'),
            'x.xml, column trigger: /q: the event "xforms-value-changed" is not supported. Use one of:'
            " odk-instance-first-load, odk-instance-load, odk-new-repeat, xforms-value-changed",
        ),
        (
            xform(model='<submission action="https://example.org"/>'),
            'x.xml: "submission" in the model is not supported. Remove it from the form',
        ),
        (
            xform('<input ref="/data/b"><label>B</label></input>' + TEXT, "<q/><b/>"),
            "x.xml: the body has /b where the model has /q."
            " Give the body and the model's instance the same order",
        ),
        (
            xform(
                model="<bind nodeset=\"/data/town\" calculate=\"pulldata('towns', 'label', 'name', /data/q)\"/>",
                nodes="<q/><town/>",
            ),
            'x.xml, column calculation: /town: the list "towns" is not in the form.'
            " Put its choices on the choices sheet",
        ),
    ],
)
def test_xform_is_refused_with_exactly_these_words(text: str, message: str) -> None:
    with pytest.raises(DefinitionError) as refusal:
        read(text)
    assert str(refusal.value) == message


def test_files_beside_a_label_are_named_with_the_question() -> None:
    table = """
| survey | |
| | type | name | label::Nederlands (nl) | label::English (en) | image::Nederlands (nl) | image::English (en) | audio::Nederlands (nl) |
| | text | park | Kent u dit park? | Do you know this park? | park.jpg | the_park.jpg | birds.mp3 |
| | text | more | Vertel | Tell |
| settings | |
| | form_id | version | default_language |
| | shown | 1 | Nederlands (nl) |
"""
    form = load_form(Path("shown.md"), text=table)
    assert (form.question("park").media, form.question("more").media) == (
        ("birds.mp3", "park.jpg", "the_park.jpg"),
        (),
    )
    assert form.question("park").label == {"nl": "Kent u dit park?", "en": "Do you know this park?"}


def test_a_file_that_is_missing_in_one_language_is_not_named() -> None:
    texts = "".join(
        f'<translation lang="{language}"><text id="t"><value>{label}</value><value form="image">{image}</value>'
        "</text></translation>"
        for language, label, image in (("nl", "Park", "jr://images/park.jpg"), ("en", "The park", "-"))
    )
    body = '<input ref="/data/q"><label ref="jr:itext(\'t\')"/></input>'
    question = read(xform(body, model=f"<itext>{texts}</itext>")).question("q")
    assert (question.media, question.label) == (("park.jpg",), {"nl": "Park", "en": "The park"})


def test_event_of_a_setvalue_may_be_every_first_moment_and_must_be_one() -> None:
    every = "odk-instance-first-load odk-new-repeat odk-instance-load"
    form = read(xform(model=f'<setvalue ref="/data/q" event="{every}" value="\'blauw\'"/>'))
    assert form.view({}, NOW).default("q") == "blauw"
    with pytest.raises(DefinitionError) as refusal:
        read(xform(model='<setvalue ref="/data/q" value="1"/>'))
    assert [(each.column, each.rule) for each in refusal.value.problems] == [
        ("trigger", '/q: the event "" is not supported')
    ]


def test_setvalue_of_metadata_or_of_nothing_is_passed_over() -> None:
    model = (
        '<setvalue ref="/data/meta/instanceName" event="xforms-revalidate" value="1"/>'
        '<setvalue event="odk-instance-first-load" value="1"/>'
    )
    form = read(xform(nodes="<q/><meta><instanceName/></meta>", model=model))
    assert (form.view({}, NOW).default("q"), form.trees) == ("", {})


def test_empty_setvalue_takes_the_default_away() -> None:
    form = read(xform(nodes="<q>groen</q>", model=first_load("")))
    assert form.view({}, NOW).default("q") == ""
    assert read(xform(nodes="<q>groen</q>")).view({}, NOW).default("q") == "groen"


def test_default_with_quotes_is_proposed_as_it_was_written() -> None:
    for words in ("it's", 'so "called"', 'it\'s "so"'):
        assert read(xform(model=first_load("", words))).view({}, NOW).default("q") == words


def test_choice_without_a_value_is_refused() -> None:
    with pytest.raises(DefinitionError) as refusal:
        read(xform(select("<item><label>Ja</label></item>" + items("no"))))
    assert [each.rule for each in refusal.value.problems] == ["/q: a choice has no name"]


def test_what_is_calculated_is_not_stored_besides() -> None:
    setvalue = '<setvalue ref="/data/sum" event="xforms-value-changed" value="1"/>'
    form = read(
        xform(
            f'<input ref="/data/q"><label>Vraag</label>{setvalue}</input>', "<q/><sum/>",
            '<bind nodeset="/data/sum" calculate="2"/>',
        )
    )  # fmt: skip # read as one piece
    assert settle(form, {}, (), NOW) == {}
    assert form.view({}, NOW).read("sum") == "2"


def test_label_that_points_at_no_text_is_refused() -> None:
    with pytest.raises(DefinitionError) as refusal:
        read(xform('<input ref="/data/q"><label ref="jr:itext(\'gone\')"/></input>'))
    assert [(each.column, each.rule) for each in refusal.value.problems] == [
        ("label", "/q: there is no label")
    ]


def test_choice_called_other_keeps_its_own_words() -> None:
    places = "<item><name>other</name><label>Elders</label></item>"
    itemset = (
        '<itemset nodeset="instance(\'places\')/root/item"><value ref="name"/><label ref="label"/></itemset>'
    )
    model = f'<instance id="places"><root>{places}</root></instance>'
    (choice,) = read(xform(select(itemset), model=model)).question("q").choices
    assert (choice.name, choice.label) == ("other", {"nl": "Elders"})


TEXTS = (
    '<itext><translation lang="English (en)"><text id="yes"><value>Yes</value></text></translation>'
    '<translation lang="Nederlands (nl)" default="true()"><text id="yes"><value>Ja</value></text>'
    '<text id="hint"><value form="guidance">Uitleg</value></text></translation></itext>'
)
LISTED = (
    "<item><name>a</name><itextId>yes</itextId></item><item><name>b</name><itextId>gone</itextId></item>"
    "<item><name>c</name><itextId>hint</itextId></item><item><name>d</name></item>"
    "<item><name>e</name><itextId>yes</itextId><label>Zeker</label></item>"
)


def listed(items: str) -> str:
    return f'<instance id="yn"><root>{items}</root></instance>'


def test_word_of_a_list_is_found_in_the_language_of_the_form_or_is_empty() -> None:
    look_up = "<bind nodeset=\"/data/said\" calculate=\"pulldata('yn', 'label', 'name', /data/q)\"/>"
    form = read(xform(nodes="<q/><said/>", model=f"{TEXTS}{listed(LISTED)}{look_up}"))
    assert [form.view({"q": answered(name)}, NOW).read("said") for name in "abcde"] == [
        "Ja",
        "",
        "",
        "",
        "Zeker",
    ]


def test_choice_of_a_list_without_a_name_is_refused() -> None:
    itemset = (
        '<itemset nodeset="instance(\'yn\')/root/item"><value ref="name"/><label ref="label"/></itemset>'
    )
    with pytest.raises(DefinitionError) as refusal:
        read(xform(select(itemset), model=listed("<item><label>Ja</label></item>")))
    assert [each.rule for each in refusal.value.problems] == ["/q: a choice has no name"]
