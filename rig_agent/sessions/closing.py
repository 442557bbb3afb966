"""The end of a session: its facts gathered, its outcome judged, its record closed, its mark as open taken away."""
from __future__ import absolute_import, unicode_literals

import os

from rig_agent.base.compat import json_text, monotonic, printed_text, read_json
from rig_agent.base.files import md5_of_file, remove_quietly, write_json
from rig_agent.base.masking import mask_value
from rig_agent.base.units import utc_now
from rig_agent.sessions import admission, outcome, prepare, record, resources, shim, stopping, system, tracebacks

TAIL = 256 * 1024          # bytes of stderr that are searched for a traceback
TAIL_KEPT = 4000           # characters of it that the record keeps
SIMULATION = 'simulation.json'
LARGEST_SIMULATION = 1 << 20


def refuse(keeper, kind, reason):
    """Close a session that was not allowed to start."""
    keeper.record.values['refused_for'] = kind
    _finish(keeper, {'refusal': reason}, None)


def close_unstarted(keeper, cause):
    """Close a session that somebody wanted to stop before its script was started."""
    keeper.record['stop'] = dict(keeper.record['stop'], cause=cause[0], text=cause[1])
    _finish(keeper, {'cause': cause[0], 'cause_text': cause[1], 'unstarted': True}, None)


def close(keeper, ended, last_step):
    """Close a session whose script ended as `ended` says; None: it could not be ended."""
    facts = {'cause': keeper.cause and keeper.cause[0], 'cause_text': keeper.cause and keeper.cause[1],
             'last_step': last_step}
    if ended is None:
        _note_survivors(keeper, facts)
    elif ended.get('wrong'):
        keeper.record.values['refused_for'] = 'wrong_bytes'
        facts['refusal'] = 'the bytes about to run were not those that were verified: %s' % ', '.join(
            '%s has md5 %s, %s was expected' % (item['name'], item['found'], item['expected'])
            for item in ended['wrong'])
    else:
        facts['spawn_error'] = ended['error'] and '%s: %s' % (keeper.record['argv'][0], ended['error'])
        facts['exit_code'], facts['signal'] = ended.get('code'), ended.get('signal')
        if ended.get('lost'):
            facts['lost'] = 'the exit code is lost: the process that waited for the script was killed'
    _finish(keeper, facts, ended)


def close_lost(keeper):
    """Close a session of which nothing lives any more: from exit.json when the shim wrote one, else as interrupted."""
    ended = keeper.script.read_exit()
    keeper.tree.watch(None, keeper.script.script)
    if keeper.script.started and keeper.record.state == 'prepared':
        keeper.take_in_start()
    stopper = stopping.Stopper(keeper.tree, lambda: True, keeper.wait, lambda: True, keeper.record, 0, None)
    keeper.script.exit = ended or {}
    keeper.record['leftovers'] = stopper.end_leftovers(0.0, keeper.is_kept)
    if ended:
        keeper.take_up_stop(ended)
        keeper.record.warn('the keeper died; the record was closed later, at %s' % utc_now())
        return close(keeper, ended, keeper.last_step)
    if not keeper.script.started and keeper.record['process']['pid'] is None:
        reason = 'the agent or the machine went away before the script was started'
    else:
        reason = 'the machine or the agent went away while the script ran; how it ended is not known'
        sign = _last_sign(keeper)
        keeper.record.warn('when it ended is not known; the last sign of it is of %s, and the record was closed at %s'
                           % (sign, utc_now()))
        return _finish(keeper, {'lost': reason}, {'ended': sign})
    _finish(keeper, {'lost': reason}, None)


def _last_sign(keeper):
    """When the session last wrote something, as UTC text."""
    moments = [os.stat(os.path.join(keeper.folder, name)).st_mtime for name in
               ('stdout.log', 'stderr.log', resources.FILE) if os.path.exists(os.path.join(keeper.folder, name))]
    return min(shim.utc_text(max(moments)), utc_now()) if moments else utc_now()


def close_barely(keeper, reason, cause, last_step):
    """Close a record after a defect of the keeper: with the exit code where there is one, and with what went wrong."""
    if keeper.record.state == 'ended':
        return
    ended = keeper.script.exit or {}
    values = keeper.record.values
    number = ended.get('signal')
    facts = {'exit_code': ended.get('code'), 'signal': number, 'cause': cause and cause[0],
             'cause_text': cause and cause[1], 'last_step': last_step,
             'signal_name': system.signal_name(number) if number is not None else None}
    if ended.get('code') is None and number is None:
        facts['lost'] = reason
    values['outcome'], keeper.record['reason'] = outcome.judge(facts)
    values['exit'] = {'code': facts['exit_code'], 'signal': facts['signal_name'],
                      'status': outcome.decode_status(facts['exit_code']), 'error': None}
    values['times'].update(_times(keeper, ended))
    if keeper.logs:
        keeper.guarded(keeper.logs.finish)
    keeper.record.warn('this record is incomplete: %s; see keeper.log' % reason)
    _mask_request(keeper)
    keeper.record.move('ended', outcome=values['outcome'], reason=values['reason'])
    prepare.mark_closed(keeper.spec['home'], keeper.spec['id'])


