"""The keeper: one process a session that starts the script, owns its limits, samples and record, and closes it.

`python -m rig_agent.sessions.keeper FOLDER` for a prepared session; `... FOLDER adopt` for one whose keeper died. It
stands apart from the console that asked for it, listens to stop.json and SIGTERM, and is quiet: what goes wrong in it
is in keeper.log. Nothing that happens to it disturbs the script.
"""
from __future__ import absolute_import, unicode_literals

import io
import os
import signal
import sys
import traceback

from rig_agent.base.compat import (FILE_SYSTEM_ENCODING, json_text, message_of, monotonic, read_json, run_bounded,
                                   sleep, to_text)
from rig_agent.base.files import write_json
from rig_agent.base.units import parse_utc, utc_now
from rig_agent.sessions import admission, prepare, record, shim, stopping, system
from rig_agent.sessions.logs import Logs
from rig_agent.sessions.outputs import Outputs
from rig_agent.sessions.resources import Sampler
from rig_agent.sessions.script import STARTED, Script
from rig_agent.sessions.tree import Tree
from rig_agent.sessions.watch import Watch

# Seconds between two looks at the session: while it is quiet, while it prints, while it floods, until it has started.
QUIET_TICK, TICK, FAST_TICK, START_TICK = 0.2, 0.1, 0.01, 0.005
SAMPLE_EVERY = 1.0
KILL_SIGNAL = 9
WHOLE_LOOK = 10  # every so many samples all processes of the machine are looked at


def main(argv=None):
    words = [to_text(word, FILE_SYSTEM_ENCODING) for word in (sys.argv[1:] if argv is None else argv)]
    folder, adopting = words[0], words[1:] == ['adopt']
    system.close_inherited()
    lock = shim.take_lock(system.path(os.path.join(folder, prepare.KEEPER_LOCK)), patience=5)
    if lock is None:
        return 0  # another keeper has it
    keeper = Keeper(folder)
    system.become_keeper(os.path.join(folder, 'keeper.log'), keeper.on_signal)
    if keeper.record.state == 'ended':
        return 0
    try:
        keeper.adopt() if adopting else keeper.start()
    except Exception as error:
        _log_exception()
        told = '%s: %s' % (type(error).__name__, message_of(error))
        keeper.record.event('keeper failed', text=told)
        keeper.keep_barely('the keeper failed (%s)' % told)
        return 3
    return 0


def _log_exception():
    record.log(to_text(traceback.format_exc(), FILE_SYSTEM_ENCODING))


