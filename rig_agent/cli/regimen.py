"""`rig-agent regimen`: validate, compare, draw, upload."""
from __future__ import absolute_import, unicode_literals

from collections import OrderedDict

import click

from rig_agent.cli.context import common_options
from rig_agent.cli.main import LazyGroup

COMMANDS = OrderedDict([
    ('validate', ('regimen_validate', 'Say all that is wrong with a regimen.')),
    ('diff', ('regimen_diff', 'Compare two regimens by meaning, and tell the version step.')),
    ('graph', ('regimen_graph', 'Draw the stages and their transitions.')),
    ('upload', ('regimen_upload', 'Give mtrain a regimen by its tag, after every check.')),
])


@click.group(cls=LazyGroup, table=COMMANDS)
@common_options
def regimen():
    """Look after regimens: validate, compare, draw.

    \b
    Example:  rig-agent regimen validate regimen.yml
    """
