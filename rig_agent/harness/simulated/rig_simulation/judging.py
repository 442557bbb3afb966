"""From the facts to findings: what a person has to look at before the stage meets an animal."""
from __future__ import absolute_import, division, print_function

import difflib
import re
import sys

from rig_simulation import fakes, libraries, places, recorder
from rig_simulation.clock import CLOCK
from rig_simulation.merging import DATA
from rig_simulation.options import OPTIONS
from rig_simulation.params import given_params
from rig_simulation.report import read_parts, real_listdir, real_mode, real_open

TOLERANCE = 0.1           # of an expected duration
LARGEST_REWARD = 0.1      # mL; a drop of water for a mouse is a hundredth of that to a tenth
SHORTEST_SESSION = 1.0    # simulated seconds; what is shorter has shown nothing to an animal
MOST_NAMED = 3            # unknown things in a finding
EXPLAINED = ('volume limit', 'control stream', 'interrupt')
SCRIPT = 'script'         # its own stop(): the session may be shorter, and has its output all the same
CLOSE, VERY_CLOSE = 0.8, 0.9  # likeness of two names that mean the same
# Parameters that camstim itself or its task reads, beside the defaults of its classes.
KNOWN = ('stage', 'task_id', 'mouse_id', 'user_id', 'reward_volume', 'reward_vol', 'stimulus', 'output_dir',
         'catch_freq', 'abort_early_response', 'lick_on_auto_rewards', 'omitted_go_reward_frequency', 'random_rewards',
         'start_padding_windowless', 'start_stop_padding', 'max_task_duration_min', 'session_dur',
         'max_mapping_duration_min', 'flash_omit_probability', 'max_trials')


def judge(report):
    """Add findings to a report that is about to be completed."""
    report.params = given_params()
    ended_early = report.exception is not None or (report.ended_by or '').startswith('key') \
        or report.ended_by in EXPLAINED or any(found['code'].startswith('endless') for found in report.findings)
    forget_scratch(report)
    judge_duration(report, ended_early or report.ended_by == SCRIPT and CLOCK.elapsed > SHORTEST_SESSION)
    judge_files(report)
    judge_water(report)
    judge_names(report)
    judge_shown(report)
    if not ended_early and report.is_first:
        judge_end(report)


def judge_shown(report):
    """What a session says that it shows, and does not."""
    unknown = _taken_of_unknown()
    for text, whose in report.never_shown:
        report.finding('no-session', text + unknown, of='simulator' if unknown else whose)


def _taken_of_unknown():
    """Words on the unknown things that the script took values of; empty without any."""
    unknown = ', '.join(sorted(recorder.values_given)[:MOST_NAMED])
    return ', and took values of what the simulator does not know: ' + unknown if unknown else ''


def judge_end(report):
    """A session without an output, or one that a value of something unknown ended before it began."""
    unknown = _taken_of_unknown()
    if not _has_output(report):
        report.finding('no-output', 'the script ended without an output file' + unknown,
                       of='simulator' if unknown else 'script')
    elif unknown and CLOCK.elapsed < SHORTEST_SESSION:
        report.finding('no-session', 'the script was at its end after %.2g s%s' % (CLOCK.elapsed, unknown),
                       of='simulator')


# ------------------------------------------------------------------------------------------------ duration

def judge_duration(report, ended_early):
    """Compare what the parameters say with what was simulated."""
    if not CLOCK.frames:
        return
    for what, expected, found in expectations(report):
        report.expected[what] = expected
        report.expected_seconds = (report.expected_seconds or 0.0) + expected
        report.compared_seconds = (report.compared_seconds or 0.0) + found
        difference = (found - expected) / expected if expected else 0.0
        if abs(difference) <= TOLERANCE:
            continue
        text = '%s says %s, simulated were %s' % (what, _minutes(expected), _minutes(found))
        if ended_early and difference < 0:
            report.note('%s: ended by %s' % (text, report.ended_by or 'an exception'))
        else:
            report.finding('duration', text)


