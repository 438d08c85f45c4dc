"""Tables as files, in six formats; which rows there are is decided elsewhere."""
