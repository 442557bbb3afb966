"""`explain`: the resolved plan of a stage; nothing is contacted, nothing runs."""
from __future__ import absolute_import, unicode_literals

import click

from rig_agent.base.units import format_duration
from rig_agent.cli import launch
from rig_agent.cli.context import common_options, pass_context
from rig_agent.sessions import limits


@click.command()
@click.argument('stage', required=False)
@click.option('--strict', is_flag=True, help='Refuse moving URLs and scripts whose md5 nobody asserts.')
@common_options
@pass_context
def explain(context, stage, strict):
    """Show what a run of STAGE would use; nothing is contacted and nothing runs.

    \b
    rig-agent explain STAGE_1
    rig-agent --json --regimen git:VisualBehavior_Task1A_v1.0.3 explain TRAINING_1_gratings
    """
    opened = launch.open_regimen(context)
    stage = launch.choose_stage(context, opened.regimen, stage)
    scripts = launch.plan_scripts(launch.make_resolver(context, opened, strict), stage)
    plan = {'regimen': opened.as_json(stage), 'stage': stage.name, 'parameters': stage.parameters,
            'scripts': [script.as_json() for script in scripts], 'limits': limits.resolve({}, stage.parameters, context.configuration),
            'python': launch.absolute_python(context.configuration), 'cache': context.configuration['cache']}
    context.result(plan, '\n'.join(_lines(plan, stage)))
    refused = [script.exit_code for script in scripts if script.exit_code]
    return refused[0] if refused else 0


def _lines(plan, stage):
    regimen = plan['regimen']
    yield 'regimen     %s' % (regimen['name'] or '(no name)')
    yield '  from      %s' % regimen['source'] + (' at commit %s' % regimen['commit'] if regimen['commit'] else '')
    yield 'stage       %s' % plan['stage']
    for script in plan['scripts']:
        yield '%-11s %s' % (script['role'], script['name'] or script['reference'])
        yield '  kind      %s' % script['kind']
        yield '  md5       %s' % (script['expected_md5'] or 'not asserted')
        yield '  state     %s' % script['state'] + (': %s' % script['reason'] if script.get('reason') else '')
        for note in script.get('notes') or ():
            yield '  note      %s' % note
    yield 'parameters  %d' % len(plan['parameters'])
    for name in sorted(plan['limits']):
        limit = plan['limits'][name]
        if limit['value'] is not None and name in ('total', 'silence', 'startup', 'grace'):
            yield 'limit       %-8s %s (%s)' % (name, format_duration(limit['value']), limit['origin'])
    yield 'python      %s' % plan['python']
    yield 'cache       %s' % plan['cache']
