"""Mistyped names are answered in one way everywhere: what begins so, else what holds it, else what is like it."""
from __future__ import absolute_import, unicode_literals

import pytest

from rig_agent.base.nearest import alike, did_you_mean, nearest

STAGES = ['TRAINING_0_gratings_autorewards', 'TRAINING_1_gratings', 'TRAINING_2_gratings_flashed',
          'TRAINING_4_images_A', 'OPHYS_1_images_A', 'OPHYS_2_images_A_passive']


@pytest.mark.parametrize('typed, expected', [
    ('TRAINING_0', ['TRAINING_0_gratings_autorewards']),
    ('training_', ['TRAINING_1_gratings', 'TRAINING_4_images_A', 'TRAINING_2_gratings_flashed']),
    ('images_a', ['OPHYS_1_images_A', 'TRAINING_4_images_A', 'OPHYS_2_images_A_passive']),
    ('TRAINNG_1_gratings', ['TRAINING_1_gratings', 'TRAINING_2_gratings_flashed', 'TRAINING_0_gratings_autorewards']),
    ('TRAINING_0_gratings_autoreward_30min', ['TRAINING_0_gratings_autorewards', 'TRAINING_2_gratings_flashed',
                                              'TRAINING_1_gratings']),
    ('zzz', []), ('', []), ('A', [])])
def test_what_begins_so_comes_before_what_is_like_it(typed, expected):
    assert nearest(typed, STAGES) == expected


def test_a_key_is_judged_by_likeness_alone():
    assert alike('na', ['name', 'stages']) == ['name'] and alike('n', ['name']) == [] and nearest('n', ['name'])


def test_the_question_names_each():
    assert did_you_mean('rn', ['run', 'stop'], shown='`rig-agent %s`') == 'Did you mean `rig-agent run`?'
    assert did_you_mean('tot', ['total', 'toto']) == 'Did you mean `toto` or `total`?'
    assert did_you_mean('x', ['run']) is None
