"""A keeper for which each look at the output folders takes longer than a computer has to be away to have been asleep."""
import io
import time

with io.open('/proc/self/cmdline', 'rb') as stream:
    is_keeper = b'rig_agent.sessions.keeper' in stream.read()
if is_keeper:
    from rig_agent.sessions import outputs, watch

    def look(folders, real=outputs.look):
        time.sleep(1.2)
        return real(folders)
    watch.FROZEN, outputs.look = 0.3, look
