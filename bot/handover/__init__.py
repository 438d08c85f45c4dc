"""The rules of a hand-over to a person: when staff are there, who is asked, who may take it; pure, and told the time."""
