"""What a person must type before series are deleted."""


def deletion_phrase(symbols: list[str]) -> str:
    """Return what is to be typed: the symbol of one series, or how many they are."""
    return symbols[0] if len(symbols) == 1 else str(len(symbols))


def is_confirmed(typed: str, phrase: str) -> bool:
    """Tell whether what was typed is the phrase; capitals and spaces around it do not matter."""
    return typed.strip().upper() == phrase.upper()
