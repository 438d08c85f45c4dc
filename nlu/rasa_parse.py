"""The value that a call to the model gives; its words are the domain's, and so is its type."""

from domain.understanding import ModelParse

__all__ = ["ModelParse"]
