"""`explain`: the resolved plan of a stage; none of its scripts is fetched, nothing runs."""
from __future__ import absolute_import, unicode_literals

import json

import click

from rig_agent.base.masking import mask_value
from rig_agent.base.units import format_duration
from rig_agent.cli import launch, opening
from rig_agent.cli.context import common_options, pass_context
from rig_agent.sessions import limits


@click.command()
@click.argument('stage', required=False)
@click.option('--strict', is_flag=True, help='Refuse moving URLs and scripts whose md5 nobody asserts.')
@click.option('--against', metavar='REGIMEN',
              help='Also show where the stage of this name differs there; exit 1 if so.')
@common_options
@pass_context
def explain(context, stage, strict, against):
    """Show what a run of STAGE would use; none of its scripts is fetched and nothing runs.

    \b
    rig-agent explain STAGE_1
    rig-agent --json --regimen git:VisualBehavior_Task1A_v1.0.3 explain TRAINING_1_gratings
    rig-agent explain --regimen mtrain:612345 --against regimen.yml
    """
    opened = launch.open_regimen(context)
    stage = launch.choose_stage(context, opened.regimen, stage)
    scripts = launch.plan_scripts(launch.make_resolver(context, opened, strict), stage)
    plan = {'regimen': opened.as_json(stage), 'stage': stage.name, 'parameters': stage.parameters,
            'scripts': [script.as_json() for script in scripts],
            'limits': limits.resolve({}, stage.parameters, context.configuration),
            'python': context.configuration['python'], 'cache': context.configuration['cache']}
    found = _differences(context, stage, against) if against else []
    if against:
        plan['differences'] = [{'key': key, 'here': here, 'there': there} for key, here, there in found]
    context.result(plan, '\n'.join(list(_lines(plan, stage)) + _compared(found, opened, against)))
    refused = [script.exit_code for script in scripts if script.exit_code]
    return refused[0] if refused else 1 if found else 0


def _differences(context, stage, against):
    """[(key, value here, value there)] to the stage of the same name in another regimen; an absent value is a word."""
    from rig_agent.mtrain.regimen import stage_differences
    _, regimen = opening.open_regimen(context, against)
    found = stage_differences(stage, regimen.stage(stage.name))
    return [(key, _word(here), _word(there)) for key, here, there in found]


def _word(value):
    from rig_agent.mtrain.regimen import ABSENT
    return '(absent)' if value is ABSENT else mask_value(value)


def _compared(found, opened, against):
    if not against:
        return []
    if not found:
        return ['the same    in %s' % against]
    lines = ['%d differ%s from %s' % (len(found), '' if len(found) == 1 else 's', against)]
    for key, here, there in found:
        lines += ['  %s' % key, '    %s  in %s' % (json.dumps(here), opened.source.name_given),
                  '    %s  in %s' % (json.dumps(there), against)]
    return lines


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
