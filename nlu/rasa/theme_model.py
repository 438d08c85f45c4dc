"""Hears the themes of an open answer: a linear model for each code over words, pieces of words, what the sentence means,
and a lexicon. Plain scikit-learn; runs inside Rasa's own Python 3.10."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any, Dict, List, Sequence, Text, Tuple

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

SIDES = ("kind", "valence", "level")
_WORD = re.compile(r"[^\W_]+")
_MEANING_WEIGHT = 1.5
_LEXICON_WEIGHT = 1.0

Answer = Dict[Text, Any]
"""{"text": ..., "themes": [{"code", "kind", "valence", "level"}, ...]}"""


def read_answers(folder: Path) -> List[Answer]:
    """All answers below a folder, one JSON object a line."""
    return [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]


class Lexicon:
    """How often each list of words is met in a text. "huur*" is a beginning, "*overlast" an end."""

    def __init__(self, entries: Dict[Text, List[Text]]) -> None:
        self.names = sorted(entries)
        self._found = [_any_of(entries[name]) for name in self.names]

    def transform(self, texts: Sequence[Text]) -> Any:
        rows = [[np.log1p(len(found.findall(folded(text)))) for found in self._found] for text in texts]
        return sparse.csr_matrix(np.array(rows) * _LEXICON_WEIGHT)


def folded(text: Text) -> Text:
    """Small letters without accents, one space around every word."""
    bare = unicodedata.normalize("NFKD", text.lower())
    words = _WORD.findall("".join(letter for letter in bare if not unicodedata.combining(letter)))
    return f" {'  '.join(words)} "


def _any_of(entries: Sequence[Text]) -> Any:
    patterns = []
    for entry in entries:
        words = [re.escape(word).replace(r"\*", "[^ ]*") for word in entry.split()]
        patterns.append("  ".join(words))
    return re.compile(" (?:" + "|".join(sorted(patterns, key=len, reverse=True)) + ") ")


class ThemeModel:
    """Fit once; then `suggest` for texts, beside what each means in numbers (one row a text)."""

    def __init__(self, lexicon: Dict[Text, List[Text]], strength: float = 6.0, threshold: float = 0.5) -> None:
        self._lexicon = Lexicon(lexicon)
        self._strength, self._threshold = strength, threshold
        self._counted = [
            TfidfVectorizer(token_pattern=r"(?u)\b\w+\b", sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=2, sublinear_tf=True),
        ]

    def fit(self, answers: Sequence[Answer], meaning: Any) -> ThemeModel:
        texts = [answer["text"].lower() for answer in answers]
        for each in self._counted:
            each.fit(texts)
        features = self._features(texts, meaning)
        self.codes = sorted({theme["code"] for answer in answers for theme in answer["themes"]})
        said = [{theme["code"] for theme in answer["themes"]} for answer in answers]
        self._judges = [
            self._judge().fit(features, [code in codes for codes in said]) for code in self.codes
        ]
        labels = [(row, theme) for row, answer in enumerate(answers) for theme in answer["themes"]]
        beside = self._beside(features[[row for row, _ in labels]], [theme["code"] for _, theme in labels])
        self._sides = {side: self._judge().fit(beside, [theme[side] for _, theme in labels]) for side in SIDES}
        return self

    def probabilities(self, texts: Sequence[Text], meaning: Any) -> Any:
        """A row for each text, a column for each of `codes`."""
        features = self._features([text.lower() for text in texts], meaning)
        return np.column_stack([judge.predict_proba(features)[:, 1] for judge in self._judges])

    def suggest(self, texts: Sequence[Text], meaning: Any) -> List[List[Dict[Text, Any]]]:
        features = self._features([text.lower() for text in texts], meaning)
        chances = np.column_stack([judge.predict_proba(features)[:, 1] for judge in self._judges])
        suggested: List[List[Dict[Text, Any]]] = []
        for row, likely in enumerate(chances >= self._threshold):
            codes = [(self.codes[place], float(chances[row, place])) for place in np.flatnonzero(likely)]
            codes.sort(key=lambda each: -each[1])
            suggested.append(self._with_sides(features[row], codes))
        return suggested

    def _with_sides(self, features: Any, codes: List[Tuple[Text, float]]) -> List[Dict[Text, Any]]:
        if not codes:
            return []
        beside = self._beside(sparse.vstack([features] * len(codes)).tocsr(), [code for code, _ in codes])
        sides = {side: judge.predict(beside) for side, judge in self._sides.items()}
        return [
            {"code": code, "confidence": chance, **{side: str(sides[side][place]) for side in SIDES}}
            for place, (code, chance) in enumerate(codes)
        ]

    def _judge(self) -> LogisticRegression:
        return LogisticRegression(
            C=self._strength, solver="liblinear", class_weight="balanced", random_state=7
        )

    def _features(self, texts: Sequence[Text], meaning: Any) -> Any:
        counted = [each.transform(texts) for each in self._counted]
        means = sparse.csr_matrix(np.asarray(meaning) * _MEANING_WEIGHT)
        return sparse.hstack([*counted, self._lexicon.transform(texts), means]).tocsr()

    def _beside(self, features: Any, codes: Sequence[Text]) -> Any:
        """The features with the code that is asked about."""
        marks = np.array([[float(code == each) for each in self.codes] for code in codes])
        return sparse.hstack([features, sparse.csr_matrix(marks)]).tocsr()
