"""What may be told of many answers together; pure, and knows no more than numbers and names of choices."""
