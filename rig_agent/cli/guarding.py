"""Before a mouse goes into a stage: what should make a person hesitate is asked at a terminal, refused without one."""
from __future__ import absolute_import, unicode_literals

import sys

import click

from rig_agent.base.compat import is_terminal
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
    answers = _answers(context, found, accepted)
    return [{'name': guard.name, 'status': 'warning', 'message': guard.message, 'solution': guard.advice,
             'answer': answers[guard.name]} for guard in found]


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


def _answers(context, found, accepted):
    """name -> how each guard was accepted. Raises Refused, without a terminal for all that are not accepted at once."""
    answers = {guard.name: 'accepted by --accept' for guard in found if guard.name in accepted}
    for guard in found:
        if guard.name in answers:
            context.warn(guard.message)
    open_ones = [guard for guard in found if guard.name not in answers]
    if open_ones and (context.json or not is_terminal(sys.stdin)):
        raise Refused('; '.join(guard.message for guard in open_ones), found='%s: %s' % (
            'this guard warns' if len(open_ones) == 1 else 'these guards warn',
            ', '.join(guard.name for guard in open_ones)),
            advice='%s To go on all the same: %s' % (' '.join(guard.advice for guard in open_ones), ' '.join(
                '--accept %s' % guard.name for guard in open_ones)))
    for guard in open_ones:
        context.warn('%s. %s' % (guard.message, guard.advice))
        if not click.confirm('Go on all the same?', err=True):
            raise Refused('Nothing was run: the answer was no', found='the guard `%s` warned' % guard.name,
                          advice='To go on without being asked: --accept %s' % guard.name)
        answers[guard.name] = 'accepted at the terminal'
    return answers
