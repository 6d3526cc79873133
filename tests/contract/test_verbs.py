"""Every verb of the command line says what it does, with examples that a person can copy."""

import argparse

import pytest

from tradesim.cli.grammar import parser


def verbs() -> dict[str, argparse.ArgumentParser]:
    [found] = [each for each in parser()._actions if isinstance(each, argparse._SubParsersAction)]
    return found.choices


@pytest.mark.parametrize("name", verbs())
def test_a_verb_shows_examples_of_itself(name: str) -> None:
    told = verbs()[name].format_help()
    assert f"tradesim {name}" in told[told.index("\nexample") :]
