"""Puts a consent question before a form that asks for none, so that nothing is ever stored without a yes."""

from dataclasses import replace

from bot.forms.form import Form
from domain.consent import Purpose


def asks_consent(form: Form) -> bool:
    return any(question.consent is Purpose.ANSWERS for question in form.questionnaire.questions)


def with_consent(form: Form, consent: Form) -> Form:
    """`form` itself when it asks for consent; else `form` with the rows of `consent` in front.

    A form without languages of its own speaks the default language of `consent` there.
    """
    if asks_consent(form):
        return form
    questionnaire = form.questionnaire
    questions = (*consent.questionnaire.questions, *questionnaire.questions)
    groups = (*consent.questionnaire.groups, *questionnaire.groups)
    return Form(replace(questionnaire, questions=questions, groups=groups), {**consent.trees, **form.trees})
