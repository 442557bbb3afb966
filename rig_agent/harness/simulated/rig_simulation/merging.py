"""From the parts of each interpreter to one report. Used inside the script's interpreter and by the agent."""
from __future__ import absolute_import, division, print_function

import io
import json
import os

SCHEMA = 1
PARTS = 'simulation.parts'
REPORT = 'simulation.json'
# What a script may leave as its data.
DATA = ('.pkl', '.hdf5', '.h5', '.npy', '.npz', '.nwb', '.psydat', '.csv', '.mat', '.json')


def read_parts(folder, open_file=io.open, list_folder=os.listdir):
    """The parts in a session's folder, the first interpreter's first."""
    parts = []
    try:
        names = list_folder(os.path.join(folder, PARTS))
    except OSError:
        return []
    for name in sorted(names):
        if name.endswith('.json'):
            try:
                with open_file(os.path.join(folder, PARTS, name), 'rb') as stream:
                    parts.append(json.loads(stream.read().decode('ascii')))
            except (OSError, IOError, ValueError):  # being replaced on Windows; the next merge has it
                continue
    return sorted(parts, key=lambda part: part['processes'][0]['started'])


def merge(parts):
    """One report of all parts; None without any."""
    if not parts:
        return None
    merged = parts[0]
    for part in parts[1:]:
        _add(merged, part)
    return _for_readers(merged)


def _add(whole, part):
    whole['complete'] = whole['complete'] and part['complete']
    whole['frames'] += part['frames']
    whole['licks'] += part['licks']
    # The first interpreter waits for the others without simulated time of its own.
    durations, more = whole['duration'], part['duration']
    durations['simulated'] += more['simulated']
    durations['real'] = max(durations['real'], more['real'])
    for name in ('expected', 'compared'):
        if more[name] is not None:
            durations[name] = (durations[name] or 0.0) + more[name]
    durations['expected_from'] = dict(more['expected_from'], **durations['expected_from'])
    for name in ('processes', 'stimuli', 'sections', 'hardware', 'started_processes', 'unknown'):
        whole[name] = whole[name] + part[name]
    for name in ('notes', 'findings'):
        whole[name] = whole[name] + [item for item in part[name] if item not in whole[name]]
    for name in ('trials', 'network'):
        _add_counts(whole[name], part[name])
    rewards, more = whole['rewards'], part['rewards']
    rewards['count'] += more['count']
    rewards['volume'] += more['volume']
    rewards['largest'] = max(rewards['largest'], more['largest'])
    rewards['limit'] = more['limit'] if rewards['limit'] is None else rewards['limit']
    _add_counts(rewards['by_kind'], more['by_kind'])
    for kind, entries in part['files'].items():
        whole['files'][kind].update(entries)
    for name in ('params', 'environment'):
        whole[name] = dict(part[name], **whole[name])
    for name in ('ended_by', 'exception', 'stuck'):
        whole[name] = part[name] if whole[name] is None else whole[name]


def _add_counts(counts, more):
    for name, count in more.items():
        counts[name] = counts.get(name, 0) + count


def _for_readers(report):
    """Sorted lists where the parts keep counts."""
    report['rewards']['volume'] = round(report['rewards']['volume'], 6)
    durations = report['duration']
    for name in ('simulated', 'real', 'expected', 'compared'):
        durations[name] = None if durations[name] is None else round(durations[name], 6)
    expected, compared = durations['expected'], durations['compared']
    durations['difference'] = round((compared - expected) / expected, 4) if expected else None
    files = report['files']
    report['files'] = {'read': sorted(files['read']), 'written': sorted(files['written']),
                       'missing': sorted(files['missing']), 'stood_in': files['stood_in'],
                       'redirected': files['redirected']}
    report['network'] = [{'what': what, 'times': times} for what, times in sorted(report['network'].items())]
    report['environment'] = [{'lacks': name, 'advice': advice}
                             for name, advice in sorted(report['environment'].items())]
    return report