def expectations(report):
    """(parameter, seconds by it, simulated seconds) for each parameter that says how long something takes."""
    params = report.params
    in_sections = {}
    for section in report.sections:
        in_sections[section['name']] = in_sections.get(section['name'], 0.0) + section['seconds']
    if _number(params.get('session_dur')):
        yield 'session_dur', _number(params['session_dur']), CLOCK.elapsed
        return
    task, mapping = _number(params.get('max_task_duration_min')), _number(params.get('max_mapping_duration_min'))
    if task:
        if 'task' in in_sections or not mapping and 'max_task_duration_min' in script_words()[0]:
            yield 'max_task_duration_min', 60.0 * task, in_sections.get('task', CLOCK.elapsed)
    if mapping and not params.get('disable_mapping_portion') and ('SweepStim' in in_sections or not task):
        yield 'max_mapping_duration_min', 60.0 * mapping, in_sections.get('SweepStim', CLOCK.elapsed)


def _number(value):
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _minutes(seconds):
    return '%.4g min' % (seconds / 60.0) if seconds >= 60 else '%.4g s' % seconds


# ------------------------------------------------------------------------------------------------ files, water

def forget_scratch(report):
    """Files that the script made and removed again are nobody's affair."""
    for path in list(report.files['written']):
        if not real_mode(path):
            del report.files['written'][path]
            report.files['read'].pop(path, None)
    for path in list(report.files['read']):  # Python reads it to show a line of it
        if path == sys.argv[0]:
            del report.files['read'][path]


def judge_files(report):
    for path in sorted(report.files['missing']):
        report.finding('missing-file', '%s is read, and is not there' % path,
                       of='environment' if places.is_foreign(path) else 'script')
    if not OPTIONS.fake_assets and any(fakes.has_maker(path) for path in report.files['missing']):
        report.note('--fake-assets stands in for movies, images and .stim files that are not here')


def judge_water(report):
    rewards = report.rewards
    if rewards['limit'] is not None and rewards['volume'] > rewards['limit'] + rewards['largest'] + 1e-9:
        report.finding('reward-limit', 'the rewards are %.4g mL, the limit is %.4g mL'
                       % (rewards['volume'], rewards['limit']))
    if rewards['largest'] > LARGEST_REWARD:
        report.finding('reward-volume', 'one reward is %.4g mL, more than %.4g mL'
                       % (rewards['largest'], LARGEST_REWARD))


def _has_output(report):
    try:
        names = real_listdir(OPTIONS.output)
    except OSError:
        names = []
    written = [part['files']['written'] for part in read_parts()] + [report.files['written']]  # other interpreters' too
    return bool(names) or any(path.lower().endswith(DATA) for paths in written for path in paths)


# ------------------------------------------------------------------------------------------------ names

def judge_names(report):
    """A parameter that nothing reads and that looks like one that something reads is misspelt."""
    words, texts = script_words()
    if not words:
        return
    known = set(KNOWN)
    for name in ('camstim.change.task', 'camstim.sweepstim'):
        if name in sys.modules:
            known.update(sys.modules[name].DEFAULTS)
    readable = (known if 'camstim' in sys.modules else set()) | texts
    for name in sorted(report.params):
        if name in words or name in known:
            continue
        # Beside the right name, which a merge key may have brought, a misspelt one has to be closer still.
        absent = [other for other in readable if other not in report.params]
        close = difflib.get_close_matches(name, absent, 1, CLOSE) or \
            difflib.get_close_matches(name, readable, 1, VERY_CLOSE)
        if close:
            report.finding('unknown-parameter', 'nothing reads the parameter %s; did you mean %s?' % (name, close[0]))


def script_words():
    """(all words, all texts that could be names) of the script and of the modules beside it."""
    words, texts = set(), set()
    for path in _own_sources():
        try:
            with real_open(path, 'rb') as stream:
                text = stream.read(1 << 22).decode('utf-8', 'replace')
        except EnvironmentError:
            continue
        words.update(re.findall(r'[A-Za-z_]\w*', text))
        texts.update(re.findall(r'["\']([A-Za-z_]\w*)["\']', text))
    return {str(word) for word in words}, {str(text) for text in texts}


def _own_sources():
    paths = [getattr(module, '__file__', None) for module in list(sys.modules.values())]
    paths += sys.argv[:1]  # Python forgets the file of `__main__` when a script fails or runs to its last line
    return {path[:-1] if path.endswith(('.pyc', '.pyo')) else path for path in paths
            if isinstance(path, str) and path and libraries.is_of_script(path)}
