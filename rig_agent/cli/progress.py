"""How long work shows that it goes on: a bar at a terminal, nothing elsewhere."""
from __future__ import absolute_import, unicode_literals

import sys
from contextlib import contextmanager

import click

FEW = 10  # so many are done before anybody wonders


def bar(context, label):
    """A function that wraps a list so that going through it shows a bar; the list itself where nobody would see it."""
    def wrap(items):
        return _shown(items, label) if len(items) > FEW and is_seen(context) else items
    return wrap


def _shown(items, label):
    with click.progressbar(items, label=label) as shown:
        for item in shown:
            yield item


@contextmanager
def counting_bar(context, length, label):
    """A function that moves a bar on by so many of `length`, such as bytes, or does nothing where none is of use."""
    if not is_seen(context) or length < 2:
        yield lambda count: None
        return
    with click.progressbar(length=length, label=label) as shown:
        yield shown.update


def is_seen(context):
    """Whether somebody would see a bar: at a terminal, and asked for neither JSON nor silence."""
    return sys.stdout.isatty() and not context.json and context.verbosity >= 0


def show_at_once():
    """Hand what was printed to whoever reads it, before a long wait."""
    sys.stdout.flush()
