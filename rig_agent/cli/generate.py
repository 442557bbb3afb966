"""`generate`: script and params of a stage as two files, as the lab's manual flow has them."""
from __future__ import absolute_import, unicode_literals

import os

import click

from rig_agent.base.compat import json_text
from rig_agent.base.files import check_name, make_folder, md5_of_bytes, write_atomically
from rig_agent.base.units import local_stamp
from rig_agent.cli import launch
from rig_agent.cli.context import common_options, pass_context, writing


@click.command()
@click.argument('stage', required=False)
@click.option('--output', '-o', metavar='DIR', default='.', help='Folder for both files; default: the current one.')
@click.option('--script', 'script_path', metavar='FILE', help='Where the script goes, instead.')
@click.option('--params', 'params_path', metavar='FILE', help='Where the params go, instead.')
@click.option('--set', 'settings', metavar='KEY=JSON', multiple=True, help='Override a parameter.')
@click.option('--strict', is_flag=True, help='Refuse moving URLs and scripts whose md5 nobody asserts.')
@common_options
@pass_context
def generate(context, stage, output, script_path, params_path, settings, strict):
    """Write the script and the params of STAGE into files; without STAGE it is asked for.

    \b
    rig-agent generate STAGE_1
    rig-agent generate STAGE_1 --output C:/work --set max_task_duration_min=1
    """
    opened = launch.open_regimen(context)
    stage = launch.choose_stage(context, opened.regimen, stage)
    parameters = launch.session_parameters(stage, launch.parse_overrides(settings), warn=context.warn)
    script = launch.obtain_scripts(launch.make_resolver(context, opened, strict), stage)[0]
    stem = os.path.join(output, '%s_%s' % (local_stamp(), check_name(stage.name, 'stage name')))
    script_path, params_path = script_path or stem + '.py', params_path or stem + '.json'
    params = json_text(parameters).encode('ascii')
    _write(script_path, script.content)
    _write(params_path, params)
    context.result({'regimen': opened.as_json(stage), 'stage': stage.name, 'script': script_path,
                    'script_md5': script.found_md5, 'params': params_path, 'params_md5': md5_of_bytes(params),
                    'scripts': [script.as_json()]},
                   '%s\n%s' % (script_path, params_path))


def _write(path, content):
    with writing('This file', path):
        make_folder(os.path.dirname(os.path.abspath(path)))
        write_atomically(path, content)
