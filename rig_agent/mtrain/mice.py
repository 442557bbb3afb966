"""Which mouse is on which stage of which regimen."""
from __future__ import absolute_import, unicode_literals

from fnmatch import fnmatchcase

from rig_agent.base.compat import text_type
from rig_agent.base.errors import CheckFailed, NotFound, RigAgentError

COLUMNS = ('mouse', 'regimen', 'stage', 'regimen_id', 'stage_id', 'state_id')


def mice(client, regimen='*', stage='*', only=()):
    """One dictionary (COLUMNS) a mouse, by its number; regimen and stage are None for a mouse on none.

    regimen, stage: patterns (`VisualBehavior_*`), letter case counts. only: mice.
    """
    regimens = {text_type(row.get('id')): row.get('name') for row in client.rows('regimens')}
    stages = {text_type(row.get('id')): row.get('name') for row in client.rows('stages')}
    found = []
    for row in client.rows('subjects'):
        state = row.get('state') if isinstance(row.get('state'), dict) else {}
        mouse = {'mouse': text_type(row.get('LabTracks_ID')),
                 'regimen': regimens.get(text_type(state.get('regimen_id'))),
                 'stage': stages.get(text_type(state.get('stage_id'))), 'regimen_id': state.get('regimen_id'),
                 'stage_id': state.get('stage_id'), 'state_id': state.get('id')}
        if (fnmatchcase(mouse['regimen'] or '', regimen) and fnmatchcase(mouse['stage'] or '', stage)
                and (not only or mouse['mouse'] in only)):
            found.append(mouse)
    return sorted(found, key=lambda mouse: (len(mouse['mouse']), mouse['mouse']))


def add(client, mouse, state):
    """Make a mouse known on a state, read back; `client` is logged in.

    Raises CheckFailed when the service refuses or says yes and does not do it.
    """
    failure = None
    try:
        client.add_subject(mouse, state)
    except RigAgentError as error:
        failure = error  # the answer may be lost though the write was done
    try:
        there = client.state_of_mouse(mouse)
    except NotFound:
        raise failure or CheckFailed('mtrain said yes, and does not know the mouse %s' % mouse, where=client.url,
                                     advice='See what the service logs; then add it again.')
    except RigAgentError as error:
        raise failure or error
    if there != state:
        raise failure or CheckFailed('mtrain said yes, and the mouse %s is not on that stage' % mouse, where=client.url)
