"""Golden runs: what a stage did in simulation is kept, and a later run tells what an edit changed.

One JSON file a stage, made to be committed beside the regimen: only what the regimen, the script and the seed decide,
nothing of the machine or the day.
"""
from __future__ import absolute_import, unicode_literals

import os
import re
import tempfile

from rig_agent.base.compat import FILE_SYSTEM_ENCODING, json_text, read_json, reason_of, text_type, to_text
from rig_agent.base.errors import NotFound
from rig_agent.base.files import make_folder, md5_of_bytes, slug, write_json

SCHEMA = 1
LONGEST_VALUE = 60
STAMP = re.compile(r'(?<!\d)\d{12}(?!\d)')  # yymmddHHMMSS in a file's name


def facts_of(record, report, parameters):
    """What a simulated session did, as far as regimen, script and seed decide it.

    record: the session's. report: its simulation.json. parameters: of the stage, so that a comparison shows the edit
    beside its effects.
    """
    files = report['files']
    return {
        'outcome': record['outcome'], 'parameters': parameters,
        'scripts': {script['role']: script['found_md5'] for script in record['scripts']},
        'python': report['processes'][0]['python'].partition('.')[0],  # 2 and 3 shuffle differently
        'mouse': report['options']['mouse_model'], 'seed': report['options']['seed'],
        'duration_s': round(report['duration']['simulated'], 1), 'ended_by': report['ended_by'],
        'frames': report['frames'], 'stimuli': _by_position(report['stimuli']), 'sections': report['sections'],
        'trials': report['trials'], 'rewards': report['rewards'], 'licks': report['licks'],
        'hardware': sorted({' '.join((use['device'], use['line'], use['kind'])) for use in report['hardware']}),
        'files': {kind: _places(files[kind], record) for kind in ('read', 'written', 'missing', 'stood_in')},
        'outputs': _places([output['path'] for output in record['outputs']], record),
        'network': [use['what'] for use in report['network']],
        'started_processes': len(report['started_processes']),
        'findings': [finding['message'] for finding in report['findings']],
        'unknown': [gap['name'] for gap in report['unknown']],
    }


def _by_position(stimuli):
    return {'%d' % position: stimulus for position, stimulus in enumerate(stimuli, 1)}


def _places(paths, record):
    """Paths as they are on every machine and day: the session's folder, stamps and temporary names taken out."""
    places, temporary = set(), to_text(tempfile.gettempdir(), FILE_SYSTEM_ENCODING)
    for path in paths:
        path = path.replace('\\', '/')
        for folder, name in ((record['folder'], 'SESSION'), (temporary, 'TEMPORARY')):
            folder = folder.replace('\\', '/')
            if path.startswith(folder + '/'):
                path = name + path[len(folder):]
        if path.startswith('TEMPORARY/'):
            path = 'TEMPORARY/*/' + path.rpartition('/')[2]
        places.add(STAMP.sub('STAMP', path))
    return sorted(places)


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
        raise NotFound('This golden run is not JSON: %s' % reason_of(error), where=path, advice='Record it again.')
    facts = document.get('facts') if isinstance(document, dict) else None
    if not isinstance(facts, dict) or document.get('schema') != SCHEMA:
        raise NotFound('This is no golden run', where=path, expected='schema %d with facts' % SCHEMA,
                       advice='Record it again.')
    return facts


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
