"""How what is missing becomes requests: pieces as a source cuts them, and looks at what is doubted in few of them."""

from collections.abc import Callable, Iterable, Sequence

from webapp.kernel.spans import Span, subtract, within

MOST_LOOKS = 5
"""So many requests of a job, at most, are spent on looking again; the rest is for the next collection."""
Cut = Callable[[Span], list[Span]]


def cut_chunks(holes: Sequence[Span], looks: Iterable[Span], cut: Cut, done: int = 0) -> list[Span]:
    """Return the chunks that fill holes, oldest first.

    Blank days are scattered: those that one request serves are asked for in one, with what lies between, and with what
    is missing anyway beside them.

    :param looks: the doubted spans whose next look is due.
    :param cut: cuts a span into chunks, as the source serves it.
    :param done: how many chunks the job has done already; they count as looks, so that these end.
    """
    doubted = [piece for hole in holes for piece in within(looks, hole)]
    fresh = subtract(holes, doubted)
    if not doubted:
        return [chunk for hole in fresh for chunk in cut(hole)]
    joined = join_pieces(sorted([(span, False) for span in fresh] + [(span, True) for span in doubted]), cut)
    allowed = max(0, MOST_LOOKS - done)
    chunks: list[Span] = []
    for span, is_look in joined:
        pieces = cut(span)
        if is_look:
            pieces, allowed = pieces[:allowed], max(0, allowed - len(pieces))
        chunks += pieces
    return chunks


def join_pieces(pieces: Sequence[tuple[Span, bool]], cut: Cut) -> list[tuple[Span, bool]]:
    """Return the pieces, looks joined with neighbours where one request serves both; true of those only looked at."""
    joined: list[tuple[Span, bool]] = []
    for span, is_look in pieces:
        if joined and (is_look or joined[-1][1]):
            both = Span(joined[-1][0].start, span.end)
            if cut(both) == [both]:
                joined[-1] = (both, is_look and joined[-1][1])
                continue
        joined.append((span, is_look))
    return joined
