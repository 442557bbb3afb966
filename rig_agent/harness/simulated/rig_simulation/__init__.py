"""What the simulated packages stand on. `activate` is called once, before the script's first line."""
from __future__ import absolute_import, division, print_function


def activate():
    """Put clock, recorder, trackers and report in place for this interpreter.

    The order matters: what the simulation itself needs from the standard library is imported first, with the real
    functions, and only then are the names changed that a script sees.
    """
    import os
    import sys
    import traceback
    try:
        from rig_simulation import clock, ending, files, imports, network, processes, report, rig, waits, watchdog
        report.begin()
        clock.install()
        waits.install()
        imports.install()
        files.install()
        network.install()
        processes.install()
        rig.install()
        ending.install()
        watchdog.start()
    except Exception:  # a script must never run half simulated: it could reach hardware or a network
        traceback.print_exc()
        sys.stderr.write('The simulation could not be started.\n')
        sys.stderr.flush()
        os._exit(3)
