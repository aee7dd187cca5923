"""How answers are given, whatever they say."""
