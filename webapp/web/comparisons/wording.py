"""What a comparison of two series says, in the reader's language."""

from dataclasses import dataclass

from babel import Locale
from babel.numbers import format_percent
from flask_babel import get_locale, gettext, ngettext

from webapp.reviewing.comparisons import Behind, Compared
from webapp.reviewing.rules_comparisons import Factor, SeriesComparison
from webapp.series.queries_alike_series import AlikeSeries
from webapp.series.queries_series import SeriesRow
from webapp.sources import choices
from webapp.web.formats import day, number, price

_DIGITS = 4
_MOST_PLAIN = 2
_LARGE = 0.01
"""From this part on, hundredths of a percent tell enough."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the two series are called beside each other."""

    first: str
    second: str

    def of(self, *, is_second: bool) -> str:
        """Return the name of one of them."""
        return self.second if is_second else self.first


def names(first: SeriesRow | AlikeSeries, second: SeriesRow | AlikeSeries) -> Names:
    """Return the sources' names, with symbols where those alone do not tell what is compared."""
    if first.source != second.source and first.symbol == second.symbol:
        return Names(choices.label(first.source), choices.label(second.source))
    return Names(*(f"{series.symbol} ({choices.label(series.source)})" for series in (first, second)))


def share(value: float) -> str:
    """Write a part of one as percents, with the digits that it needs: 0.001 as “0.1%”."""
    return str(format_percent(round(value, 6), locale=get_locale() or "en", decimal_quantization=False))


def difference(value: float) -> str:
    """Write how far two closes are apart as percents: a small part with the digits it needs, a large one with two."""
    if abs(value) < _LARGE:
        return share(value)
    locale = Locale.parse(get_locale() or "en")
    pattern = locale.percent_formats[None].pattern.replace("#,##0", "#,##0.00")
    return str(format_percent(value, format=pattern, locale=locale))


def factor_text(value: float) -> str:
    """Write a ratio with four digits after the point at most."""
    return price(round(value, _DIGITS))


def summary(compared: Compared) -> list[str]:
    """Return what is to be said, the most important first."""
    comparison, labels = compared.result, names(compared.first, compared.second)
    if comparison.start is None or comparison.end is None:
        return [gettext("The two series have no time in common.")]
    common = ngettext(
        "%(count)s day from %(start)s to %(end)s is in both series.",
        "%(count)s days from %(start)s to %(end)s are in both series.",
        comparison.both,
        count=number(comparison.both),
        start=day(comparison.start),
        end=day(comparison.end),
    )
    stretches = _stretches(compared, labels)
    return [
        common,
        *_closes(comparison, compared.tolerance),
        *stretches,
        *_missing(comparison, labels),
        *_volumes(comparison, labels),
    ]


def basis(compared: Compared) -> str:
    """Say what the prices of both are adjusted for, as far as it is known."""
    imported = [choices.is_imported(row.source) for row in (compared.first, compared.second)]
    if all(imported):
        text = gettext("What the files’ prices were adjusted for is not known.")
    elif any(imported):
        text = gettext(
            "One is on today’s basis of splits, dividends left in; what the file’s prices were adjusted for is not "
            "known."
        )
    else:
        text = gettext("Both on today’s basis of splits, dividends left in.")
    return str(text)


def _stretches(compared: Compared, labels: Names) -> list[str]:
    """Say each factor that a split explains and a few others, and how many more there are."""
    pairs = list(zip(compared.result.factors, compared.behind, strict=True))
    plain = [factor for factor, behind in pairs if behind is None]
    rest = plain[_MOST_PLAIN:]
    lines = [line for factor, behind in pairs if factor not in rest for line in _stretch(factor, behind, labels)]
    if rest:
        lines.append(
            ngettext(
                "So it is, by another factor, over %(count)s more stretch. Many small steps are what dividends look "
                "like that only one of them takes out.",
                "So it is, by other factors, over %(count)s more stretches. Many small steps are what dividends look "
                "like that only one of them takes out.",
                len(rest),
                count=number(len(rest)),
            )
        )
    return lines


