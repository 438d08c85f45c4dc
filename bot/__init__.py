"""Where residents talk: the dialogue, the forms, the channels and the one turn that joins them."""
