"""Mutants without the safeguards of restatement (see `webapp.restating.restatement`)."""

from tests.faults.mutant import Change, Mutant

_ASSESSMENT, _REBASING = "webapp/restating/rules_assessment.py", "webapp/restating/rebasing.py"
_LATE = "tests/restating/test_late_splits.py"
_TAKEN_BACK = "tests/restating/test_late_splits_taken_back.py"
_RESTATED, _CHANGED = "tests/restating/test_restatement.py", "tests/restating/test_changed_values.py"

RESTATEMENT = (
    Mutant(
        "restatement: one answer alone is believed",
        (
            Change(
                "webapp/restating/rules_basis.py",
                "(Basis.MOVED if len(proven) > 1 else Basis.UNCONFIRMED)",
                "Basis.MOVED",
            ),
        ),
        (
            f"{_RESTATED}::test_one_answer_alone_rewrites_nothing",
            f"{_RESTATED}::test_a_factor_that_nothing_confirms_rewrites_nothing",
        ),
    ),
    Mutant(
        "restatement: an answer that speaks for itself alone is not refused",
        (Change(_ASSESSMENT, "return Contradiction()", "return Accept(evidence.bars, is_proven=False)"),),
        (f"{_RESTATED}::test_one_answer_alone_rewrites_nothing",),
    ),
    Mutant(
        "restatement: an update does not overlap what is stored",
        (Change("webapp/collecting/plan.py", "ends - {span.end for span in done}", "set()"),),
        (
            f"{_RESTATED}::test_nothing_is_said_and_nothing_more_is_asked_while_nothing_changes",
            f"{_CHANGED}::test_other_prices_are_taken_and_kept_on_record_with_the_old_ones",
        ),
    ),
    Mutant(
        "restatement: bars far from all stored ones raise no doubt",
        (Change(_ASSESSMENT, "return not seams or any(", "return any("),),
        (f"{_RESTATED}::test_new_bars_far_from_the_stored_ones_are_not_moved_twice_although_no_hour_has_passed",),
    ),
    Mutant(
        "restatement: differences are not recorded",
        (Change(_REBASING, "    _keep_differences(context, changed)\n", "    del changed\n"),),
        (f"{_CHANGED}::test_other_prices_are_taken_and_kept_on_record_with_the_old_ones",),
    ),
    Mutant(
        "restatement: payouts stay on the old basis",
        (Change(_REBASING, "        _rebase_payouts(context, part, decision, taken_back)\n", ""),),
        (f"{_CHANGED}::test_payouts_told_before_the_split_are_divided_once",),
    ),
    Mutant(
        "restatement: payouts that came on the new basis are divided again",
        (
            Change(
                _REBASING,
                "is_elsewhere or (action.kind, action.time) in delivered",
                "is_elsewhere",
            ),
        ),
        (f"{_RESTATED}::test_a_payout_that_comes_again_on_the_new_basis_is_taken_as_it_comes",),
    ),
    Mutant(
        "restatement: bars before a split that is waited for are not asked for again",
        (Change("webapp/collecting/fetch.py", "    if step.chunks_left:\n", "    if True:\n"),),
        (f"{_LATE}::test_a_history_that_moves_late_is_followed_however_long_it_takes",),
    ),
    Mutant(
        "restatement: a history that leaps by a split is not waited for",
        (
            Change(
                "webapp/restating/rules_seams.py",
                "return abs(size) >= LEAST_VISIBLE and abs(move - size) <= abs(size) / 3",
                "return False",
            ),
        ),
        (f"{_LATE}::test_a_first_collection_of_a_late_source_waits_too",),
    ),
    Mutant(
        "restatement: a split that is waited for counts as never having been",
        (
            Change(
                "webapp/restating/waiting.py",
                "unmoved - waiting and not _find_leaping_seam(connection, row, split, is_unmoved=True)",
                "unmoved",
            ),
        ),
        (f"{_TAKEN_BACK}::test_prices_that_wait_contradict_no_split_whose_day_is_silent_once",),
    ),
    Mutant(
        "restatement: a split that was withdrawn is waited for all the same",
        (Change("webapp/restating/action_lists.py", "    close_ended_waits(context)\n", ""),),
        (f"{_TAKEN_BACK}::test_it_waits_for_two_weeks_and_withdraws_the_split_once_two_days_are_silent",),
    ),
)
