"""The options of the sources, put together from their manifests for form, API and command line."""

from collections.abc import Iterable, Mapping

from webapp.kernel.request_fields import FieldKind, by_name
from webapp.sources.manifest import Option
from webapp.sources.registry import MANIFESTS

SOURCE_OPTIONS: Mapping[str, Mapping[str, Option]] = {
    name: {option.field.name: option for option in manifest.options} for name, manifest in MANIFESTS.items()
}
"""The options of each source, by their names."""
OPTIONS: Mapping[str, tuple[str, ...]] = {name: tuple(options) for name, options in SOURCE_OPTIONS.items()}
"""The names of the options that each source takes."""
OPTION_FIELDS = by_name(option.field for options in SOURCE_OPTIONS.values() for option in options.values())
STORED_OPTIONS = frozenset(
    name for options in SOURCE_OPTIONS.values() for name, option in options.items() if option.is_stored
)
"""The names of those that tell one stored series from another."""


def described() -> str:
    """Return which options each source takes, in words for programmers."""
    return " ".join(f"{source}: {_listed(names)}." for source, names in OPTIONS.items() if names)


def examples() -> list[dict[str, str | bool]]:
    """Return an example of the options of each source that has any."""
    shown: list[dict[str, str | bool]] = [
        {name: value for name in names if (value := _example(name))} for names in OPTIONS.values()
    ]
    return [options for options in shown if options]


def _example(name: str) -> str | bool | None:
    field = OPTION_FIELDS[name]
    return True if field.kind is FieldKind.FLAG else next(iter(field.examples), None)


def _listed(names: Iterable[str]) -> str:
    notes = {name: OPTION_FIELDS[name].note for name in names}
    return ", ".join(f"{name} ({note})" if note else name for name, note in notes.items())
