"""A thread that keeps the report fresh and notices a script that computes for ever without a simulated moment."""
from __future__ import absolute_import, division, print_function

import os
import sys
import traceback

from rig_simulation import ending, processes, report
from rig_simulation.clock import CLOCK, real_monotonic, real_sleep, real_start_new_thread
from rig_simulation.options import OPTIONS
from rig_simulation.libraries import is_of_script
from rig_simulation.report import REPORT

EVERY = 0.5         # real seconds between two looks
OFTEN = 0.01        # the same when the script has threads, which may wait for their time while it does not come back
IDLE, IDLENESS = 0.1, 0.1  # real seconds, and the part of them in computing, after which it waits for a thread
REFRESH = 2.0       # real seconds between two reports
MENTION = 2.0       # seconds of computing without progress that the report mentions
processor_times = os.times


def start():
    real_start_new_thread(watch_until_the_end, ())  # none of the script's threads


def watch_until_the_end(mine=REPORT):
    """Python 2 sets every global, and at last `Exception` too, to None while this thread may still run: `mine` stays."""
    try:
        watch(mine)
    except:
        if not mine.complete:
            raise


def watch(mine):
    progress, computed_then, then, written = None, 0.0, real_monotonic(), real_monotonic()
    while not mine.complete:
        real_sleep(EVERY if CLOCK.threads is None else OFTEN)
        if mine.complete or os.getpid() != mine.process:
            return
        user, system = processor_times()[:2]
        # Of several cores the processor time is that of all together; of a busy machine the real one is others' too.
        computing = min(user + system - computed_then, real_monotonic() - then)
        now = (CLOCK.elapsed, CLOCK.total_looks, len(REPORT.files['read']))
        if now != progress:
            progress, computed_then, then = now, user + system, real_monotonic()
            REPORT.stuck = None
        else:
            if CLOCK.threads is not None:
                meanwhile(real_monotonic() - then, computing)
            if computing > min(MENTION, OPTIONS.stuck):
                known = REPORT.stuck is not None
                stuck(computing)
                if not known and REPORT.stuck:
                    report.write()
        if real_monotonic() - written > REFRESH and not REPORT.complete:
            report.write()
            written = real_monotonic()


def meanwhile(seconds, computing):
    """The script neither waits nor looks: for its threads, time passes as real time does, and at once if all wait."""
    waits = seconds > IDLE and computing < IDLENESS * seconds and not processes.are_at_work()
    CLOCK.threads.pass_meanwhile(float('inf') if waits else seconds)


def stuck(seconds):
    """The script has computed for so long and no simulated time has passed."""
    frame = sys._current_frames().get(CLOCK.main)
    while frame is not None and not is_of_script(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None:
        return  # the script has ended, and Python shows its traceback or shuts down
    where = '%s:%d' % (os.path.basename(frame.f_code.co_filename), frame.f_lineno)
    REPORT.stuck = {'seconds': round(seconds, 1), 'where': where}
    if seconds > OPTIONS.stuck:
        REPORT.finding('endless-loop', 'computed for %.0f s at %s without a frame, a wait or a look at the clock: '
                       'an endless loop' % (seconds, where))
        sys.stderr.write('Traceback (most recent call last):\n%sEndlessLoop: no simulated time passed during %.0f s of '
                         'computing\n' % (''.join(traceback.format_stack(frame)), seconds))
        sys.stderr.flush()
        ending.exit_at_once(1)
