"""A rig's cache, resolvers for it, and regimens to fetch."""
from __future__ import absolute_import, unicode_literals

import contextlib
import json
import os
import sys

import pytest

from rig_agent.base import download
from rig_agent.base.compat import to_native, to_text
from rig_agent.cli.main import run
from rig_agent.rig import configuration
from rig_agent.scripts.cache import Cache
from rig_agent.scripts.resolution import Resolver
from support import Ended


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
def processes(agent, repository):
    """The `rig-agent` command in processes of its own, with this test's repository of scripts."""
    agent.environment['RIG_AGENT_SCRIPTS_REPOSITORY'] = repository.url
    return agent


@contextlib.contextmanager
def kept_streams():
    """Take pytest's stdout and stderr back from the wrappers that the agent puts around them on Python 3.6."""
    streams = sys.stdout, sys.stderr
    try:
        yield
    finally:
        for name, stream in zip(('stdout', 'stderr'), streams):
            wrapper = getattr(sys, name)
            if wrapper is not stream:
                wrapper.detach()
                setattr(sys, name, stream)


@pytest.fixture
def online(processes, monkeypatch, capfd):
    """online('cache', 'fetch') runs a command as `processes` does, within this process: a tenth of the time."""
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in processes.environment.items():
        monkeypatch.setenv(to_native(name), to_native(value))
    for module in list(sys.modules.values()):  # Python 2 may have found the package by a relative path
        if getattr(module, '__name__', '').startswith('rig_agent') and hasattr(module, '__path__'):
            module.__path__ = [os.path.abspath(folder) for folder in module.__path__]
    monkeypatch.chdir(to_native(processes.folder))

    def command(*words):
        capfd.readouterr()
        with kept_streams():
            code = run([to_native(word) for word in words])
        out, err = capfd.readouterr()
        ended = Ended(code, out, err)
        assert code != 3, ended
        return ended
    command.home = processes.home
    return command


@pytest.fixture
def regimen(write):
    """regimen({stage: (script, script_md5, parameters)}) writes regimen.yml, as JSON, which YAML takes."""
    def make(stages, name='Test_v1.0.0', path='regimen.yml'):
        document = {'name': name, 'stages': {}, 'transitions': []}
        for stage, (script, md5, parameters) in stages.items():
            document['stages'][stage] = {'script': script, 'script_md5': md5,
                                         'parameters': dict(parameters, stage=stage)}
        return write(path, json.dumps(document, indent=1))
    return make
