"""Joins the export to the forms and the scales: what counts, what it scores, and what the codebook says of it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

from app.settings import Settings
from app.shelf import Shelf, open_shelf
from app.wiring import new_id, open_vault, utc_now
from bot.dialogue.talks import facts
from bot.forms.form import Form
from bot.forms.scale_files import load_scales
from bot.forms.scales import Scale, score
from domain.answer import Answer, answered
from domain.questionnaire import LocalText
from storage.export import ExportForm, ExportScale, ExportSummary, export_responses
from storage.posting import DELIVERED_LATER
from storage.store import open_store

Format = Literal["csv", "jsonl"]


async def export_to(
    settings: Settings,
    out: Path,
    format: Format,
    questionnaire: str,
    include_simulated: bool,
    language: str,
    say: Callable[[str], None],
) -> None:
    """Raises DomainError when the folder or the database is in the way."""
    store = open_store(settings.database, vault=open_vault(settings), new_id=new_id)
    shelf = open_shelf(cache=settings.form_cache)
    try:
        await shelf.join(store, utc_now(), kept=settings.data / "forms")
        summary = export_responses(
            store,
            partial(form_for_export, shelf),
            scales_for_export(language),
            out=out,
            format=format,
            questionnaire=questionnaire or None,
            include_simulated=include_simulated,
            language=language,
        )
    finally:
        await store.close()
    _tell(summary, say)


def _tell(summary: ExportSummary, say: Callable[[str], None]) -> None:
    if not summary.responses:
        say("There are no responses yet.")
    for questionnaire, count in summary.responses.items():
        say(f"{questionnaire}: {count} response{'' if count == 1 else 's'}")
    if summary.withdrawn:
        say(f"Left out because consent was taken back: {summary.withdrawn}")
    say(f"Written to {summary.out}: {', '.join(summary.files)}")


def form_for_export(shelf: Shelf, questionnaire: str, version: str) -> ExportForm | None:
    form = shelf.find(questionnaire, version)
    return ExportForm(form.questionnaire, partial(_counting, form)) if form is not None else None


def _counting(form: Form, answers: Mapping[str, Answer], at: datetime, channel: str) -> Mapping[str, Answer]:
    """The answers that count at the end: relevant ones, and what is calculated from them."""
    answers = {**answers, **facts(form, reachable=channel in DELIVERED_LATER)}
    view = form.view(answers, at)
    # Of several choices only those count that the form still offers: that is what the view reads.
    read = view.values()
    counting = {
        path: answered(read[path]) if path in read else answers[path] for path in view.answered_paths()
    }
    return counting | {path: answered(value) for path, value in read.items() if path not in answers}


def scales_for_export(language: str) -> Sequence[ExportScale]:
    return [_scale_for_export(scale, language) for scale in load_scales().values()]


def _scale_for_export(scale: Scale, language: str) -> ExportScale:
    columns = [f"{scale.id}__score"]
    columns += [f"{scale.id}__{subscale.id}" for subscale in scale.subscales]
    columns += [f"{scale.id}__band"] if scale.bands else []
    columns += [f"{scale.id}__rescaled"] if scale.rescale else []
    columns += [f"{scale.id}__straight_lined"] if scale.is_mixed else []
    return ExportScale(scale.id, scale.items, columns, partial(_scores, scale), _facts(scale, language))


def _scores(scale: Scale, values: Mapping[str, str]) -> Mapping[str, object]:
    result = score(scale, values)
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
