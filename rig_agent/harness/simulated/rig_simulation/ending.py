"""How the interpreter ends: whatever way it goes, the report is completed and written first.

An uncaught exception is described, with whose it is: the script's, this machine's (a library that it lacks), or the
simulator's (it was raised where the simulator itself failed, or an unknown thing was at work).
"""
from __future__ import absolute_import, division, print_function

import atexit
import dis
import os
import re
import sys
import traceback

from rig_simulation import imports, judging, libraries, places, python2, recorder, report
from rig_simulation.clock import CLOCK, EndOfSimulation
from rig_simulation.recorder import SimulationGap, Unknown
from rig_simulation.report import REPORT

real_exit = os._exit
OF_WINDOWS = ('windll', 'WinDLL', 'oledll', 'WinError', 'startfile', 'getwindowsversion', 'WINFUNCTYPE')
RECENT = 120.0  # simulated seconds
AT_ONCE = 1.0   # simulated seconds between an answer and what a script makes of it
NO_ERROR = ('catching classes that do not inherit', 'exceptions must ')  # what cannot be caught, or raised
RAISE = {dis.opmap[name] for name in ('RAISE_VARARGS', 'RERAISE') if name in dis.opmap}
# Here functions stand in the place of real ones: what a script's mistake raises in those comes through them.
PASS_ON = tuple(os.path.join(libraries.SIMULATED, 'rig_simulation', name + '.py')
                for name in ('clock', 'files', 'network', 'patches', 'places', 'processes', 'threads', 'waits',
                              'web'))
ENDS = []  # how often the limit was met; a script may catch it


def install():
    # Registered before anything of the script, so it runs after everything of the script.
    atexit.register(finish)
    sys.excepthook = describe_and_show
    os._exit = exit_at_once
    for name in ('execv', 'execve'):
        if hasattr(os, name):
            setattr(os, name, _finishing(getattr(os, name)))
    CLOCK.beyond_limit = beyond_limit


def finish():
    """Complete and write this interpreter's part of the report."""
    if not REPORT.complete:
        judging.judge(REPORT)
        REPORT.complete = True
        report.write()


def exit_at_once(status):
    if os.getpid() == REPORT.process:
        finish()
    real_exit(status)


def _finishing(real):
    def call(*arguments):
        finish()
        return real(*arguments)
    return call


def beyond_limit():
    """The simulated time is up: the script would go on for ever, or nearly so."""
    where = line_of_script() or 'its last line, and a thread goes on'
    REPORT.finding('endless', 'the script was not at its end after %.4g simulated hours; it is at %s%s'
                   % (CLOCK.limit / 3600.0, where, what_it_waits_for()), of=whose_wait())
    ENDS.append(where)
    CLOCK.limit = CLOCK.elapsed + 60.0  # time for what a script does at its end
    if len(ENDS) > 3:
        sys.stderr.write('EndOfSimulation: the script goes on after its simulated time is up, at %s\n' % where)
        sys.stderr.flush()
        exit_at_once(1)
    end = EndOfSimulation('not at its end after %.4g simulated hours, at %s' % (CLOCK.elapsed / 3600.0, where))
    end.rig_agent_of = whose_wait()
    raise end


def line_of_script():
    """`file.py:12` of the script where it waits, perhaps by Python's own `threading` or `queue`."""
    frame = sys._getframe()
    while frame is not None and not libraries.is_of_script(libraries.file_of(frame)):
        frame = frame.f_back
    return '%s:%d' % (os.path.basename(frame.f_code.co_filename), frame.f_lineno) if frame else None


def what_it_waits_for():
    event = sys.modules.get('psychopy.event')
    waits = event is not None and CLOCK.elapsed - event.last_look[0] < 1.0
    return ' and looks for keys, which nobody presses' if waits else ''


def whose_wait():
    """A script that waits for an answer of something unknown does so because of the simulator."""
    asked = recorder.last_asked[0]
    return 'simulator' if asked is not None and CLOCK.elapsed - asked < RECENT else 'script'


def describe_and_show(kind, value, trace):
    """As sys.excepthook: show the traceback, as Python does, and write down what it was."""
    try:
        describe(kind, value, trace)
    except Exception:
        pass  # the traceback is shown all the same
    sys.__excepthook__(kind, value, trace)


