"""The lab's regimens come out as the same JSON on every Python, byte for byte.

same_everywhere.json holds, for the sha256 of each file, that of what `show` prints of it; made once, held to on each
Python. A file that is not in it is only read. `python tests/regimens/test_same_everywhere.py` makes it anew.
"""
from __future__ import absolute_import, unicode_literals

import hashlib
import io
import os

import pytest

from rig_agent.base.compat import json_text, read_json
from rig_agent.base.errors import RigAgentError
from rig_agent.base.files import write_json
from rig_agent.regimens.reading import read
from support import real_regimens

KNOWN = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'same_everywhere.json')


def shown(content):
    """What `show` prints of a regimen, or the message that it gives."""
    try:
        return json_text(read(content, 'regimen.yml').document).encode('ascii')
    except RigAgentError as error:
        return json_text(error.as_json()).encode('ascii')


def digest(content):
    return '%s' % hashlib.sha256(content).hexdigest()


def contents():
    for path in real_regimens():
        with io.open(path, 'rb') as stream:
            yield stream.read()


@pytest.mark.skipif(not real_regimens(), reason="the lab's regimens are not at hand")
def test_the_labs_regimens_are_the_same_json_on_every_python():
    known = read_json(KNOWN)
    for content in contents():
        assert known.get(digest(content)) in (None, digest(shown(content)))


if __name__ == '__main__':
    write_json(KNOWN, {digest(content): digest(shown(content)) for content in contents()})
