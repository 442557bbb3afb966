"""Several sessions from their start to their end, side by side where they are simulated.

The sessions themselves are the keepers'; here they are started, counted, told to stop when their time is over, and
handed over when they ended. One loop looks at all of them, so no threads are needed.
"""
from __future__ import absolute_import, unicode_literals

import time

from rig_agent.base.compat import monotonic
from rig_agent.base.errors import RigAgentError
from rig_agent.sessions import record, recover, start, stopping
from rig_agent.sessions.follow import Presses, read_again

POLL = 0.03          # seconds between two looks
KEEPER_CHECK = 2.0   # seconds between two looks at whether the keepers live
STOPPED_BY = 'rig-agent smoke'


def run_all(tasks, on_end, jobs=1, duration=None):
    """Run every task; True when all came to their end, False when a person pressed Ctrl-C.

    tasks: iterable of (key, prepare); prepare() makes a session and returns its folder, or raises RigAgentError.
    on_end(key, folder, record, error, stop_asked): called for each in the order of their ends; the record is None and
    the error is set when the session could not be made. jobs: how many run at the same time. duration: seconds after
    which a session is asked to stop so that its data is saved; None: each runs to its own end.
    """
    waiting, running = iter(tasks), []
    interrupts, asked = Presses(), 0
    while True:
        try:
            if asked < interrupts.count:
                for session in running:
                    stopping.request_stop(session.folder, 'Ctrl-C', now=interrupts.count > 1)
                asked = interrupts.count
            if not interrupts.count:
                _fill(waiting, running, jobs, on_end)
            if not running:
                return not interrupts.count
            for session in list(running):
                values = session.look(duration)
                if values['state'] == 'ended':
                    running.remove(session)
                    on_end(session.key, session.folder, values, None, session.stop_asked)
            time.sleep(POLL)
        except KeyboardInterrupt:
            interrupts.add()


def _fill(waiting, running, jobs, on_end):
    """Start sessions until `jobs` of them run."""
    while len(running) < jobs:
        try:
            key, prepare = next(waiting)
        except StopIteration:
            return
        try:
            folder = prepare()
            running.append(_Running(key, folder))
            start.start(folder)
        except RigAgentError as error:
            running[:] = [session for session in running if session.key != key]
            on_end(key, None, None, error, False)


class _Running(object):
    """A session that was started here."""

    def __init__(self, key, folder):
        self.key, self.folder = key, folder
        self.values = record.read(folder)
        self.ran_since = None
        self.stop_asked = False
        self.keeper_seen = monotonic()

    def look(self, duration):
        """The record as it is now; asks for the stop when the duration is over, gives a dead keeper a successor."""
        self.values = values = read_again(self.folder, self.values)
        now = monotonic()
        if values['state'] == 'running':
            self.ran_since = self.ran_since or now
            if duration is not None and not self.stop_asked and now - self.ran_since >= duration:
                stopping.request_stop(self.folder, STOPPED_BY)
                self.stop_asked = True
        if now - self.keeper_seen > KEEPER_CHECK:
            recover.recover(self.folder, values)
            self.keeper_seen = now
        return values
