"""A regimen as the rest of the agent sees it: a name, stages, transitions, all of it ready for JSON."""
from __future__ import absolute_import, unicode_literals

import hashlib
import json
import re

from rig_agent.base.compat import json_text, text_type
from rig_agent.base.errors import NotFound
from rig_agent.base.nearest import did_you_mean

# Parameters that name a further script the stage starts (facts of public camstim v2 scripts).
NESTED_SCRIPTS = ('behavior_script', 'mapping_script', 'opto_script')
NESTED_URLS = 'GHTaskScriptParams'
ASSET_ENDINGS = ('.stim', '.npy', '.pkl', '.png', '.jpg', '.jpeg', '.tif', '.tiff', '.bmp', '.mp4', '.avi', '.zip',
                 '.h5', '.hdf5', '.npz', '.csv', '.mat', '.wav')
REGIMEN_LIKE = re.compile(r'\.ya?ml$|^(?:git|mtrain):|^https?://', re.IGNORECASE)
INFINITE = (float('inf'), float('-inf'))


class Regimen(object):
    """name: text or None. stages: ordered, name -> Stage, as in the file. where: path or URL, for messages.

    problems: [RegimenProblem], what keeps stages from being used.
    """

    def __init__(self, name, stages, document, problems, where):
        self.name = name
        self.stages = stages
        self.problems = problems
        self.where = where
        self._document = document

    @property
    def document(self):
        """`{name, stages, transitions}` as JSON has it. Raises NotFound where a number is infinite or not a number."""
        stages = self._document['stages'] or {}
        return {'name': _carried(self._document['name'], self.where, 'the name', ()),
                'stages': {name: _carried(stage, self.where, 'stage `%s`' % name, ())
                           for name, stage in stages.items()},
                'transitions': _carried(self._document['transitions'], self.where, 'the transitions', ())}

    @property
    def transitions(self):
        """The transitions as they stand, a list of dictionaries; whatever is no dictionary is left out."""
        transitions = self._document['transitions']
        return [dict(item) for item in transitions if isinstance(item, dict)] if isinstance(transitions, list) else []

    def stage(self, name):
        """The Stage of this very name. Raises NotFound: the nearest names, or why the stage cannot be used."""
        if name in self.stages:
            if self.stages[name].problem:
                raise self.stages[name].problem
            return self.stages[name]
        raise NotFound('There is no stage `%s` in this regimen' % name, where=self.where,
                       advice=did_you_mean(name, self.stages) or self._advice_on_stages(name))

    def _advice_on_stages(self, name):
        if REGIMEN_LIKE.search(name):
            return 'A regimen is named by an option: --regimen %s' % name
        return '`rig-agent stages` lists them.' if self.stages else 'It has no stages at all.'


class RegimenProblem(object):
    """A NotFound that belongs to one stage, or to the whole regimen (stage None)."""

    def __init__(self, stage, error):
        self.stage, self.error = stage, error


class Stage(object):
    """One stage: its name, `script` and `script_md5` as written, its line in the file.

    problem: the NotFound that says why it cannot be used, or None; script is None then.
    """

    def __init__(self, name, script, script_md5, value, line, where, problem=None):
        self.name = name
        self.script = script
        self.script_md5 = script_md5
        self.line = line
        self.where = where
        self.problem = problem
        self._value = value

    @property
    def parameters(self):
        """The parameters, a dictionary of one's own. Raises NotFound where a number is infinite or not a number."""
        return _carried(self._value.get('parameters') or {}, self.where, 'stage `%s`' % self.name, ('parameters',))

    @property
    def document(self):
        """The whole stage with its name, as JSON has it."""
        document = _carried(self._value, self.where, 'stage `%s`' % self.name, ())
        document['name'] = self.name
        return document


def stage_sha256(stage):
    """A hash of what a stage is: its script, md5 and parameters. Tells whether it changed under the same name.

    Raises NotFound where a number is infinite or not a number.
    """
    content = {'script': stage.script, 'script_md5': stage.script_md5, 'parameters': stage.parameters}
    return text_type(hashlib.sha256(json_text(content).encode('ascii')).hexdigest())


def _carried(value, where, owner, path):
    """A deep copy of what JSON can carry, because a stage's parameters are shared with its sisters by anchors."""
    if isinstance(value, dict):
        return {key: _carried(item, where, owner, path + (key,)) for key, item in value.items()}
    if isinstance(value, list):
        return [_carried(item, where, owner, path + (text_type(index),)) for index, item in enumerate(value)]
    if isinstance(value, float) and (value != value or value in INFINITE):
        raise NotFound('JSON cannot carry an infinite number or `.nan`, and params are JSON', where=where,
                       found='%s of %s in %s' % ('.nan' if value != value else '.inf', '.'.join(path) or 'it', owner),
                       advice='Write a number that is large enough, such as 1000000, or null.')
    return value


def end_of_transition(transition, key):
    """Its `trigger`, `source` or `dest` as text; a list or map in the place of a name as JSON, alike on every Python."""
    value = transition.get(key)
    return text_type(json.dumps(value, sort_keys=True) if isinstance(value, (list, dict)) else value)


def nested_references(parameters):
    """[(key path, role, text)] of every further script that parameters name.

    role: `behavior_script`, `mapping_script`, `opto_script`, or the key of `GHTaskScriptParams` (a map of names to
    URLs, which some regimens wrap into a list).
    """
    found = []
    for path, key, value in _walk(parameters, ()):
        if key in NESTED_SCRIPTS and isinstance(value, text_type):
            found.append(('.'.join(path), key, value))
        elif len(path) > 1 and NESTED_URLS in path[:-1] and isinstance(value, text_type):
            found.append(('.'.join(path), key, value))
    return found


def asset_paths(parameters):
    """[(key path, text)] of every value that names a file which is no script: stimuli, images, movies, arrays."""
    return [('.'.join(path), value) for path, key, value in _walk(parameters, ())
            if isinstance(value, text_type) and is_asset(value)]


def is_asset(text):
    """Whether a text names a stimulus file, by its ending or as a path on a share or drive."""
    lowered = text.strip('"\' ').lower()
    return '://' not in lowered and '\n' not in text and lowered.endswith(ASSET_ENDINGS)


def _walk(value, path):
    """(path, key, value) of every leaf, in the order of the keys."""
    if isinstance(value, dict):
        for key in sorted(value):
            for found in _walk(value[key], path + (key,)):
                yield found
    elif isinstance(value, list):
        for index, item in enumerate(value):
            for found in _walk(item, path + (text_type(index),)):
                yield found
    else:
        yield path, path[-1] if path else '', value
