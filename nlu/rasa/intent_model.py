"""Tells intents apart: logistic regression over weighted words and pieces of words, beside what the sentence means in
numbers. Plain scikit-learn; runs inside Rasa's own Python 3.10."""

from __future__ import annotations

from typing import Any, Sequence, Text

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression


class IntentModel:
    """Fit once; then `probabilities` for texts. `meaning` has one row of numbers a text, or is None."""

    def __init__(self, strength: float = 10.0, min_df: int = 2) -> None:
        self._counted = [
            TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", min_df=min_df, sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=min_df, sublinear_tf=True),
        ]
        self._judge = LogisticRegression(C=strength, solver="liblinear", random_state=7)

    def fit(self, texts: Sequence[Text], intents: Sequence[Text], meaning: Any) -> IntentModel:
        lower = [text.lower() for text in texts]
        for each in self._counted:
            each.fit(lower)
        self._judge.fit(self._features(lower, meaning), list(intents))
        return self

    @property
    def intents(self) -> Sequence[Text]:
        return [str(name) for name in self._judge.classes_]

    def probabilities(self, texts: Sequence[Text], meaning: Any) -> Any:
        """A row for each text, a column for each of `intents`."""
        return self._judge.predict_proba(self._features([text.lower() for text in texts], meaning))

    def _features(self, texts: Sequence[Text], meaning: Any) -> Any:
        parts = [each.transform(texts) for each in self._counted]
        if meaning is not None:
            parts.append(sparse.csr_matrix(np.asarray(meaning)))
        return sparse.hstack(parts).tocsr()
