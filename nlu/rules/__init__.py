"""Understanding without a model: pure functions, each under a millisecond."""
