"""The options of sources as people and programs give them, in values of any kind, turned into texts."""

from collections.abc import Iterable, Mapping
from math import isfinite

from webapp.errors import InvalidRequestError, Sentence, sentence
from webapp.kernel.request_fields import FieldKind, RequestField, describe_type, is_said, parse_flag, parse_text
from webapp.sources.choices import label
from webapp.sources.option_fields import OPTION_FIELDS, OPTIONS, SOURCE_OPTIONS

_OPTIONS_KIND = sentence("an object of names and values")
_LONGEST_OPTION = 64


def parse_options(source: str | None, options: object) -> dict[str, str]:
    """Return a source's options, given in values of any kind, as it takes them: see ``option_texts``.

    :raises InvalidRequestError: with the field ``options`` for what are no options, and as ``option_texts`` does.
    """
    if options is None:
        return {}
    if not isinstance(options, Mapping) or not all(isinstance(name, str) for name in options):
        message = sentence(
            "“%(field)s” takes %(kind)s; this is %(type)s.",
            field="options",
            kind=_OPTIONS_KIND,
            type=describe_type(options),
        )
        raise InvalidRequestError({"options": message})
    return option_texts(source, options)


def option_texts(source: str | None, options: Mapping[str, object]) -> dict[str, str]:
    """Return a source's options as it takes them: texts, ``true`` and ``false`` among them; None and "" are left out.

    :param source: None when nobody has said it: which source takes them is seen later.

    :raises InvalidRequestError: with the field ``options`` for one that the source has not, or not with this value.
    """
    values = {name: value for name, value in options.items() if is_said(value) and not _is_no_flag(name, value)}
    allowed = OPTIONS.get(source or "")
    unknown = [name for name in values if allowed is not None and name not in allowed]
    if source and allowed is not None and unknown:
        raise InvalidRequestError({"options": _no_such_option(source, _shown(unknown[0]), allowed)})
    texts = {name: _text(name, value) for name, value in values.items()}
    if source is None or allowed is None:
        return texts  # that there is no such source is for the plan to say
    for name, text in texts.items():
        option = SOURCE_OPTIONS[source].get(name)
        if option and option.field.kind is FieldKind.CHOICE and text not in option.field.values:
            raise InvalidRequestError({"options": _no_such_value(option.field, text)})
    return texts


def _is_no_flag(name: str, value: object) -> bool:
    """Tell whether a flag is said not to be set: that nothing is included is so anyway, also at other sources."""
    field = OPTION_FIELDS.get(name)
    return field is not None and field.kind is FieldKind.FLAG and (value is False or str(value) == "false")


def _text(name: str, value: object) -> str:
    """Return an option's value as a text.

    :raises InvalidRequestError: with the field ``options``, for what is no short text, number, true or false.
    """
    field = OPTION_FIELDS.get(name)
    try:
        if field and field.kind in (FieldKind.FLAG, FieldKind.SWITCH):
            return str(bool(parse_flag(field, value))).lower()
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int | float) and isfinite(value):
            return f"{value:.15g}"
        return parse_text(field or RequestField(_shown(name), longest=_LONGEST_OPTION), value) or ""
    except InvalidRequestError as err:
        raise InvalidRequestError({"options": err.message}) from err


def _shown(name: str) -> str:
    """Return a name that a sentence can show."""
    return (name if name.isprintable() else ascii(name)[1:-1])[:40]


def _no_such_value(field: RequestField, text: str) -> Sentence:
    return sentence(
        "“%(text)s” is not a value of “%(name)s”. Use one of: %(values)s.",
        text=text[: field.longest],
        name=field.name,
        values=", ".join(field.values),
    )


def _no_such_option(source: str, name: str, allowed: Iterable[str]) -> Sentence:
    names = ", ".join(allowed)
    if not names:
        return sentence("“%(name)s” is not an option of %(source)s, which has none.", name=name, source=label(source))
    return sentence(
        "“%(name)s” is not an option of %(source)s. It has: %(names)s.", name=name, source=label(source), names=names
    )
