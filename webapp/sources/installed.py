"""Sources that come as packages of their own: each names its manifest as an entry point of ``moisson.sources``.

What such a package does wrong takes nothing else down: its source is left out, with a sentence that says why.
"""

import importlib
import importlib.util
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from webapp.errors import Sentence, SettingsError, sentence
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.sources.manifest import Manifest

GROUP = "moisson.sources"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST_NAME = COLLECT_FIELDS["source"].longest
_RESERVED = frozenset({*COLLECT_FIELDS, "symbol", "wait", "format", "adjust", "zone", "output", "json", "options"})
"""What commands and bodies call their own fields: no option of a source may be called so."""
_LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class InstalledSource:
    """A source's manifest, and the package in which its module ``client`` stands."""

    manifest: Manifest
    package: str


def load_installed(
    present: Mapping[str, Manifest], points: Iterable[EntryPoint] | None = None
) -> tuple[dict[str, InstalledSource], tuple[Sentence, ...]]:
    """Return the sources of installed packages by their names, and a sentence for each that is left out.

    :param present: the sources that are there already; their names are taken, and what their options mean.
    :param points: the entry points to look at; those of the environment when not given.
    """
    loaded: dict[str, InstalledSource] = {}
    problems = []
    for point in sorted(entry_points(group=GROUP) if points is None else points, key=lambda point: point.name):
        others = {**present, **{name: source.manifest for name, source in loaded.items()}}
        try:
            source = _load(point, others)
        except SettingsError as err:
            problems.append(err.message)
        except (Exception, SystemExit) as err:  # noqa: BLE001 -- it is another's code, which may fail in any way
            problems.append(_failed(point, err))
        else:
            loaded[source.manifest.name] = source
    return loaded, tuple(problems)


def _load(point: EntryPoint, others: Mapping[str, Manifest]) -> InstalledSource:
    """Load a package's manifest; its client is only looked for.

    :raises SettingsError: when it is none, or cannot stand beside the others.
    """
    manifest = point.load()
    problem = (
        _find_name_problem(point, manifest, others) or _find_option_problem(point, manifest, others)
        if isinstance(manifest, Manifest)
        else _no_manifest(point)
    )
    if problem:
        raise SettingsError(problem)
    package = importlib.import_module(point.module).__package__ or ""
    if not package or importlib.util.find_spec(f"{package}.client") is None:
        raise SettingsError(_no_client(point))
    return InstalledSource(manifest, package)


def _find_name_problem(point: EntryPoint, manifest: Manifest, others: Mapping[str, Manifest]) -> Sentence | None:
    name = manifest.name
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        return sentence(
            "The source package %(package)s is left out: “%(name)s” cannot be a source's name, which has at most "
            "%(longest)d of a–z, 0–9 and _, a letter first. Update or remove the package.",
            package=_package(point),
            name=name[:_LONGEST_WORDS],
            longest=_LONGEST_NAME,
        )
    if name in others:
        return sentence(
            "The source package %(package)s is left out: there is a source “%(name)s” already. Remove one of the two.",
            package=_package(point),
            name=name,
        )
    return None


def _find_option_problem(point: EntryPoint, manifest: Manifest, others: Mapping[str, Manifest]) -> Sentence | None:
    """Return which option has a name that means something else: form, API and commands have one field for a name."""
    kinds = {option.field.name: option.field.kind for each in others.values() for option in each.options}
    for field in (option.field for option in manifest.options):
        if field.name in _RESERVED or kinds.get(field.name, field.kind) is not field.kind:
            return sentence(
                "The source package %(package)s is left out: its option “%(option)s” has a name that means something "
                "else already. Update or remove the package.",
                package=_package(point),
                option=field.name,
            )
    return None


def _failed(point: EntryPoint, error: BaseException) -> Sentence:
    return sentence(
        "The source package %(package)s is left out: it cannot be loaded (%(error)s: %(words)s). "
        "Update or remove the package.",
        package=_package(point),
        error=type(error).__name__,
        words=str(error)[:_LONGEST_WORDS],
    )


def _no_manifest(point: EntryPoint) -> Sentence:
    return sentence(
        "The source package %(package)s is left out: %(value)s is no manifest of a source. "
        "Update or remove the package.",
        package=_package(point),
        value=point.value,
    )


def _no_client(point: EntryPoint) -> Sentence:
    return sentence(
        "The source package %(package)s is left out: there is no module “client” beside %(module)s. "
        "Update or remove the package.",
        package=_package(point),
        module=point.module,
    )


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.module
