"""How long work shows that it goes on: a bar at a terminal, nothing elsewhere."""
from __future__ import absolute_import, unicode_literals

import sys

import click

FEW = 10  # so many are done before anybody wonders


def bar(context, label):
    """A function that wraps a list so that going through it shows a bar; the list itself where nobody would see it."""
    def wrap(items):
        seen = sys.stdout.isatty() and not context.json and context.verbosity >= 0
        return _shown(items, label) if seen and len(items) > FEW else items
    return wrap


def _shown(items, label):
    with click.progressbar(items, label=label) as shown:
        for item in shown:
            yield item


def show_at_once():
    """Hand what was printed to whoever reads it, before a long wait."""
    sys.stdout.flush()
