"""The conversation as a value and the turn as a function; knows no channel, no database and no clock."""
