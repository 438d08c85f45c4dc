"""Hears the themes of an open answer: a linear model for each code over words, pieces of words, what the sentence means,
and a lexicon. Plain numpy and scikit-learn; runs inside Rasa's own Python 3.10."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any, Dict, List, Sequence, Set, Text, Tuple

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

SIDES = ("kind", "valence", "level")
_WORD = re.compile(r"[^\W_]+")
_MEANING_WEIGHT = 1.5
_LEXICON_WEIGHT = 0.5

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
    """Fit once; then `suggest` for texts, beside what each means in numbers (one row a text).

    Codes are ridge regressions, all solved at once. What each would have said of an answer that it had not seen follows
    from the solution (leave-one-out), and that gives the score from which a code is suggested and what a score is worth.
    """

    def __init__(self, lexicon: Dict[Text, List[Text]], ridge: float = 3.0, strength: float = 6.0) -> None:
        self._lexicon = Lexicon(lexicon)
        self._ridge, self._strength = ridge, strength
        self._counted = [
            TfidfVectorizer(token_pattern=r"(?u)\b\w+\b", sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=2, sublinear_tf=True),
            TfidfVectorizer(token_pattern=r"(?u)\b\w+\b", ngram_range=(2, 2), min_df=2, sublinear_tf=True),
        ]

    def fit(self, answers: Sequence[Answer], meaning: Any) -> ThemeModel:
        features = self.fit_codes(answers, meaning)
        labels = [(row, theme) for row, answer in enumerate(answers) for theme in answer["themes"]]
        beside = self._beside(features[[row for row, _ in labels]], [theme["code"] for _, theme in labels])
        self._sides = {
            side: self._judge().fit(beside, [theme[side] for _, theme in labels]) for side in SIDES
        }
        return self

    def fit_codes(self, answers: Sequence[Answer], meaning: Any) -> Any:
        """All but the sides; returns the features of the answers."""
        texts = [answer["text"].lower() for answer in answers]
        for each in self._counted:
            each.fit(texts)
        features = self._features(texts, meaning)
        self.codes = sorted({theme["code"] for answer in answers for theme in answer["themes"]})
        said = np.array([[code in _codes(answer) for code in self.codes] for answer in answers])
        truth = np.where(said, 1.0, -1.0)
        self._middle = truth.mean(0)
        alike = _alike(features)
        alike[np.diag_indices_from(alike)] += self._ridge
        inverse = np.linalg.inv(alike)
        dual = inverse @ (truth - self._middle)
        self._weights = features.T @ dual
        unseen = truth - dual / np.diag(inverse)[:, None]
        self._from = np.array(
            [_best_from(unseen[:, place], said[:, place]) for place in range(len(self.codes))]
        )
        worth = [
            LogisticRegression().fit(unseen[:, [place]], said[:, place]) for place in range(len(self.codes))
        ]
        self._slope = np.array([each.coef_[0, 0] for each in worth])
        self._offset = np.array([each.intercept_[0] for each in worth])
        return features

    def heard(self, features: Any) -> Tuple[Any, Any]:
        """Two tables with a row for each text and a column for each code: whether it is suggested, and how sure that is,
        from 0 to 1."""
        scores = features @ self._weights + self._middle
        return scores >= self._from, 1 / (1 + np.exp(-(scores * self._slope + self._offset)))

    def suggest(self, texts: Sequence[Text], meaning: Any) -> List[List[Dict[Text, Any]]]:
        features = self._features([text.lower() for text in texts], meaning)
        suggested: List[List[Dict[Text, Any]]] = []
        for row, (likely, sure) in enumerate(zip(*self.heard(features))):
            codes = [(self.codes[place], float(sure[place])) for place in np.flatnonzero(likely)]
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


def _alike(features: Any) -> Any:
    """The product of each row with each. Full columns one by one in a sparse table would take minutes."""
    full = np.diff(features.tocsc().indptr) > features.shape[0] / 2
    dense, counted = features[:, np.flatnonzero(full)].toarray(), features[:, np.flatnonzero(~full)]
    return dense @ dense.T + (counted @ counted.T).toarray()


def _codes(answer: Answer) -> Set[Text]:
    return {theme["code"] for theme in answer["themes"]}


def _best_from(scores: Any, said: Any) -> float:
    """The score from which on suggesting gives the best F1."""
    order = np.argsort(-scores)
    right = np.cumsum(said[order])
    f1 = 2 * right / (np.arange(1, len(order) + 1) + said.sum())
    best = int(f1.argmax())
    below = order[min(best + 1, len(order) - 1)]
    return float((scores[order[best]] + scores[below]) / 2)
