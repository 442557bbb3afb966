"""A configuration file for people and for editors: a commented beginning, and the JSON Schema that checks it.

What each key means stands once, in configuration.schema.json; a test holds the schema to `configuration.KEYS`.
"""
from __future__ import absolute_import, unicode_literals

import io
import json
import os
from collections import OrderedDict

from rig_agent.base.compat import folder_of, text_type
from rig_agent.base.units import format_size
from rig_agent.rig import configuration

SCHEMA_PATH = os.path.join(folder_of(__file__), 'configuration.schema.json')
HEAD = """\
# yaml-language-server: $schema=%s
# Settings of rig_agent. Every key is optional; unknown ones are errors; a line below takes effect without its #.
# Precedence: option of the command, environment (RIG_AGENT_MTRAIN_URL for mtrain.url), this file, default.
# Paths are relative to this file. Durations: seconds, 90s, 5min, 2h. Sizes: bytes, 200MB, 1GiB.
"""


def schema():
    """The JSON Schema as an ordered document."""
    with io.open(SCHEMA_PATH, encoding='utf-8') as stream:
        return json.load(stream, object_pairs_hook=OrderedDict)


def commented_file(settings=()):
    """The text of a new configuration file: every key with its meaning and its default, commented out.

    settings: pairs of dotted key and value that are to stand in it without a comment sign.
    """
    given, shown = dict(settings), configuration.defaults()
    lines = [HEAD % SCHEMA_PATH]
    for name, part in schema()['properties'].items():
        members = part.get('properties')
        lines.append('# %s' % part['description'])
        if members:
            active = any(key.startswith(name + '.') for key in given)
            lines.append('%s%s:' % ('' if active else '# ', name))
            for member, meaning in members.items():
                key = '%s.%s' % (name, member)
                value = given.get(key, shown[key])
                line = '%s: %s' % (member, _yaml(key, value))
                lines.append('%s  %-50s # %s' % ('' if key in given else '# ', line, meaning['description']))
        else:
            lines.append('%s%s: %s' % ('' if name in given else '# ', name, _yaml(name, given.get(name, shown[name]))))
        lines.append('')
    return '\n'.join(lines)


def _yaml(key, value):
    """A value as YAML on one line: JSON is YAML, but for durations and sizes, which read better with a unit."""
    section, _, member = key.partition('.')
    kind = configuration.KEYS[section][member] if member else configuration.KEYS[section]
    if value is not None and kind == 'duration':
        return '%g%s' % ((value / 60, 'min') if value % 60 == 0 and value else (value, 's'))
    if value is not None and kind == 'size':
        return format_size(value).replace(' ', '')
    return text_type(json.dumps(value))
