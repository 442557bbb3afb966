"""Pages that people look at: true, harmless, small, and laid out for a desk and for a phone."""
from __future__ import absolute_import, unicode_literals

import io
import os
import re

import pytest

from rig_agent.harness.standin.receiver import page_of
from rig_agent.reports import markup, overview, page, plots
from rig_agent.sessions import record

@pytest.fixture(scope='module')
def pages(lab):
    return {kind: page.write(folder) for kind, folder in lab.items()}


@pytest.fixture(scope='module')
def report(lab, module_agent):
    ended = module_agent('sessions', 'report', '--html', '--json')
    assert ended.code == 0, ended
    return ended.json['page']


def text_of(path):
    with io.open(path, encoding='utf-8') as stream:
        return stream.read()


def test_a_page_says_what_happened_and_what_ran(pages, lab):
    text = text_of(pages['completed'])
    values = record.read(lab['completed'])
    for expected in ('\u2713 COMPLETED', 'mouse 612345', 'by jane', values['id'], values['scripts'][0]['found_md5'],
                     'the regimen', 'Pages_Test_v1.0.0', 'frame 11', 'Peak memory', values['folder'],
                     '&quot;schema&quot;: 1', 'rig ids'):
        assert expected in text, expected


def test_a_page_of_a_failure_shows_the_traceback_and_how_it_was_ended(pages):
    failed, killed, stalled, refused = (text_of(pages[kind]) for kind in ('failed', 'killed', 'stalled', 'refused'))
    assert '\u2717 FAILED' in failed and 'ValueError: &lt;/script&gt;' in failed and 'Traceback' in failed
    assert 'No output file was saved.' in killed and 'No output file was saved.' not in refused
    assert '<code>rig-agent smoke fails <span class="word">--simulate</span></code>' in failed
    assert 'rig-agent stop, root (rig-agent stop' not in killed
    assert '\u2717 KILLED' in killed and 'How it was ended' in killed and '>kill<' in killed and '>terminate<' in killed
    assert '\u2717 STALLED' in stalled and 'silence limit' in stalled and '--silence</span> with a longer' in stalled
    assert '\u2717 REFUSED' in refused and 'What was to run' in refused and 'the rig is busy' in refused


def test_nothing_that_a_script_prints_becomes_markup(pages):
    for path in pages.values():
        text = text_of(path)
        assert '<script' not in text and '<img' not in text and '<base' not in text and text.count('<style') == 1
        assert '\x1b' not in text and '\u202e' not in text and '\x00' not in text
        assert re.findall('<meta http-equiv="?([A-Za-z-]+)', text) == ['Content-Security-Policy']
        assert "default-src 'none'" in text and 'unsafe' not in text
        assert not re.search(r'<(?:link|iframe|object|embed|form|a) ', text)


@pytest.mark.parametrize('value, expected', [
    ('<a href="x">\'&', '&lt;a href=&quot;x&quot;&gt;&#39;&amp;'), ('\x1b[1;31mred\x1b[0m', 'red'),
    ('a\x00\x07\u202eb', 'a\ufffd\ufffd\ufffdb'), ('a\r\nb', 'a\nb'), ('\u00e9\u4e2d', '\u00e9\u4e2d'),
    (None, 'None'), (3, '3')])
def test_text_is_escaped(value, expected):
    assert markup.escape(value) == expected
    assert markup.escape(markup.escape(value)) == expected


def test_a_page_is_small_even_after_ten_hours(pages, report):
    for path in list(pages.values()) + [report]:
        assert os.path.getsize(path) < 300000, path


def test_ten_hours_of_samples_become_a_few_hundred_points_and_no_peak_is_lost(lab, pages):
    samples = plots.read_samples(lab['long'])
    assert len(samples) == 36000
    columns = plots.envelope([(one[0], one[1]) for one in samples], samples[-1][0])
    assert len(columns) == plots.COLUMNS and max(most for _, _, most in columns) == 360.0
    assert min(least for _, least, _ in columns) == 40.0
    text = text_of(pages['long'])
    assert 'CPU: at most 360 %' in text and 'Output: at most 100 kB/s' in text and 'Memory: at most 236 MB' in text


def test_an_envelope_keeps_the_least_and_the_most_of_each_column():
    assert plots.envelope([(0, 5), (1, 1), (1.5, 9), (9.9, 3), (10, 4)], 10, columns=2) == [(0, 1, 9), (1, 3, 4)]
    assert plots.envelope([(0, 5)], 0) == [(0, 5, 5)] and plots.envelope([], 10) == []


def test_lines_of_samples_that_are_cut_short_or_damaged_are_left_out(folder, write):
    heading = ','.join(plots.resources.HEADER)
    write('resources.csv', '\r\n'.join([heading, 'x,1.0,5,6,1,2,3,10,5', 'x,2.0,nonsense,6,1,2,3,10,5',
                                       'x,3.0,5,6,1,2,,30,5', 'x,4']))
    samples = plots.read_samples(folder)
    assert samples == [(1.0, 5.0, 6.0, 15.0), (3.0, 5.0, 6.0, 35.0)] and plots.rates(samples) == [(3.0, 10.0)]


