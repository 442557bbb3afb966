"""Durations, sizes and time stamps."""
from __future__ import absolute_import, unicode_literals

import pytest

from rig_agent.base import units
from rig_agent.base.errors import UsageError


@pytest.mark.parametrize('text, seconds', [
    ('90', 90), ('90s', 90), ('5min', 300), ('2h', 7200), ('1.5 h', 5400), (90, 90), (0.25, 0.25), ('250ms', 0.25),
    ('1d', 86400), ('2H', 7200)])
def test_a_duration_is_seconds_or_a_number_with_a_unit(text, seconds):
    assert units.parse_duration(text) == seconds


@pytest.mark.parametrize('text', ['', 'soon', '-5s', '5 weeks', None, True, '1e3', 'nan', [1], '9' * 400])
def test_what_is_no_duration_is_refused_with_an_example(text):
    with pytest.raises(UsageError) as caught:
        units.parse_duration(text)
    assert '90s' in caught.value.expected


@pytest.mark.parametrize('text, size', [('200MB', 200000000), ('1GiB', 1 << 30), (1000, 1000), ('1.5kB', 1500)])
def test_a_size_is_bytes_or_a_number_with_a_unit(text, size):
    assert units.parse_size(text) == size


@pytest.mark.parametrize('seconds, text', [
    (1.4249, '1.42 s'), (60, '1 min'), (125, '2 min 5 s'), (11520, '3 h 12 min'), (7200, '2 h'), (None, '-')])
def test_durations_are_shown_as_people_say_them(seconds, text):
    assert units.format_duration(seconds) == text


@pytest.mark.parametrize('size, text', [(812, '812 B'), (1400, '1.4 kB'), (20000000, '20 MB'), (3 * 10 ** 12, '3 TB')])
def test_sizes_are_shown_as_people_say_them(size, text):
    assert units.format_size(size) == text


@pytest.mark.parametrize('timestamp', [0, 1.5, 1700000000.9996, 1763939102.418])
def test_a_time_stamp_goes_to_text_and_back(timestamp):
    text = units.utc_text(timestamp)
    assert text.endswith('Z') and len(text) == 24
    assert abs(units.parse_utc(text) - timestamp) < 0.001
