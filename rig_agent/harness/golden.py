"""Golden runs: what a stage did in simulation is kept, and a later run tells what an edit changed.

One JSON file a stage, made to be committed beside the regimen: only what the regimen, the script and the seed decide,
nothing of the machine or the day.
"""
from __future__ import absolute_import, unicode_literals

import os

from rig_agent.base.compat import json_text, read_json, text_type
from rig_agent.base.errors import NotFound
from rig_agent.base.files import make_folder, md5_of_bytes, slug, write_json

SCHEMA = 1
LONGEST_VALUE = 60


def record(folder, facts):
    """Keep the facts of each stage: {stage: facts}. Returns the paths written. Raises EnvironmentError."""
    make_folder(folder)
    paths = []
    for stage, found in facts.items():
        paths.append(_path(folder, stage))
        write_json(paths[-1], {'schema': SCHEMA, 'stage': stage, 'facts': found})
    return paths


def compare(folder, facts):
    """What differs from the facts kept in `folder`: a list of {stage, fact, before, after}, texts or None.

    A stage that was never recorded is one change, of the fact `stage`. Raises NotFound for a folder or file that
    holds no golden run.
    """
    if not os.path.isdir(folder):
        raise NotFound('There are no golden runs', where=folder,
                       advice='Record them first: rig-agent smoke --all --simulate --record %s' % folder)
    changes = []
    for stage, found in facts.items():
        before = _read(_path(folder, stage))
        if before is None:
            changes.append({'stage': stage, 'fact': 'stage', 'before': None, 'after': 'not recorded yet'})
            continue
        before, after = _flat(before), _flat(found)
        for fact in sorted(set(before) | set(after)):
            if before.get(fact) != after.get(fact):
                changes.append({'stage': stage, 'fact': fact,
                                'before': before.get(fact), 'after': after.get(fact)})
    return changes


def _path(folder, stage):
    """A stage's file; a name that is no file name gets a mark of its own, so that no two stages share one."""
    name = slug(stage)
    return os.path.join(folder, '%s.json' % (name if name == stage else '%s-%s' % (
        name, md5_of_bytes(stage.encode('utf-8'))[:8])))


def _read(path):
    if not os.path.exists(path):
        return None
    try:
        document = read_json(path)
    except ValueError as error:
        raise NotFound('This golden run is not JSON: %s' % error, where=path, advice='Record it again.')
    if not isinstance(document, dict) or document.get('schema') != SCHEMA or not isinstance(document.get('facts'), dict):
        raise NotFound('This is no golden run', where=path, expected='schema %d with facts' % SCHEMA,
                       advice='Record it again.')
    return document['facts']


def _flat(value, name=''):
    """Nested facts as {dotted name: text}; long texts are cut in the middle, they differ by their md5."""
    if isinstance(value, dict):
        flat = {}
        for key, item in value.items():
            flat.update(_flat(item, '%s.%s' % (name, key) if name else key))
        return flat
    text = value if isinstance(value, text_type) else json_text(value).strip()
    text = ' '.join(text.split())
    if len(text) > LONGEST_VALUE:
        text = '%s... (md5 %s)' % (text[:LONGEST_VALUE - 20], md5_of_bytes(text.encode('utf-8'))[:6])
    return {name: text}
