"""The stage that a mouse is due for, and the stages of a regimen, as the service has them."""
from __future__ import absolute_import, unicode_literals

import json
from collections import namedtuple

from rig_agent.base.compat import text_type
from rig_agent.base.errors import CheckFailed, NotFound, Unreachable
from rig_agent.base.nearest import did_you_mean
from rig_agent.mtrain.client import open_client
from rig_agent.rig.subject import parse_mouse

# script_md5 may be None. parameters is a dictionary. ids: mouse, id (of the state), regimen_id, stage_id.
StageOfMouse = namedtuple('StageOfMouse', 'regimen stage script script_md5 parameters ids')


def stage_of_mouse(configuration, mouse, offline=False):
    """The StageOfMouse that the configured service has for a mouse.

    Raises NotFound for an unknown mouse or one without a stage, Unreachable for a service that does not answer or
    contradicts itself.
    """
    client, mouse = open_client(configuration, offline), parse_mouse(mouse)
    told = client.script_of(mouse)
    state = client.state_of_mouse(mouse)
    if state is None:
        raise NotFound('The mouse %s is on no stage' % mouse, where=client.url,
                       advice='Have it put on one in mtrain.')
    regimen = client.regimen(state['regimen_id'])
    row = stage_row(client, regimen, state['stage_id'])
    if told is None:
        told = {}
    elif told['name'] != row['name']:
        raise Unreachable('mtrain contradicts itself about the mouse %s' % mouse, where=client.url,
                          expected='one stage', found='`%s` by /get_script/, `%s` by its state' % (told['name'],
                                                                                                 row['name']),
                          advice='The mouse may just have advanced: try again.')
    row = dict(row, **{key: told[key] for key in ('script', 'script_md5', 'parameters') if told.get(key) is not None})
    return StageOfMouse(regimen['name'], row['name'], row['script'], row.get('script_md5'),
                        _parameters(row.get('parameters'), row['name']), dict(state, mouse=mouse))


def stage_row(client, regimen, stage_id):
    """The row of one stage: id, name, script, script_md5, parameters. Raises NotFound."""
    for rows in (stage_rows(client, regimen), client.rows('stages')):
        for row in rows:
            if text_type(row.get('id')) == text_type(stage_id) and _is_whole(row):
                return row
    raise NotFound('mtrain has no stage with the id %s in the regimen `%s`' % (stage_id, regimen['name']),
                   where=client.url)


def stage_rows(client, regimen):
    """The rows of all stages of a regimen (as `client.regimen` gives it), in the service's order."""
    inside = [row for row in regimen.get('stages') or [] if isinstance(row, dict) and row.get('id') is not None]
    if not all(_is_whole(row) for row in inside):  # some answers nest ids and names alone
        wanted = {text_type(row['id']) for row in inside}
        inside = [row for row in client.rows('stages') if text_type(row.get('id')) in wanted]
    for row in inside:
        if not _is_whole(row):
            raise Unreachable('mtrain gave no usable answer', where='%s/api/v1/stages' % client.url,
                              expected='name and script of the stage %s' % row.get('id'),
                              found=', '.join(sorted(row)))
    return inside


def regimen_named(client, name):
    """The regimen of a name, with its stages. Raises NotFound, CheckFailed when several have the name."""
    known = [row for row in client.rows('regimens') if isinstance(row.get('name'), text_type)]
    rows = [row for row in known if row['name'] == name]
    if not rows:
        raise NotFound('mtrain has no regimen `%s`' % name, where=client.url,
                       advice=did_you_mean(name, [row['name'] for row in known])
                       or '`rig-agent mice` lists those in use.')
    if len(rows) > 1:
        raise CheckFailed('mtrain has %d regimens named `%s`' % (len(rows), name), where=client.url,
                          found='ids %s' % ', '.join(text_type(row.get('id')) for row in rows),
                          advice='Which one is meant cannot be told by its name; have one renamed.')
    return client.regimen(rows[0].get('id'))


def state_named(client, regimen_name, stage_name):
    """The state of a stage of a regimen. Raises NotFound with the nearest names of whichever is not there."""
    try:
        return client.state_of(regimen_name, stage_name)
    except NotFound as missing:
        stages = [row['name'] for row in stage_rows(client, regimen_named(client, regimen_name))]
        missing.advice = did_you_mean(stage_name, stages) or 'It has: %s.' % ', '.join(stages)
        raise


def stage_document(row):
    """A row as the stage of a regimen file: script, script_md5 when there is one, parameters."""
    document = {'script': row['script'], 'parameters': _parameters(row.get('parameters'), row['name'])}
    if row.get('script_md5') is not None:
        document['script_md5'] = row['script_md5']
    return document


def _is_whole(row):
    return all(isinstance(row.get(key), text_type) for key in ('name', 'script')) and 'parameters' in row


def _parameters(value, stage):
    if isinstance(value, text_type):  # a column of text
        try:
            value = json.loads(value)
        except ValueError:
            pass
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unreachable('mtrain gave no usable answer', expected='the parameters of the stage `%s`' % stage,
                          found=repr(value).lstrip('u')[:80])
    return value