class Keeper(object):
    """One session from its start to its closed record."""

    def __init__(self, folder):
        self.folder = folder
        self.spec = read_json(os.path.join(folder, prepare.REQUEST))
        self.record = record.Record.open(folder)
        self.record.on_made_again = self._stand_in_again
        self.limits = self.spec['limits']
        self.script = Script(folder, self.spec['id'])
        self.tree = Tree(self.spec['id'])
        self.watch = Watch(self.limits)
        self.sampler = Sampler(folder)
        self.logs = self.outputs = None
        self.cause = None          # (name, text): why the agent ends the script
        self.last_step = None      # of a stop, that was really taken
        self.signalled = False
        self.begun = None          # the script's start, on the monotonic clock
        self.sampled = self.looked_for_outputs = 0.0
        self.seen_outputs = {}
        self.memory = None

    # -------------------------------------------------------------------------------------------- beginnings

    def start(self):
        """A prepared session: admit it, start it, keep it."""
        rig_lock, refusal = admission.admit(self.spec)
        if refusal:
            return self._closing().refuse(self, 'rig_busy', refusal)
        # Once more: another command may have taken the mark away between it and the first record.
        prepare.mark_open(self.spec['home'], self.spec['id'], self.folder, self.spec['simulated'])
        self._introduce()
        if self._asked():
            return self._closing().close_unstarted(self, self._asked())
        self.outputs = Outputs(self.spec['outputs'])
        self.logs = Logs(self.folder, self.limits['log']['value'])
        refusal = admission.reserve_space(self)
        if refusal:
            return self._closing().refuse(self, 'disk', refusal)
        self._remember_outputs()
        try:
            self.script.start(2)
        except OSError as error:
            return self._closing().close(self, {'error': shim.describe(error)}, None)
        self._keep()
        return rig_lock  # held until here

    def adopt(self):
        """A session whose keeper died: keep it if something of it lives, else close it with all that is known."""
        self._introduce()
        self.sampler.take_up()
        before = self._remembered_outputs()
        self.outputs = Outputs(self.spec['outputs'], before, parse_utc(self.record['times']['requested']))
        self.logs = Logs(self.folder, self.limits['log']['value'])
        process = self.record['process']
        # Looked for twice: what its shim may have started before it was forbidden to.
        alive = self.script.find(process) or self.script.forbid_start() is None and self.script.find(process)
        if before is None and self.script.started:
            self.record.warn('which output files were there before the session is not known: only later ones are named')
        if alive:
            self.watch.last_output = max(monotonic() - self.script.started['monotonic'], 0.0)
            self.logs.take_up()
            rig_lock = admission.wait_for_rig(self.spec)
            self.take_up_stop()
            self.record.warn('the keeper died; another one took the session over at %s' % utc_now())
            self.record.save()
            self._keep()
            return rig_lock
        self._closing().close_lost(self)

    def take_up_stop(self, ended=None):
        """A stop that the keeper before had begun is gone on with, and counts as the reason of the end.

        ended: how the script ended since. A stop that was asked for before counts also when a full disk kept steps of it
        out of the record; the signal that ended the script tells them then.
        """
        stop = self.record['stop']
        done = [step['step'] for step in stop['steps'] if not (step['result'] or '').startswith('skipped')]
        self.last_step = done[-1] if done else None
        if self.last_step:
            self.cause = stop['cause'], stop['text']
        asked = stopping.requested(self.folder)
        if ended and asked and not self.last_step and asked['at'] <= ended['ended']:
            self.cause, self.last_step = self._asked(), 'interrupt'
        if ended and self.last_step and ended['signal'] in (signal.SIGTERM, KILL_SIGNAL):
            self.last_step = 'kill'

    def _introduce(self):
        self.record['keepers'] = self.record['keepers'] + [
            {'pid': os.getpid(), 'identity': shim.identity(os.getpid()), 'since': utc_now()}]
        self.record['containment'] = system.containment()
        if system.confinement():
            self.record.warn(system.confinement())

    def _remember_outputs(self):
        """For a keeper that takes over: which output files were there before."""
        try:
            with io.open(os.path.join(self.folder, 'before.json'), 'wb') as stream:
                stream.write(json_text(self.outputs.before).encode('ascii'))
        except EnvironmentError:
            pass  # without it the session is kept all the same

    def _remembered_outputs(self):
        """None when that is not known: then what is there now is none of this session's."""
        try:
            found = read_json(os.path.join(self.folder, 'before.json'))
        except (EnvironmentError, ValueError):
            return None
        return {path: tuple(state) for path, state in found.items()}

    # -------------------------------------------------------------------------------------------- keeping

    @staticmethod
    def _closing():
        from rig_agent.sessions import closing  # imported here: not before the script runs
        return closing

    def _keep(self):
        """Follow the script to its end, or end it; then end what it left, and close the record."""
        self.begun = monotonic()
        self.tree.watch(self.script.shim, None)
        self.take_in_start()  # known already to a keeper that goes on with a stop
        while not self.script.ended() and not self.cause:
            self._tick()
        stopper = stopping.Stopper(self.tree, self.script.ended, self.wait, self._hurried, self.record,
                                   self.limits['grace']['value'] or 0.0, self.spec['control_port'])
        if self.cause and not self.script.ended():
            called_off = self._call_off()
            self._note_stop()
            if called_off:
                self.record['leftovers'] = stopper.end_leftovers(0.0, self.is_kept)
                return self._closing().close_unstarted(self, self.cause)
            stopper.stop()
        self.last_step = stopper.last_step or self.last_step
        if self.last_step is None:
            self.cause = None  # it ended by itself before anything was done about it
        self.take_in_start()
        ended = self.script.exit if self.script.ended() else None
        patience = 0.0 if self.cause else stopping.LEFTOVER_GRACE
        self.record['leftovers'] = stopper.end_leftovers(patience, self.is_kept) if ended is not None else []
        self._closing().close(self, ended, self.last_step)

    def keep_barely(self, reason):
        """After a defect of the keeper: see the script to its end all the same, by the simplest means, and say so."""
        asked = step = deadline = None
        while self.script.shim is not None and not self.script.ended():
            asked = asked or self._asked() or self._over_time()
            if asked and (step is None or self._hurried() or monotonic() > deadline):
                step, deadline = 'kill' if step else 'terminate', monotonic() + stopping.SHORT_GRACE
                self.guarded(self._end_tree, step)
            sleep(TICK)
        self._closing().close_barely(self, reason, asked, step)

    def _over_time(self):
        """('total', text) when the script runs for longer than it may; of the other limits nothing is known."""
        if not self.script.look():
            return None
        return Watch({'total': self.limits['total']}).breach(monotonic() - self.script.started['monotonic'])

    def _end_tree(self, step):
        self.tree.watch(self.script.shim, self.script.script)
        self.tree.send(step, self.tree.find())

    def _tick(self):
        """One look at everything; then wait for the script's end or the next look."""
        self.take_in_start()
        elapsed = monotonic() - self.begun
        self.watch.looked(elapsed)
        self.guarded(self._look_at_logs, elapsed)
        if elapsed - self.sampled >= SAMPLE_EVERY or not self.sampled and elapsed > 0.2:
            self.sampled = elapsed
            self._closing()  # imported by now, so that the end is told at once
            self.guarded(self._see_to_folder)
            self.guarded(self._sample, elapsed)
            self.guarded(self._learn_version)
        if self.watch.needs_outputs(elapsed) and elapsed - self.looked_for_outputs >= SAMPLE_EVERY:
            self.looked_for_outputs = elapsed
            self.guarded(self._look_for_outputs, elapsed)
        if not self.cause:
            self.cause = self._asked() or self.watch.breach(elapsed, self.memory, self.script.started is not None)
        self.watch.rested(monotonic() - self.begun)
        self.script.wait(self._next_tick())

    def _next_tick(self):
        if self.script.started is None:
            return START_TICK
        if self.logs.fast():
            return FAST_TICK
        return QUIET_TICK if self.logs.quiet() and not self.cause else TICK

    def wait(self, seconds, until):
        """Keep the session for `seconds`, or until `until()`; true when that came true."""
        deadline = monotonic() + seconds
        while not until():
            if monotonic() >= deadline:
                return False
            if self.script.ended():
                sleep(0.02)
            else:
                self._tick()
            self.tree.reap_orphans(self.script.pids_of_ours())
        return True

    def take_in_start(self):
        """When the script's start is known, the record says `running`."""
        if self.record.state != 'prepared' and self.tree.script or not (self.script.started or self.script.look()):
            return
        started = self.script.started
        self.begun = started['monotonic']
        self.tree.watch(self.script.shim, started['script'])
        self.record['containment'] = system.containment(started.get('uncontained'))
        if self.record.state == 'prepared':
            self.record['process'] = dict(started['script'], created=started['started'])
            self.record['times'] = dict(self.record['times'], started=started['started'])
            self.record.move('running', pid=started['script']['pid'])

    def _see_to_folder(self):
        """A script may remove its session's folder or files in it, a person the home: put back what it is found by."""
        prepare.mark_open(self.spec['home'], self.spec['id'], self.folder, self.spec['simulated'])
        found_by = (prepare.KEEPER_LOCK, prepare.REQUEST, record.FILE)
        if not all(os.path.exists(os.path.join(self.folder, name)) for name in found_by):
            self.record.make_folder_again(removed=True)
            self.record.save()

    def _stand_in_again(self):
        """Before the record, which tells others of the session: what tells them that it is kept, and how it is found."""
        lock = system.path(os.path.join(self.folder, prepare.KEEPER_LOCK))
        if not shim.is_locked(lock):
            shim.take_lock(lock, patience=1)
        write_json(os.path.join(self.folder, prepare.REQUEST), self.spec)
        if self.script.started:
            write_json(os.path.join(self.folder, STARTED), self.script.started)

    def _look_at_logs(self, elapsed):
        if self.logs.measure():
            self.watch.heard(elapsed)

    def _sample(self, elapsed):
        quick = self.sampler.peaks['samples'] % WHOLE_LOOK != 0
        members = {pid: self.tree.ours[pid] for pid in self.tree.find(quick)}
        self.memory = self.sampler.sample(elapsed, members, self.logs.sizes())
        self.record.values['resources'] = dict(self.sampler.peaks)
        self.tree.reap_orphans(self.script.pids_of_ours())
        admission.warn_of_low_disk(self)

    def _learn_version(self):
        """Which Python runs the script, once: asked of it, as it may be another than ours."""
        interpreter = self.record.values['rig']['interpreter']
        if interpreter['version'] is None:
            interpreter['version'] = 'unknown'
            _, out, err = run_bounded([interpreter['path'], '-V'], timeout=5)  # Python 2 answers on stderr
            interpreter['version'] = to_text(out + err).strip().replace('Python ', '')[:100] or 'unknown'

    def _look_for_outputs(self, elapsed):
        seen = self.outputs.new()
        if seen != self.seen_outputs:
            self.seen_outputs = seen
            self.watch.heard(elapsed)

    def guarded(self, job, *arguments):
        """What `job` returns; None when it fails, which is a warning: the session goes on."""
        try:
            return job(*arguments)
        except Exception as error:
            _log_exception()
            self.record.warn('%s failed once or more: %s' % (job.__name__.strip('_').replace('_', ' '),
                                                             message_of(error)))

    # -------------------------------------------------------------------------------------------- being asked

    def on_signal(self, number, _frame):
        self.signalled = number

    def _asked(self):
        """('user', text) when somebody asked for a stop."""
        if self.signalled:
            return 'user', system.told_by(self.signalled)
        asked = stopping.requested(self.folder)
        return ('user', 'a stop was asked for by %s' % asked['by']) if asked else None

    def _hurried(self):
        asked = stopping.requested(self.folder)
        return bool(asked and asked['now'])

    def _note_stop(self):
        asked = stopping.requested(self.folder) or {}
        self.record['stop'] = dict(self.record['stop'], cause=self.cause[0], text=self.cause[1], by=asked.get('by'))
        if self.record.state == 'running':
            self.record.move('stopping', cause=self.cause[0], text=self.cause[1])

    def _call_off(self):
        """End a shim that has not started the script yet: nobody would keep it later. True when that was in time."""
        if self.record.state == 'prepared':
            self.script.wait(1)
            self.take_in_start()
        if self.script.started is not None or self.script.ended():
            return False
        system.send(self.script.shim['pid'], 'kill')
        self.wait(stopping.KILL_PATIENCE, self.script.ended)
        return self.script.started is None

    def is_kept(self, entry):
        words = [entry['name']] + [word.replace('\\', '/').rpartition('/')[2] for word in entry['command'].split()]
        return any(name in words for name in self.spec['keep_children'])


if __name__ == '__main__':
    sys.exit(main())
