"""Settings, wiring and the command line: the only place that knows everyone."""
