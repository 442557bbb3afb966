"""Settings in one place: option, then environment (`RIG_AGENT_*`), then configuration file, then default."""
from __future__ import absolute_import, unicode_literals

import io
import os
import sys

from rig_agent.base.compat import (FILE_SYSTEM_ENCODING, WINDOWS, environment, expand_user, message_of, reason_of,
                                   text_type, to_text)
from rig_agent.base.errors import NotFound, UsageError
from rig_agent.base.nearest import did_you_mean
from rig_agent.base.units import parse_duration, parse_size
from rig_agent.rig import identity

FILE_NAME = 'rig_agent.yml'
LARGEST_FILE = 1 << 20
OFF_WHEN_EMPTY = ('limits.', 'mtrain.', 'report.')  # there an empty value means none, elsewhere the default
# With 0, meant as "none", each session would end as it starts, and each request fail.
ABOVE_ZERO = ('limits.total', 'limits.silence', 'limits.startup', 'limits.memory', 'mtrain.timeout', 'report.timeout')

# What each key of the file takes. `path` keys are relative to the file; nested tables are sections.
KEYS = {
    'rig': {'id': 'text', 'computer': 'text'},
    'python': 'path', 'home': 'path', 'cache': 'path',
    'regimens': {'repository': 'address', 'file': 'text'},
    'scripts': {'repository': 'address', 'ref': 'text', 'folder': 'text', 'directories': 'paths'},
    'mirrors': 'mapping',
    'outputs': 'paths',
    'mtrain': {'url': 'text', 'timeout': 'duration'},
    'report': {'url': 'text', 'token_file': 'path', 'timeout': 'duration'},
    'limits': {'total': 'duration', 'silence': 'duration', 'startup': 'duration', 'grace': 'duration',
               'log': 'size', 'memory': 'size', 'disk': 'size'},
}


def defaults():
    """Every setting as it is when nobody says otherwise, by dotted key."""
    return {
        'rig.id': identity.rig_id(), 'rig.computer': identity.computer_id(),
        'python': to_text(sys.executable, FILE_SYSTEM_ENCODING),
        'home': 'C:\\ProgramData\\rig_agent' if WINDOWS else expand_user('~/.rig_agent'),
        'cache': None,
        'regimens.repository': 'https://github.com/AllenInstitute/mtrain_regimens', 'regimens.file': 'regimen.yml',
        'scripts.repository': 'https://github.com/AllenInstitute/camstim-scripts', 'scripts.ref': 'master',
        'scripts.folder': 'v2', 'scripts.directories': [],
        'mirrors': {},
        'outputs': ['C:\\ProgramData\\camstim\\output', 'C:\\ProgramData\\AIBS_MPE\\camstim\\output',
                    expand_user('~\\camstim\\output')] if WINDOWS else [expand_user('~/camstim/output')],
        'mtrain.url': 'http://mtrain:5000', 'mtrain.timeout': 20.0,
        'report.url': None, 'report.token_file': None, 'report.timeout': 20.0,
        'limits.total': 7200.0, 'limits.silence': None, 'limits.startup': 120.0, 'limits.grace': 20.0,
        'limits.log': 200 * 10 ** 6, 'limits.memory': None, 'limits.disk': 10 ** 9,
    }


class Configuration(object):
    """All settings of one command, each with where it came from.

    values: dotted key -> value; durations in seconds, sizes in bytes, paths absolute.
    origins: dotted key -> `default`, `file NAME`, `environment NAME` or `option`.
    """

    def __init__(self, values, origins, path=None):
        self.values = values
        self.origins = origins
        self.path = path

    def __getitem__(self, key):
        return self.values[key]

    def override(self, key, value, origin='option'):
        """Set one value, as an option of the command does."""
        assert key in self.values, key
        self.values[key] = value
        self.origins[key] = origin

    @property
    def sessions_folder(self):
        return os.path.join(self['home'], 'sessions')


def load(option=None, regimen_folder=None):
    """The configuration for a command.

    option: the file that `--config` names. regimen_folder: where the regimen lies, if it is a local file.
    Raises UsageError for a file that does not say what can be used, NotFound when a named file is not there.
    """
    values = defaults()
    origins = dict.fromkeys(values, 'default')
    path = _find_file(option, regimen_folder, values['home'])
    if path:
        for key, value in _read_file(path).items():
            if value is None and not key.startswith(OFF_WHEN_EMPTY):
                continue
            values[key], origins[key] = value, 'file %s' % path
    for key, name, value in _from_environment():
        values[key], origins[key] = value, 'environment %s' % name
    if values['cache'] is None:
        beside = os.path.join(regimen_folder or '.', 'camstim_v2_cache')
        values['cache'] = os.path.abspath(beside) if os.path.isdir(beside) else os.path.join(values['home'], 'cache')
    return Configuration(values, origins, path)


