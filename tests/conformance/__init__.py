"""Our form logic beside ODK's own engine, over forms nobody here wrote. See docs/conformance.md."""