def describe(kind, value, trace):
    frames = traceback.extract_tb(trace)
    mine = [frame for frame in frames if libraries.is_of_script(frame[0])]
    filename, line, function = tuple(mine[-1] if mine else frames[-1] if frames else ('?', 0, '?'))[:3]
    if isinstance(value, SyntaxError) and value.filename:
        filename, line = value.filename, value.lineno
    REPORT.exception = {'type': kind.__name__, 'message': _text(value), 'file': filename, 'line': line,
                        'function': function, 'simulated': CLOCK.elapsed, 'of': whose(kind, value, trace)}


def whose(kind, value, trace):
    """Whose an uncaught exception is: 'script', 'environment', 'simulator' or 'user' (an interrupt)."""
    if issubclass(kind, KeyboardInterrupt):
        return 'user'
    if issubclass(kind, SimulationGap):
        return 'simulator'
    if issubclass(kind, ImportError):
        missing = [name.partition('.')[0] for name in re.findall(r'[\w.]+', _text(value))]
        if any(name in REPORT.environment for name in missing):
            return 'environment'
        if any(name in imports.ROOTS for name in missing):
            return 'simulator'
        if any(isinstance(folder, str) and places.is_foreign(folder) for folder in sys.path):
            return 'environment'  # the module is on a share or drive of the rig
    if getattr(value, 'rig_agent_of', None):
        return value.rig_agent_of
    if REPORT.unknown and ('Unknown' in _text(value) or '<unknown ' in _text(value) or _unknown_at_work(trace)
                           or issubclass(kind, TypeError) and _text(value).startswith(NO_ERROR)):
        return 'simulator'
    if _was_raised_by_script(trace) and (recorder.values_given or _was_just_answered()):
        return 'simulator'  # `if not camera.is_open(): raise IOError`
    if recorder.values_given and issubclass(kind, (ArithmeticError, ValueError, TypeError, IndexError)):
        return 'simulator'
    if os.name != 'nt' and issubclass(kind, (AttributeError, ImportError)) \
            and any(name in _text(value) for name in OF_WINDOWS):
        return 'environment'
    if os.name != 'nt' and issubclass(kind, OSError) and '.dll' in _text(value).lower():
        return 'environment'
    if kind.__name__ == 'TclError' and 'display' in _text(value) or '_tkinter' in _text(value):
        return 'environment'
    if sys.version_info[0] > 2 and python2.is_missed(kind, _text(value)):
        REPORT.environment['Python 2'] = python2.ADVICE
        return 'environment'
    if isinstance(value, EnvironmentError) and places.is_foreign(_text(value.filename)):
        return 'environment'
    if REPORT.network and any(base.__name__ in ('URLError', 'ConnectionError', 'gaierror') for base in kind.__mro__):
        return 'environment'
    deepest = [frame[0] for frame in traceback.extract_tb(trace) if not frame[0].startswith(PASS_ON)
               and (libraries.is_simulated(frame[0]) or libraries.is_of_script(frame[0]))][-1:]
    if deepest and libraries.is_simulated(deepest[0]) and not issubclass(kind, (EnvironmentError, EndOfSimulation)):
        return 'simulator'
    return 'script'


def _unknown_at_work(trace):
    """Whether the innermost frame of the script holds an unknown thing."""
    innermost = None
    while trace is not None:
        if not libraries.is_simulated(trace.tb_frame.f_code.co_filename):
            innermost = trace.tb_frame
        trace = trace.tb_next
    if innermost is None or innermost.f_code.co_name == '<module>':
        return False
    return any(isinstance(value, Unknown) for value in innermost.f_locals.values())


def _was_raised_by_script(trace):
    """Whether the script's own `raise` or `assert` did it."""
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    return libraries.is_of_script(code.co_filename) and bytearray(code.co_code)[trace.tb_lasti] in RAISE


def _was_just_answered():
    asked = recorder.last_asked[0]
    return asked is not None and CLOCK.elapsed - asked < AT_ONCE


def _text(value):
    try:
        return str(value)
    except Exception:
        return repr(value)
