"""`harness acceptance`: is this machine fit for animals? Every promise that a machine can break, tried on it."""
from __future__ import absolute_import, unicode_literals

import os

import click

from rig_agent.base.errors import UsageError
from rig_agent.cli.context import common_options, pass_context
from rig_agent.harness import acceptance as accepting


@click.command()
@click.option('--report', metavar='FILE', default='acceptance.html', help='The page; default: acceptance.html here.')
@click.option('--checklist', is_flag=True, help='Print what would be tried, and what must be seen; try nothing.')
@common_options
@pass_context
def acceptance(context, report, checklist):
    """Try on this machine what a session needs of it, and write a page of what was seen; takes a few minutes.

    Run it on a rig before the first animal, and after a change of Windows, Python or the antivirus. Nothing of the rig
    is used but its interpreter and its network. Exit code 1: a step failed.

    \b
    rig-agent harness acceptance
    rig-agent harness acceptance --report C:/acceptance/BEH.B-Box4.html
    """
    if checklist:
        context.result({'steps': [{'title': step.title, 'command': step.command, 'must': step.must}
                                  for step in accepting.STEPS]}, accepting.checklist().rstrip())
        return 0
    path = os.path.abspath(report)
    try:
        results = accepting.accept(context.configuration, path, context.say)
    except EnvironmentError as error:
        raise UsageError('The acceptance cannot be written', where=path, found='%s' % error,
                         advice='Name another file with --report.')
    failed = [result['title'] for result in results if result['result'] == accepting.FAILED]
    context.result({'report': path, 'results': results}, 'the page is %s\n%s' % (
        path, 'NOT fit: %s' % '; '.join(failed) if failed else 'This machine is fit.'))
    return 1 if failed else 0
