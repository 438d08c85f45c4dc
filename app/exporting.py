"""Joins the export to the forms, the scales and the rules for names: what counts, what it scores, what wants a look."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from app.export_counting import Counting
from app.shelf import Shelf
from bot.forms.form import Form
from bot.forms.scale_files import load_scales
from bot.forms.scales import Scale, Scorer
from bot.forms.syntax import nodes_in
from domain.errors import DomainError
from domain.questionnaire import LocalText, QuestionKind
from storage.export import ExportForm, ExportScale


def form_for_export(shelf: Shelf, questionnaire: str, version: str) -> ExportForm | None:
    form = shelf.find(questionnaire, version)
    return ExportForm(form.questionnaire, Counting(form), _derived(form)) if form is not None else None


def _derived(form: Form) -> dict[str, frozenset[str]]:
    """For each calculation every question that its value comes from, through other calculations too."""
    near = {
        question.path: nodes_in(form.trees[f"{question.path}#calculation"])
        for question in form.questionnaire.questions
        if f"{question.path}#calculation" in form.trees
    }
    found: dict[str, frozenset[str]] = {}
    for path in near:
        seen, waiting = set[str](), list(near[path])
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                waiting += near.get(node, ())
        calculated = {
            each.path for each in form.questionnaire.questions if each.kind is QuestionKind.CALCULATE
        }
        found[path] = frozenset(seen - calculated)
    return found


def scales_for_export(language: str) -> Sequence[ExportScale]:
    return [_scale_for_export(scale, language) for scale in load_scales().values()]


def _scale_for_export(scale: Scale, language: str) -> ExportScale:
    columns = [f"{scale.id}__score"]
    columns += [f"{scale.id}__{subscale.id}" for subscale in scale.subscales]
    columns += [f"{scale.id}__band"] if scale.bands else []
    columns += [f"{scale.id}__rescaled"] if scale.rescale else []
    columns += [f"{scale.id}__straight_lined"] if scale.is_mixed else []
    return ExportScale(
        scale.id, scale.items, columns, partial(_scores, Scorer(scale)), _facts(scale, language)
    )


def _scores(scorer: Scorer, values: Mapping[str, str]) -> Mapping[str, object]:
    scale = scorer.scale
    try:
        result = scorer.score(values)
    except DomainError:  # questions with the names of its items, and other answers
        return {}
    scores: dict[str, object] = {f"{scale.id}__score": result.total, f"{scale.id}__band": result.band}
    scores |= {f"{scale.id}__{name}": value for name, value in result.subscales.items()}
    scores[f"{scale.id}__rescaled"] = result.rescaled
    scores[f"{scale.id}__straight_lined"] = int(result.straight_lined)
    return scores


def _facts(scale: Scale, language: str) -> Mapping[str, Any]:
    def words(text: LocalText) -> str:
        return text.get(language) or next(iter(text.values()), "")

    return {
        "title": words(scale.title),
        "rule": scale.rule,
        "reversed_items": sorted(scale.reversed),
        "needs_answers": scale.at_least,
        "bands": {band.id: words(band.label) for band in scale.bands},
        "rescaled": words(scale.rescale_label) if scale.rescale else "",
        "references": [
            {"value": each.value, "of": words(each.of), "source": each.source, "year": each.year}
            for each in scale.references
        ],
        "licence": scale.licence,
        "citation": scale.citation,
        "wording": dict(scale.wording),
    }