def _find_file(option, regimen_folder, home):
    variables = environment()
    for named in (option, variables.get('RIG_AGENT_CONFIG')):
        if named:
            if not os.path.isfile(named):
                raise NotFound('There is no such configuration file', where=os.path.abspath(named),
                               advice='Correct --config or RIG_AGENT_CONFIG, or leave it out to use the defaults.')
            return os.path.abspath(named)
    home = variables.get('RIG_AGENT_HOME') or home
    for folder in (regimen_folder or '.', home):
        if os.path.isfile(os.path.join(folder, FILE_NAME)):
            return os.path.abspath(os.path.join(folder, FILE_NAME))
    return None


def _read_file(path):
    import yaml  # imported here: most commands have no configuration file
    try:
        with io.open(path, 'rb') as stream:
            content = stream.read(LARGEST_FILE + 1)
    except EnvironmentError as error:
        raise UsageError('This configuration file cannot be read', where=path, found=reason_of(error))
    if len(content) > LARGEST_FILE:
        raise UsageError('This configuration file is too large', where=path, expected='at most 1 MiB')
    try:
        document = yaml.load(content, Loader=getattr(yaml, 'CSafeLoader', yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, 'problem_mark', None)
        raise UsageError('The configuration file is not YAML: %s' % (getattr(error, 'problem', None) or error),
                         where='%s:%d:%d' % (path, mark.line + 1, mark.column + 1) if mark else path)
    except (ValueError, RuntimeError) as error:  # a date that there is not; mappings a thousand deep
        raise UsageError('The configuration file cannot be understood', where=path, found=message_of(error))
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise UsageError('A configuration file is a mapping of keys', where=path, found=type(document).__name__)
    found = {}
    for key, value in document.items():
        expected = _expected(KEYS, key, '', path)
        if not isinstance(expected, dict):
            found[key] = _converted(expected, value, key, path)
        elif value is not None and not isinstance(value, dict):
            raise UsageError('`%s` is a section with keys of its own' % key, where=path,
                             expected=', '.join(sorted(expected)), found=_shown(value))
        else:
            for name, item in (value or {}).items():
                dotted = '%s.%s' % (key, name)
                found[dotted] = _converted(_expected(expected, name, key + '.', path), item, dotted, path)
    return found


def _expected(keys, key, section, path):
    if not isinstance(key, text_type) and not isinstance(key, str) or key not in keys:
        raise UsageError('There is no setting `%s%s`' % (section, key), where=path,
                         advice=did_you_mean(text_type(key), keys, shown='`' + section + '%s`')
                         or 'Known here: %s.' % ', '.join(sorted(keys)))
    return keys[key]


def _converted(kind, value, key, path):
    folder = os.path.dirname(path)

    def wrong(expected):
        return UsageError('`%s` has a value that cannot be used' % key, where=path, expected=expected,
                          found=_shown(value))
    if value is None:
        return None
    if kind in ('duration', 'size'):
        try:
            number = (parse_duration if kind == 'duration' else parse_size)(value)
        except UsageError as error:
            raise wrong(error.expected)
        if number == 0 and key in ABOVE_ZERO:
            raise wrong('more than 0; in a file an empty value means none')
        return number
    if kind == 'paths':
        if isinstance(value, (bytes, text_type)):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(item, (bytes, text_type)) for item in value):
            raise wrong('a list of folders')
        return [_absolute(to_text(item), folder) for item in value]
    if kind == 'mapping':
        if not isinstance(value, dict) or not all(isinstance(item, (bytes, text_type))
                                                  for pair in value.items() for item in pair):
            raise wrong('a mapping from one URL prefix to another')
        found = {to_text(prefix): to_text(target) for prefix, target in value.items()}
        if not all(part.startswith(('http://', 'https://')) for pair in found.items() for part in pair):
            raise wrong('prefixes that begin with http:// or https://, on both sides')
        return found
    if isinstance(value, (dict, list, bool)):
        raise wrong('text')
    value = to_text(value) if isinstance(value, bytes) else text_type(value)
    if kind == 'path' or kind == 'address' and value.startswith(('.', '~')):
        return _absolute(value, folder)
    return value


def _shown(value):
    """A value for a message. What is inside of lists is not shown: a few aliases of aliases are gigabytes of text."""
    return 'a list' if isinstance(value, list) else 'a mapping' if isinstance(value, dict) else repr(value).lstrip('u')


def _absolute(path, folder):
    return os.path.normpath(os.path.join(folder, expand_user(path)))


def _from_environment():
    """(key, variable, value) for each RIG_AGENT_ variable that is set, such as RIG_AGENT_SCRIPTS_REPOSITORY."""
    variables = environment()
    for key in sorted(defaults()):
        name = 'RIG_AGENT_' + key.replace('.', '_').upper()
        if variables.get(name):
            section, _, leaf = key.partition('.')
            kind = KEYS[section][leaf] if leaf else KEYS[section]
            if kind == 'mapping':
                continue  # prefixes with their targets do not fit into one variable
            value = variables[name].split(os.pathsep) if kind == 'paths' else variables[name]
            yield key, name, _converted(kind, value, key, os.path.join(os.path.abspath('.'), name))
