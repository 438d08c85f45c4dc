"""Every sentence the bot says itself, by key, in each shipped language."""
