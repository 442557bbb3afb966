"""A rig's cache, resolvers for it, and regimens to fetch."""
from __future__ import absolute_import, unicode_literals

import json
import os

import pytest

from rig_agent.base import download
from rig_agent.base.compat import to_text
from rig_agent.base.files import md5_of_bytes
from rig_agent.rig import configuration
from rig_agent.scripts.cache import Cache
from rig_agent.scripts.resolution import Resolver


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(download, 'FIRST_PAUSE', 0.01)


@pytest.fixture
def cache(tmpdir):
    return Cache(os.path.join(to_text(str(tmpdir)), 'home', 'cache'), say=lambda line: None)


@pytest.fixture
def settings(tmpdir, cache, repository):
    """The default configuration with this test's cache and repository."""
    values = configuration.defaults()
    values.update({'cache': cache.folder, 'scripts.repository': repository.url})
    return configuration.Configuration(values, {})


@pytest.fixture
def resolver(settings, cache):
    """resolver(...) makes a Resolver with the options given."""
    def make(**options):
        return Resolver(settings, cache, **options)
    return make


@pytest.fixture
def online(agent, repository):
    """The `rig-agent` command with this test's repository of scripts, its cache in the home."""
    agent.environment['RIG_AGENT_SCRIPTS_REPOSITORY'] = repository.url
    return agent


@pytest.fixture
def regimen(write):
    """regimen({stage: (script, script_md5, parameters)}) writes regimen.yml, as JSON, which YAML takes."""
    def make(stages, name='Test_v1.0.0', path='regimen.yml'):
        document = {'name': name, 'stages': {}, 'transitions': []}
        for stage, (script, md5, parameters) in stages.items():
            document['stages'][stage] = {'script': script, 'script_md5': md5, 'parameters': dict(parameters, stage=stage)}
        return write(path, json.dumps(document, indent=1))
    return make


def md5(content):
    return md5_of_bytes(content)
