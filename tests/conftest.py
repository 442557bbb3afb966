"""What every test stands on: the installed command in an environment of its own, real servers, real repositories.

Each test gets a home of its own, so that no test sees another's sessions or cache, and none reads the developer's
own configuration, git identity or rig ids.
"""
from __future__ import absolute_import, unicode_literals

import io
import os
import signal

import pytest

from rig_agent.base.compat import to_native, to_text
from servers import GitRepository, WebServer, make_certificate
from support import Agent


def pytest_configure():
    """Let what the tests start hear Ctrl-C: a shell ignores it for what it starts in the background, which is inherited."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def folder(tmpdir):
    """An empty folder, its name with a blank and a letter outside ASCII, as on a real rig."""
    path = os.path.join(to_text(str(tmpdir)), 'r\u00e9gime 1')
    os.mkdir(to_native(path))
    return path


@pytest.fixture
def agent(folder, tmpdir):
    home = os.path.join(to_text(str(tmpdir)), 'home')
    os.mkdir(home)
    return Agent(folder, home)


@pytest.fixture(scope='module')
def module_agent(tmpdir_factory):
    """One agent for all tests of a module that look at the results of one long command."""
    home = to_text(str(tmpdir_factory.mktemp('home')))
    return Agent(home, home)


@pytest.fixture
def write(folder):
    """write(name, text or bytes) puts a file into `folder`, as bytes, and returns its path."""
    def write_file(name, content):
        path = os.path.normpath(os.path.join(folder, name))
        if not os.path.isdir(os.path.dirname(path)):
            os.makedirs(os.path.dirname(path))
        with io.open(path, 'wb') as stream:
            stream.write(content if isinstance(content, bytes) else content.encode('utf-8'))
        return path
    return write_file


@pytest.fixture
def web():
    """A web server on the loopback that counts its hits and misbehaves on request."""
    server = WebServer()
    yield server
    server.close()


@pytest.fixture(scope='session')
def certificate(tmpdir_factory):
    """A file with a certificate for this machine and its key, which nobody trusts by himself."""
    return make_certificate(to_text(str(tmpdir_factory.mktemp('tls'))))


@pytest.fixture
def tls_web(certificate):
    """As `web`, but it speaks https."""
    server = WebServer(certificate)
    yield server
    server.close()


@pytest.fixture
def repository(tmpdir):
    """An empty git repository; `repository.commit({'v2/x_v2.py': b'...'})` fills it."""
    return GitRepository(os.path.join(to_text(str(tmpdir)), 'scripts repository'))
