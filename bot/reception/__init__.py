"""Between residents and the staff who answer them: carries out the rules of a hand-over, inside the turn's transaction."""