def _closes(comparison: SeriesComparison, tolerance: float) -> list[str]:
    percents = share(tolerance)
    agreeing = ngettext(
        "On %(count)s day the closes agree within %(tolerance)s.",
        "On %(count)s days the closes agree within %(tolerance)s.",
        comparison.agreeing,
        count=number(comparison.agreeing),
        tolerance=percents,
    )
    never = gettext("On no day do the closes agree within %(tolerance)s.", tolerance=percents)
    lines = [agreeing if comparison.agreeing else never]
    if comparison.disagreements:
        lines.append(
            ngettext(
                "On %(count)s day they differ by more than that.",
                "On %(count)s days they differ by more than that.",
                len(comparison.disagreements),
                count=number(len(comparison.disagreements)),
            )
        )
    if comparison.unpriced:
        lines.append(
            ngettext(
                "On %(count)s day a close is zero or negative, so it has no ratio.",
                "On %(count)s days a close is zero or negative, so they have no ratio.",
                comparison.unpriced,
                count=number(comparison.unpriced),
            )
        )
    return lines


def _stretch(factor: Factor, behind: Behind | None, labels: Names) -> list[str]:
    is_second_dear = factor.ratio > 1
    times = max(factor.ratio, 1 / factor.ratio)
    text = ngettext(
        "%(when)s: the closes of %(dear)s are %(times)s times those of %(cheap)s (%(count)s day).",
        "%(when)s: the closes of %(dear)s are %(times)s times those of %(cheap)s (%(count)s days).",
        factor.days,
        when=_when(factor),
        dear=labels.of(is_second=is_second_dear),
        cheap=labels.of(is_second=not is_second_dear),
        times=factor_text(times),
        count=number(factor.days),
    )
    return [text, _reason(factor, behind, labels, times)]


def _when(factor: Factor) -> str:
    if factor.is_from_start and factor.after is None:
        text = gettext("On all common days")
    elif factor.is_from_start:
        text = gettext("Until %(day)s", day=day(factor.last))
    elif factor.after is None:
        text = gettext("Since %(day)s", day=day(factor.first))
    else:
        text = gettext("From %(first)s to %(last)s", first=day(factor.first), last=day(factor.last))
    return str(text)


def _reason(factor: Factor, behind: Behind | None, labels: Names, times: float) -> str:
    if behind is None:
        text = gettext(
            "No split explains this factor. A dividend that only one of them takes out may, or another unit or share "
            "class."
        )
    elif behind.split:
        text = gettext(
            "%(who)s has not applied the split of %(day)s (%(new)s for 1).",
            who=labels.of(is_second=behind.is_second),
            day=day(behind.split.time),
            new=factor_text(behind.split.value),
        )
    elif factor.after is None:
        text = gettext(
            "It looks as if %(who)s had not applied a split of %(new)s for 1, or gave prices in another unit.",
            who=labels.of(is_second=behind.is_second),
            new=factor_text(times),
        )
    else:
        text = gettext(
            "It looks as if %(who)s had not applied a split of %(new)s for 1 that holds since %(day)s.",
            who=labels.of(is_second=behind.is_second),
            new=factor_text(times),
            day=day(factor.after),
        )
    return str(text)


def _missing(comparison: SeriesComparison, labels: Names) -> list[str]:
    inside = ((len(comparison.only_first), labels.first), (len(comparison.only_second), labels.second))
    beside = ((comparison.outside_first, labels.first), (comparison.outside_second, labels.second))
    lines = [
        ngettext(
            "%(count)s day of the shared time is only in %(name)s.",
            "%(count)s days of the shared time are only in %(name)s.",
            days,
            count=number(days),
            name=name,
        )
        for days, name in inside
        if days
    ]
    lines += [
        ngettext(
            "%(name)s has %(count)s more day before or after that time.",
            "%(name)s has %(count)s more days before or after that time.",
            days,
            count=number(days),
            name=name,
        )
        for days, name in beside
        if days
    ]
    return lines


def _volumes(comparison: SeriesComparison, labels: Names) -> list[str]:
    if comparison.volumes is None:
        return []
    middle, low, high = (
        factor_text(ratio) for ratio in (comparison.volumes.median, comparison.volumes.low, comparison.volumes.high)
    )
    both = {"first": labels.first, "second": labels.second, "ratio": middle}
    if low == high == factor_text(1):
        return [gettext("The volumes are the same.")]
    if low == high:
        return [gettext("The volumes of %(second)s are %(ratio)s times those of %(first)s.", **both)]
    text = gettext(
        "The volumes of %(second)s are %(ratio)s times those of %(first)s in the median, and between %(low)s and "
        "%(high)s times on eight days in ten.",
        **both,
        low=low,
        high=high,
    )
    return [text]
