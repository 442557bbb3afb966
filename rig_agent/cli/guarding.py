"""Before a mouse goes into a stage: what should make a person hesitate is asked at a terminal, refused without one."""
from __future__ import absolute_import, unicode_literals

import sys

import click

from rig_agent.base.errors import Refused, UsageError
from rig_agent.base.nearest import did_you_mean


def ask(context, opened, stage, mouse, accepted):
    """Every guard that warns, with its answer, for the record's checks: {name, status, message, solution, answer}.

    accepted: names from `--accept`. Raises UsageError for a name that is no guard's, Refused when a guard warns and
    nobody accepts it.
    """
    from rig_agent.sessions import guards, listing
    _check_names(accepted, guards.NAMES)
    if mouse is None:
        return []
    configuration = context.configuration
    found = guards.check(configuration, mouse, opened.regimen, stage, _client(context, opened),
                         listing.list_sessions(configuration, mouse=mouse))
    return [{'name': guard.name, 'status': 'warning', 'message': guard.message, 'solution': guard.advice,
             'answer': _answer(context, guard, accepted)} for guard in found]


def _check_names(accepted, names):
    for name in accepted:
        if name not in names:
            raise UsageError('There is no guard `%s`' % name, expected=', '.join(names),
                             advice=did_you_mean(name, names, shown='`--accept %s`'))


def _client(context, opened):
    """A client of mtrain where the lab has one: the regimen came from it, or its address is configured."""
    if context.offline:
        return None
    if opened.source.kind != 'mtrain' and context.configuration.origins['mtrain.url'] == 'default':
        return None
    from rig_agent.mtrain.client import open_client
    return open_client(context.configuration, context.offline)


def _answer(context, guard, accepted):
    if guard.name in accepted:
        context.warn(guard.message)
        return 'accepted by --accept'
    if sys.stdin.isatty() and not context.json:
        context.warn('%s. %s' % (guard.message, guard.advice))
        if click.confirm('Go on all the same?', err=True):
            return 'accepted at the terminal'
    raise Refused(guard.message, found='the guard `%s` warns' % guard.name,
                  advice='%s To go on all the same: --accept %s.' % (guard.advice, guard.name))
