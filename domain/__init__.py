"""The words of the product: frozen records and enums that every other part speaks in; no I/O, no logic of its own."""
