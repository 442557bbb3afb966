"""Settings: option before environment before file before default, and clear words for what cannot be used."""
from __future__ import absolute_import, unicode_literals

import os

import pytest

from rig_agent.base.compat import WINDOWS, text_type, to_native
from rig_agent.base.errors import NotFound, UsageError
from rig_agent.rig import configuration


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, folder):
    for name in list(os.environ):
        if name.startswith('RIG_AGENT'):
            monkeypatch.delenv(name)
    monkeypatch.chdir(folder)


def test_without_a_file_every_setting_has_a_default():
    settings = configuration.load()
    assert settings['scripts.ref'] == 'master' and settings['limits.total'] == 7200
    assert set(settings.origins.values()) == {'default'}


def test_a_file_beside_the_regimen_is_read_and_its_paths_are_relative_to_it(folder, write):
    path = write('lab/rig_agent.yml', 'rig: {id: BEH.B-Box4}\nhome: ../state\nlimits: {total: 90min, log: 20MB}\n'
                                      'outputs: [out, /data]\nscripts: {repository: ./scripts.git}\n')
    settings = configuration.load(regimen_folder=os.path.join(folder, 'lab'))
    assert settings['rig.id'] == 'BEH.B-Box4' and settings.origins['rig.id'] == 'file %s' % path
    assert settings['home'] == os.path.join(folder, 'state')
    assert settings['limits.total'] == 5400 and settings['limits.log'] == 20 * 10 ** 6
    assert settings['outputs'] == [os.path.join(folder, 'lab', 'out'), os.path.abspath('/data')]
    assert settings['scripts.repository'] == os.path.join(folder, 'lab', 'scripts.git')


def test_the_environment_goes_before_the_file_and_an_option_before_both(folder, write, monkeypatch):
    path = write('x.yml', 'limits: {grace: 5s}\nmtrain: {url: http://one}\n')
    monkeypatch.setenv(str('RIG_AGENT_LIMITS_GRACE'), str('7s'))
    settings = configuration.load(path)
    assert settings['limits.grace'] == 7 and settings['mtrain.url'] == 'http://one'
    assert settings.origins['limits.grace'] == 'environment RIG_AGENT_LIMITS_GRACE'
    settings.override('limits.grace', 9.0)
    assert settings['limits.grace'] == 9 and settings.origins['limits.grace'] == 'option'


def test_a_setting_that_is_left_empty_is_the_default_or_off_where_that_can_be(write):
    settings = configuration.load(write('x.yml', 'scripts: {ref: , folder: , repository: , directories: }\nmirrors:\n'
                                                 'regimens: {file: }\nrig: {id: }\nmtrain: {url: }\n'
                                                 'limits: {total: }\n'))
    default = configuration.defaults()
    assert settings['mtrain.url'] is None and settings['limits.total'] is None
    for key in ('scripts.ref', 'scripts.folder', 'scripts.repository', 'scripts.directories', 'mirrors', 'rig.id',
                'regimens.file'):
        assert settings[key] == default[key]


def test_the_cache_is_beside_the_regimen_when_that_folder_is_there(folder, monkeypatch):
    monkeypatch.setenv(str('RIG_AGENT_HOME'), to_native(os.path.join(folder, 'home')))
    assert configuration.load()['cache'] == os.path.join(folder, 'home', 'cache')
    os.mkdir(os.path.join(folder, 'camstim_v2_cache'))
    assert configuration.load()['cache'] == os.path.join(folder, 'camstim_v2_cache')


@pytest.mark.parametrize('text, words', [
    ('limts: {total: 2h}', 'Did you mean `limits`?'), ('limits: {totl: 2h}', 'Did you mean `limits.total`?'),
    ('limits: {total: soon}', 'soon'), ('limits: {silence: 0}', 'an empty value means none'),
    ('limits: 5', 'section'), ('rig: [1]', 'section'), ('- a', 'mapping of keys'),
    ('a: [', 'not YAML'), ('python: {a: 1}', 'python'), ('mirrors: [a]', 'mirrors'),
    ('mirrors: {"http://a/": copy/}', 'http://'), ('mirrors: {"": "http://a/"}', 'http://'), ('outputs: {a: 1}', 'outputs'),
    ('home: !!python/object/apply:os.getcwd []', 'not YAML'), ('rig: {id: 2026-13-01}', 'month'), ('1: 2', 'no setting'), ('a\x00b: 1', 'not YAML')])
def test_a_file_that_cannot_be_used_is_a_usage_error_that_names_the_file(write, text, words):
    path = write('x.yml', text)
    with pytest.raises(UsageError) as caught:
        configuration.load(path)
    assert words in text_type(caught.value) and 'x.yml' in caught.value.where and path in caught.value.where


@pytest.mark.skipif(WINDOWS or not os.path.exists('/proc/self/mem'), reason='needs a file that nobody can read')
def test_a_file_that_cannot_be_read_is_a_usage_error():
    with pytest.raises(UsageError) as caught:
        configuration.load('/proc/self/mem')
    assert 'cannot be read' in caught.value.what and caught.value.where == '/proc/self/mem'


@pytest.mark.parametrize('key', ['python', 'rig', 'outputs', 'mirrors', 'limits'])
def test_aliases_of_aliases_fill_no_memory(write, key):
    levels = ['&a0 [1, 1]'] + ['&a%d [%s]' % (level, ', '.join(['*a%d' % (level - 1)] * 10)) for level in range(1, 12)]
    text = 'outputs: [%s]\n%s: *a11\n' % (', '.join(levels), key)
    with pytest.raises(UsageError) as caught:
        configuration.load(write('x.yml', text))
    assert len('%s' % caught.value) < 1000


def test_a_named_file_that_is_not_there_is_said(folder):
    with pytest.raises(NotFound) as caught:
        configuration.load(os.path.join(folder, 'no.yml'))
    assert caught.value.exit_code == 6 and 'no.yml' in caught.value.where
