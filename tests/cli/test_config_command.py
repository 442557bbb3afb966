"""`config`: what is set and by whom, a file to begin with, a schema that editors and the agent agree on."""
from __future__ import absolute_import, unicode_literals

import io
import os

import jsonschema
import pytest
import yaml

from rig_agent.rig import configuration, configuration_file

KIND_EXAMPLES = {'text': 'x', 'path': 'a/b', 'address': 'https://host.example/x', 'paths': ['a', 'b'], 'duration': '5min',
                 'size': '200MB', 'mapping': {'http://a/': 'http://b/'}}


def check(document):
    jsonschema.Draft7Validator(configuration_file.schema()).validate(document)


def keys_of(schema):
    return {name: keys_of(part) if 'properties' in part else None for name, part in schema['properties'].items()}


def test_the_schema_knows_exactly_the_keys_that_the_agent_reads():
    expected = {name: {member: None for member in kind} if isinstance(kind, dict) else None
                for name, kind in configuration.KEYS.items()}
    assert keys_of(configuration_file.schema()) == expected


def test_the_schema_takes_a_value_of_each_kind_and_refuses_unknown_keys_and_wrong_units():
    check({name: {member: KIND_EXAMPLES[kind[member]] for member in kind} if isinstance(kind, dict) else
           KIND_EXAMPLES[kind] for name, kind in configuration.KEYS.items()})
    check(None)
    for wrong in ({'limit': {}}, {'limits': {'totl': 1}}, {'limits': {'total': '5 weeks'}}, {'limits': {'log': '5 min'}},
                  {'mirrors': ['a']}, {'python': ['a']}, {'limits': {'total': -1}}):
        with pytest.raises(jsonschema.ValidationError):
            check(wrong)


def test_init_writes_a_file_that_changes_nothing_until_a_line_is_uncommented(agent):
    ended = agent('config', 'init')
    path = os.path.join(agent.home, 'rig_agent.yml')
    assert ended.code == 0 and path in ended.out
    with io.open(path, encoding='utf-8') as stream:
        text = stream.read()
    assert yaml.safe_load(text) is None
    shown = agent('config', 'show', '--json').json
    assert shown['file'] == path
    assert {part['origin'] for key, part in shown['settings'].items()
            if key not in ('home', 'rig.id', 'rig.computer', 'scripts.repository')} == {'default'}


def test_every_line_of_the_written_file_is_valid_when_uncommented(write):
    defaults = configuration.defaults()
    given = [(key, value) for key, value in defaults.items()]
    text = configuration_file.commented_file(given)
    check(yaml.safe_load(text))
    path = write('rig_agent.yml', text)
    settings = configuration.load(path)
    for key in ('limits.total', 'limits.log', 'limits.disk', 'scripts.ref', 'mtrain.url', 'limits.silence', 'mirrors'):
        assert settings[key] == defaults[key] and settings.origins[key].startswith('file')


def test_init_does_not_replace_a_file_unless_told(agent):
    path = os.path.join(agent.folder, 'mine.yml')
    assert agent('config', 'init', '--to', path).code == 0
    again = agent('config', 'init', '--to', path)
    assert again.code == 4 and '--force' in again.err
    assert agent('config', 'init', '--to', path, '--force').code == 0


def test_show_says_where_each_value_came_from_and_shows_no_secret(agent, write):
    path = write('rig_agent.yml', 'limits: {total: 90min}\nreport: {url: "https://lab:hunter2@host.example/?token=hunter2"}\n')
    ended = agent('config', 'show', environment={'RIG_AGENT_LIMITS_GRACE': '7s'})
    assert ended.code == 0
    assert '1 h 30 min  (file %s)' % path in ended.out and '7 s  (environment RIG_AGENT_LIMITS_GRACE)' in ended.out
    assert 'hunter2' not in ended.out and 'https://***@host.example/?token=***' in ended.out


def test_an_unknown_key_is_answered_with_the_nearest_one(agent, write):
    write('rig_agent.yml', 'limits: {totl: 5}\n')
    ended = agent('config', 'show')
    assert ended.code == 2 and 'Did you mean `limits.total`?' in ended.err


def test_the_schema_can_be_printed_for_an_editor(agent):
    assert agent('config', 'schema').json['title'] == 'rig_agent configuration'
