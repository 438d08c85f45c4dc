"""From XLSForm to questionnaire: loading, relevance, constraints, calculations and scores; no conversation."""
