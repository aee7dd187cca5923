"""Where bars come from: one folder a source, behind the protocols of ``base``."""
