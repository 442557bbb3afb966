"""When only one may write: what those are told who wait, or who cannot lock at all."""
from __future__ import absolute_import, unicode_literals

import errno
import os

import pytest

from rig_agent.base.compat import WINDOWS
from rig_agent.base.errors import Refused
from rig_agent.base.locks import held


@pytest.mark.skipif(WINDOWS, reason='locks of POSIX')
def test_where_nothing_can_be_locked_that_is_said_at_once_and_nobody_is_waited_for(folder, monkeypatch):
    """As on some network drives."""
    import fcntl
    said = []

    def flock(*_):
        raise IOError(errno.ENOLCK, os.strerror(errno.ENOLCK))
    with held(os.path.join(folder, 'lock'), 'writes', said.append, 20):
        pass  # the negative control
    monkeypatch.setattr(fcntl, 'flock', flock)
    with pytest.raises((Refused, EnvironmentError)) as refused:
        with held(os.path.join(folder, 'lock'), 'writes', said.append, 20):
            pass
    assert os.strerror(errno.ENOLCK) in (getattr(refused.value, 'found', None) or str(refused.value)) and said == []


@pytest.mark.skipif(WINDOWS, reason='locks of POSIX')
def test_who_waits_is_told_what_for(folder):
    import fcntl
    path, said = os.path.join(folder, 'lock'), []
    with open(path, 'w') as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Refused) as refused:
            with held(path, 'writes', said.append, 0.6):
                pass
    assert said == ['Waiting: another rig-agent writes.'] and 'did not finish' in refused.value.what
