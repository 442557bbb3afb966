"""`doctor`: is this rig ready, and for that stage? What is wrong comes with the way to solve it."""
from __future__ import absolute_import, unicode_literals

import os

import click

from rig_agent.base.compat import folder_of
from rig_agent.cli.context import common_options, pass_context

COLOURS = {'ok': 'green', 'warning': 'yellow', 'failed': 'red', 'skipped': None}


@click.command()
@click.argument('stage', required=False)
@click.option('--environment', 'environment_file', metavar='FILE', type=click.Path(exists=True, dir_okay=False),
              help='The conda-env.yml to compare with; default: beside the regimen, here, or where the package lies.')
@common_options
@pass_context
def doctor(context, stage, environment_file):
    """Look at all that a rig needs; with STAGE also at what that one needs. Exit 1 when something failed.

    \b
    rig-agent doctor
    rig-agent doctor STAGE_1
    rig-agent --json doctor > doctor.json
    """
    from rig_agent.rig import checks
    shown = set()
    results = checks.run_all(_checks(context, stage, environment_file),
                             None if context.json else lambda result: _show(context, result, shown))
    found = [sum(result.status == status for result in results) for status in ('failed', 'warning')]
    summary = 'Nothing stands in the way%s.' % (': %d to look at' % found[1] if found[1] else '') if not found[0] else \
        '%d failed, %d to look at.' % tuple(found)
    context.result({'ready': not found[0], 'checks': [result.as_json() for result in results]}, summary)
    return 1 if found[0] else 0


def _checks(context, name, environment_file):
    from rig_agent.reports import readiness
    configuration = context.configuration
    stage, planned, assets = None, (), ()
    if name is not None:
        from rig_agent.cli import launch
        from rig_agent.regimens.model import asset_paths
        opened = launch.open_regimen(context)
        stage = launch.choose_stage(context, opened.regimen, name)
        planned = launch.plan_scripts(launch.make_resolver(context, opened), stage)
        assets = asset_paths(stage.parameters)
    return readiness.doctor_checks(configuration, context.offline, environment_file or _environment_file(context),
                                   stage, planned, assets)


def _environment_file(context):
    package = os.path.dirname(os.path.dirname(folder_of(__file__)))
    for folder in (context.regimen_folder() or '.', '.', package):
        path = os.path.join(folder, 'conda-env.yml')
        if os.path.isfile(path):
            return path
    return None


def _show(context, result, shown):
    """One result in one line; what to do in a second one, once for all that it solves."""
    context.say('%-8s %-18s %s' % (result.status, result.name, result.message), fg=COLOURS[result.status])
    if result.solution and result.status != 'ok':
        context.say('%-27s to do: %s' % ('', 'the same' if result.solution in shown else result.solution))
        shown.add(result.solution)
