"""The web channel: Rasa's REST protocol for programs and a chat page for people; no rules of its own."""
