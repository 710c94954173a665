"""Tests of many small cases."""

import inspect
from collections.abc import Iterable, Sequence

import pytest


def each(names: str | tuple[str, ...], cases: Iterable):
    """Like `pytest.mark.parametrize`, but all cases are one test, which lists those that fail.

    A test of its own costs more than most cases do. Fixtures are shared by all cases.
    """
    keys: Sequence[str] = (names,) if isinstance(names, str) else names
    every = [(case,) if isinstance(names, str) else tuple(case) for case in cases]
    assert every, "no cases"

    def over_all_cases(test):
        def all_cases(**fixtures):
            failed = []
            for case in every:
                try:
                    test(**fixtures, **dict(zip(keys, case, strict=True)))
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - raised below
                    error.add_note(f"case: {', '.join(map(repr, case))}")
                    failed.append(error)
            if failed:
                raise BaseExceptionGroup(f"{len(failed)} of {len(every)} cases", failed)

        signature = inspect.signature(test)
        left = [one for name, one in signature.parameters.items() if name not in keys]
        all_cases.__signature__ = signature.replace(parameters=left)  # what pytest gives fixtures
        all_cases.__name__, all_cases.__doc__ = test.__name__, test.__doc__
        all_cases.__module__ = test.__module__
        return all_cases

    return over_all_cases
