"""`harness`: what stands in at a desk for what only a lab has."""
from __future__ import absolute_import, unicode_literals

from collections import OrderedDict

import click

from rig_agent.cli.context import common_options_without
from rig_agent.cli.main import LazyGroup

COMMANDS = OrderedDict([
    ('mtrain', ('harness_mtrain', 'A stand-in for the mtrain service, and a receiver of outcomes.')),
    ('acceptance', ('harness_acceptance', 'Is this machine fit for animals? Tries it, and writes a page.')),
    ('zoo', ('harness_zoo', 'Misbehaving scripts, to try a rig on before animals are.')),
])


@click.group(cls=LazyGroup, table=COMMANDS)
@common_options_without('regimen')
def harness():
    """Stand-ins for desks and tests. Nothing here is for a rig that runs animals.

    \b
    rig-agent harness mtrain --db desk.sqlite --regimen regimen.yml
    """
