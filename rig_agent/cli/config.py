"""`config`: the settings of this rig, each with where it came from; a file to begin with; a schema for editors."""
from __future__ import absolute_import, unicode_literals

import os

import click

from rig_agent.base.compat import json_text, text_type
from rig_agent.base.errors import Refused
from rig_agent.base.files import make_folder, write_atomically
from rig_agent.base.masking import mask, mask_value
from rig_agent.base.units import format_duration, format_size
from rig_agent.cli.context import Group, common_options, pass_context, writing
from rig_agent.rig import configuration, configuration_file


@click.group(cls=Group)
@common_options
def config():
    """The settings of this rig.

    \b
    rig-agent config show
    rig-agent config init
    """


@config.command()
@common_options
@pass_context
def show(context):
    """Print every setting with its value and where it came from.

    \b
    rig-agent config show
    rig-agent config show --json
    """
    settings = context.configuration
    document = {'file': settings.path, 'settings': {
        key: {'value': mask_value(settings[key]), 'origin': mask(settings.origins[key])} for key in settings.values}}
    lines = ['file  %s' % (settings.path or 'none; `rig-agent config init` writes one'), '']
    wide = max(len(key) for key in settings.values)
    for key in sorted(settings.values):
        lines.append('%-*s  %s  (%s)' % (wide, key, mask(_shown(key, settings[key])), mask(settings.origins[key])))
    context.result(document, '\n'.join(lines))


def _shown(key, value):
    section, _, member = key.partition('.')
    kind = configuration.KEYS[section][member] if member else configuration.KEYS[section]
    if value is None:
        return '-'
    if kind == 'duration':
        return format_duration(value)
    if kind == 'size':
        return format_size(value)
    if isinstance(value, list):
        return ', '.join(value) or '-'
    if isinstance(value, dict):
        return ', '.join('%s -> %s' % pair for pair in sorted(value.items())) or '-'
    return text_type(value)


@config.command()
@click.option('--output', '-o', '--to', 'path', metavar='FILE',
              help='Where to write it; default: rig_agent.yml in the home.')
@click.option('--force', is_flag=True, help='Replace a file that is there.')
@common_options
@pass_context
def init(context, path, force):
    """Write a configuration file with every setting, its meaning and its default, commented out.

    \b
    rig-agent config init
    rig-agent config init --to rig_agent.yml
    """
    path = os.path.abspath(path or os.path.join(context.configuration['home'], configuration.FILE_NAME))
    if os.path.exists(path) and not force:
        raise Refused('There is a configuration file already', where=path,
                      advice='Edit it, or add --force to replace it, or --output for another place.')
    with writing('The configuration file', path):
        make_folder(os.path.dirname(path))
        write_atomically(path, configuration_file.commented_file().encode('utf-8'))
    context.result({'file': path}, 'Wrote %s; take away the # of what you set.' % path)


@config.command()
@common_options
@pass_context
def schema(context):
    """Print the JSON Schema of the configuration file, for editors that check while one types.

    \b
    rig-agent config schema > rig_agent.schema.json
    """
    document = configuration_file.schema()
    context.result(document, json_text(document).rstrip('\n'))
