"""The environment of a rig and the package itself: what stands in the files is what gets installed."""
from __future__ import absolute_import, unicode_literals

import io
import os
import re
import sys

import pytest
import yaml

import rig_agent
from support import PROJECT

try:
    from importlib import metadata
except ImportError:  # before 3.8, where pytest brings it
    import importlib_metadata as metadata


def rig_environment():
    with io.open(os.path.join(PROJECT, 'conda-env.yml'), encoding='utf-8') as stream:
        return yaml.safe_load(stream)


def pip_part():
    return [item['pip'] for item in rig_environment()['dependencies'] if isinstance(item, dict)][0]


def test_the_rig_environment_is_python_2_7_named_camstim_with_the_package_itself():
    environment = rig_environment()
    assert environment['name'] == 'camstim'
    assert 'python=2.7' in environment['dependencies']
    assert '.' in pip_part()


def test_every_library_that_the_package_needs_is_pinned_for_the_rig():
    pinned = {re.split('==', line)[0].lower() for line in pip_part() if '==' in line}
    needed = {re.match('[A-Za-z0-9_.-]+', requirement).group(0).lower()
              for requirement in metadata.requires('rig_agent') if 'extra ==' not in requirement}
    assert pinned == needed


@pytest.mark.skipif(sys.version_info[0] != 2, reason='the rig environment is of Python 2.7')
def test_the_pinned_versions_are_the_ones_installed_here():
    """The test environment of 2.7 is made with these versions, so its being there shows that they install."""
    for line in pip_part():
        if '==' in line:
            name, version = line.split('==')
            assert metadata.version(name) == version


def test_the_bundled_scripts_are_installed_with_the_package():
    names = os.listdir(os.path.join(os.path.dirname(rig_agent.__file__), 'scripts', 'bundled'))
    assert len([name for name in names if name.endswith('_v2.py')]) >= 3
