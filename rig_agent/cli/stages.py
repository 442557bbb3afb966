"""`rig-agent stages` and `rig-agent show`: what a regimen holds."""
from __future__ import absolute_import, unicode_literals

import click

from rig_agent.base.compat import json_text
from rig_agent.base.errors import WrongBytes
from rig_agent.base.masking import mask
from rig_agent.cli.context import common_options, pass_context
from rig_agent.cli.opening import open_regimen, report_problems
from rig_agent.regimens.references import classify, expected_md5


@click.command()
@common_options
@pass_context
def stages(context):
    """List the stages of a regimen with their scripts.

    \b
    Example:  rig-agent stages --regimen git:VisualBehavior_Task1A_v1.0.3
    """
    source, regimen = open_regimen(context)
    rows = [_row(stage) for stage in regimen.stages.values()]
    context.result({'regimen': regimen.name, 'source': source.kind, 'location': source.location,
                    'commit': source.commit, 'sha256': source.sha256, 'stages': rows}, _table(regimen, rows))
    return report_problems(context, regimen)


@click.command()
@click.argument('stage', required=False)
@common_options
@pass_context
def show(context, stage):
    """Print a regimen, or one of its stages, as JSON.

    \b
    Example:  rig-agent show TRAINING_1_gratings
    """
    _, regimen = open_regimen(context)
    if stage is None:
        document = regimen.document
        context.result(document, json_text(document).rstrip('\n'))
        return report_problems(context, regimen)
    document = regimen.stage(stage).document
    context.result(document, json_text(document).rstrip('\n'))
    return 0


def _row(stage):
    reference = classify(stage.script)
    return {'name': stage.name, 'line': stage.line,
            'kind': reference.kind, 'script': reference.name or stage.script, 'reference': mask(stage.script or ''),
            'script_md5': stage.script_md5, 'md5': _md5_state(stage),
            'problems': [stage.problem.what] if stage.problem else list(reference.problems)}


def _md5_state(stage):
    """asserted, placeholder (the script's own text stands there), none, or malformed."""
    try:
        if expected_md5(stage.script, stage.script_md5):
            return 'asserted'
    except WrongBytes:
        return 'malformed'
    return 'none' if stage.script_md5 is None else 'placeholder'


def _table(regimen, rows):
    head = ('stage', 'kind', 'md5', 'script')
    cells = [(row['name'], row['kind'], row['md5'], row['script'] or '-') for row in rows]
    widths = [max(len(line[column]) for line in [head] + cells) for column in range(3)]
    title = '%s: %d stage%s' % (regimen.name or '(no name)', len(rows), '' if len(rows) == 1 else 's')
    if not rows:
        return title
    return '\n'.join([title] + ['  '.join(cell.ljust(width) for cell, width in zip(line, widths)) + '  ' + line[3]
                                for line in [head] + cells])