def _note_survivors(keeper, facts):
    pids = keeper.tree.find()
    facts['lost'] = 'it could not be ended'
    keeper.record['leftovers'] = [dict(keeper.tree.describe(pid), result=stopping.COULD_NOT_BE_ENDED) for pid in pids]
    keeper.record.warn('the stop did not work: still alive: %s' % ', '.join('pid %d' % pid for pid in pids))


def _finish(keeper, facts, ended):
    values = keeper.record.values
    keeper.record.make_folder_again()
    keeper.guarded(admission.warn_of_low_disk, keeper)  # before the logs' space is given back
    if keeper.logs:
        _read_logs(keeper, facts)
    if keeper.outputs:
        keeper.guarded(_read_outputs, keeper, facts)
    number = facts.get('signal')
    facts['signal_name'] = system.signal_name(number) if number is not None else None
    values['exit'] = {'code': facts.get('exit_code'), 'signal': facts['signal_name'],
                      'status': outcome.decode_status(facts.get('exit_code')), 'error': facts.get('spawn_error')}
    values['outcome'], keeper.record['reason'] = outcome.judge(facts)
    if values['outcome'] == 'completed' and facts.get('traceback'):
        keeper.record.warn('stderr holds a traceback: %s' % facts['traceback']['type'])
    _read_simulation(keeper)
    values['resources'] = dict(keeper.sampler.peaks) if keeper.sampler.peaks['samples'] else values['resources']
    values['resources']['cpu_s'] = (ended or {}).get('cpu_s')
    if values['resources']['peak_memory_bytes'] is None:  # it ended before the first sample
        values['resources']['peak_memory_bytes'] = (ended or {}).get('largest_process_bytes')
    values['times'].update(_times(keeper, ended))
    _check_files_again(keeper)
    if keeper.record.lost_events:
        values['warnings'].append('%d events could not be written' % keeper.record.lost_events)
    for name in (record.BALLAST, stopping.RESERVED):
        remove_quietly(os.path.join(keeper.folder, name))
    _mask_request(keeper)
    saved = keeper.record.move('ended', outcome=values['outcome'], reason=values['reason'])
    if saved and not admission.survivors(values):  # else the next command closes it
        prepare.mark_closed(keeper.spec['home'], keeper.spec['id'])


def _mask_request(keeper):
    """The request was needed as it was until now; from here on it is only read, also by another that closes for us."""
    masked = mask_value(keeper.spec)
    if masked != keeper.spec:
        keeper.guarded(write_json, os.path.join(keeper.folder, prepare.REQUEST), masked)


def _times(keeper, ended):
    duration = (ended or {}).get('duration_s')
    if duration is None and ended and 'code' in ended and keeper.begun is not None and keeper.record['times']['started']:
        duration = round(max(monotonic() - keeper.begun, 0.0), 3)
    return {'ended': (ended or {}).get('ended') or utc_now(), 'duration_s': duration}


def _read_logs(keeper, facts):
    out, err = (keeper.logs.by_name[name] for name in ('stdout', 'stderr'))
    facts['said_last'] = err.modified()  # before `finish` touches the files
    facts['went_on'] = out.size > 0 and out.modified() > facts['said_last']
    keeper.guarded(keeper.logs.finish)
    for log in keeper.logs.by_name.values():
        if keeper.guarded(log.restore):
            keeper.record.warn('%s was removed while the session ran; it was written anew' % os.path.basename(log.path))
    keeper.record.values['logs'] = keeper.logs.as_json()
    for name, log in sorted(keeper.logs.by_name.items()):
        if log.dropped:
            keeper.record.warn('%s.log was over its limit: its first %d bytes were dropped' % (name, log.dropped))
    text = printed_text(keeper.logs.by_name['stderr'].tail(TAIL))
    script = keeper.spec['start']['argv'][1]
    facts['traceback'] = keeper.record['traceback'] = tracebacks.find(text, script)
    keeper.record['stderr_tail'] = text[-TAIL_KEPT:] or None


def _read_outputs(keeper, facts):
    keeper.record['outputs'] = found = keeper.outputs.as_json()
    facts['outputs'] = bool(found)
    facts['saved_after'] = facts.get('said_last') is not None and keeper.outputs.newest > facts['said_last']
    facts['escape_pressed'] = any(entry['escape_pressed'] for entry in found)


def _read_simulation(keeper):
    """What the simulated camstim says of its run, where there was one."""
    path = os.path.join(keeper.folder, SIMULATION)
    try:
        if os.path.getsize(path) <= LARGEST_SIMULATION:
            told = read_json(path)
            json_text(told)  # a script may have written what a record must not hold, such as NaN
            keeper.record['simulation'] = told
    except (EnvironmentError, ValueError):
        pass


def _check_files_again(keeper):
    """The script's own file may have been changed while it ran: that changes nothing now, but is worth knowing."""
    if keeper.record['times']['started'] is None:
        return
    for name, expected in sorted(keeper.spec['start']['files'].items()):
        try:
            if md5_of_file(os.path.join(keeper.folder, name)) != expected:
                keeper.record.warn('%s was changed while the session ran' % name)
        except EnvironmentError:
            keeper.record.warn('%s was removed while the session ran' % name)