def test_a_secret_of_the_session_is_masked_wherever_its_page_would_show_it(lab):
    values = record.read(lab['completed'])
    assert values['scripts']
    made = page.make(lab['completed'], known=['frame 1'])
    assert b'frame 1' not in made and b'***' in made


def test_show_html_names_the_page_and_report_puts_failures_first(module_agent, lab, report):
    shown = module_agent('sessions', 'show', os.path.basename(lab['failed']), '--html')
    assert shown.code == 0 and os.path.isfile(shown.out.strip())
    text = text_of(report)
    first = text.index('Did not end well (4)')
    places = [text.index(title) for title in ('By day', 'By rig', 'By stage', 'By mouse', 'All (6)')]
    assert [first] + places == sorted([first] + places)
    for link in re.findall('href="([^"]+)"', text):
        assert os.path.isfile(os.path.join(os.path.dirname(report), link)), link
    assert text.count('href=') == 8
    counts = module_agent('sessions', 'report', '--json').json
    assert counts['sessions'] == 6 and counts['outcomes']['completed'] == 2 and len(counts['bad']) == 4
    assert counts['mice']['612345'] == {'completed': 2}
    lines = module_agent('sessions', 'report').out.splitlines()
    assert lines[0].startswith('6 sessions') and lines[1].split()[0] in ('failed', 'stalled', 'killed', 'refused')


def test_days_and_times_are_those_of_the_rigs_clock_as_since_and_folders_have_them(lab):
    """At eight in the evening a UTC day is the next one, and nobody at the rig would look for it there."""
    values = record.read(lab['completed'])
    values.update(folder='C:\\x\\sessions\\261123200501_stage_0a0a0a0a')
    values['times']['requested'] = '2026-11-24T04:05:01.000Z'
    assert overview.counts([values])['days'] == {'2026-11-23': {'completed': 1}}
    assert b'2026-11-23 20:05' in overview.make([values], 'x') and b'2026-11-24' not in overview.make([values], 'x')
    values['folder'] = '/elsewhere'
    assert record.local_time(values) == '2026-11-24 04:05:01 UTC'


@pytest.mark.parametrize('value, top', [(0, 1), (360, 400), (9.85, 10), (100, 100), (101, 150), (0.03, 0.03), (7e9, 8e9)])
def test_a_scale_ends_with_a_round_number_that_is_not_below(value, top):
    assert abs(plots.round_up(value) - top) < 1e-9 * max(top, 1)


def test_a_stage_breaks_behind_underscores_and_a_name_without_any_wherever_it_has_to():
    assert 'TRAINING_<wbr>0_<wbr>x&lt;' in markup.name('TRAINING_0_x<')
    assert markup.name('w' * 30) == 'w' * 30 and markup.name('') == '<span class="name"></span>'


def test_a_report_without_sessions_says_so():
    assert b'No sessions.' in overview.make([], 'x')


def test_before_the_first_session_that_is_said(agent):
    assert agent('sessions', 'report').out == 'No sessions.\n'
    for words in (('logs', 'tail'), ('sessions', 'show', 'last'), ('sessions', 'show', '0a')):
        ended = agent(*words)
        assert ended.code == 6 and 'No session has run on this rig yet' in ended.err, ended


@pytest.fixture(scope='module')
def outcomes(lab, tmpdir_factory):
    """The receiver's page of the same sessions."""
    path = os.path.join(str(tmpdir_factory.mktemp('receiver')), 'outcomes.html')
    with io.open(path, 'wb') as stream:
        stream.write(page_of([record.read(folder) for folder in lab.values()]))
    return path


def test_a_browser_shows_every_page_without_overlap_or_cut_text_at_a_desk_and_on_a_phone(browser, pages, report, outcomes):
    found = browser(list(pages.values()) + [report, outcomes])
    assert len(found) == 4 * (len(pages) + 2)
    for one in found:
        assert one['scripts'] == 0 and one['images'] == 0, one
        assert one['title'] != 'owned' and one['text'] > 500, one
        assert one['wide'] <= one['width'] and one['outside'] == [] and one['overlaps'] == [], one
        assert one['pale'] == [], one


def test_a_browser_sees_what_is_wrong_with_a_page(browser, folder, write):
    """The negative control: overlap, cut text, weak contrast, a broken md5, a page wider than its window."""
    bad = write('bad.html', '<p style="position:absolute;top:9px">one</p><p style="position:absolute;top:9px">two</p>'
                            '<p style="width:2rem;overflow:hidden;white-space:nowrap">a text that is cut</p>'
                            '<p style="color:#999">pale</p><div style="width:3000px;height:1px"></div>'
                            '<table><td style="width:2rem"><span class=md5 style="overflow-wrap:anywhere">%s</span></table>'
                            % ('0' * 32))
    [found] = [one for one in browser([bad]) if one['width'] == 1100]
    assert found['wide'] > found['width'] and found['overlaps'] and found['pale'] == ['P pale'], found
    assert any('that is cut' in one for one in found['outside']), found
    assert any(one.startswith('broken: SPAN 000') for one in found['outside']), found
