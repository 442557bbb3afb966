"""`harness acceptance`: is this machine fit for animals? Every promise that a machine can break, tried on it."""
from __future__ import absolute_import, unicode_literals

import os

import click

from rig_agent.base.errors import Refused
from rig_agent.cli.context import common_options, pass_context, writing
from rig_agent.harness import acceptance as accepting
from rig_agent.sessions import admission, shim


@click.command()
@click.option('--report', metavar='FILE', default='acceptance.html', help='The page; default: acceptance.html here.')
@click.option('--checklist', is_flag=True, help='Print what would be tried, and what must be seen; try nothing.')
@common_options
@pass_context
def acceptance(context, report, checklist):
    """Try on this machine what a session needs of it, and write a page of what was seen; takes a few minutes.

    Run it on a rig before the first animal, and after a change of Windows, Python or the antivirus. Nothing of the rig
    is used but its interpreter and its network. Exit code 1: a step failed; 4: a session runs on this rig.

    \b
    rig-agent harness acceptance
    rig-agent harness acceptance --report C:/acceptance/BEH.B-Box4.html
    """
    if checklist:
        context.result({'steps': [{'title': step.title, 'command': step.command, 'must': step.must}
                                  for step in accepting.STEPS]}, accepting.checklist().rstrip())
        return 0
    path, home = os.path.abspath(report), context.configuration['home']
    if shim.is_locked(os.path.join(home, admission.RIG_LOCK)):
        raise Refused('A session runs on this rig', where=home,
                      advice='Wait for its end: what is tried here would take the processor from it.')
    with writing('The acceptance', path):
        results = accepting.accept(context.configuration, path, context.say)
    context.result({'report': path, 'results': results}, 'the page is %s\n%s' % (path, _verdict(results)))
    return 1 if _titles(results, accepting.FAILED) else 0


def _verdict(results):
    failed, skipped = _titles(results, accepting.FAILED), _titles(results, accepting.SKIPPED)
    if failed:
        return 'NOT fit: %s' % '; '.join(failed)
    return 'This machine is fit, as far as it was tried; not tried: %s' % '; '.join(skipped) if skipped else \
        'This machine is fit.'


def _titles(results, word):
    return [result['title'] for result in results if result['result'] == word]
