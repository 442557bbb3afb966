"""A computer that is slow where a command has just started a keeper: until a file `go` lies in the session's folder."""
import os
import time

with open('/proc/self/cmdline') as stream:
    is_keeper = 'rig_agent.sessions.keeper' in stream.read()
if not is_keeper:
    from rig_agent.sessions import start
    hand_over = start._hand_over

    def slow(folder, keeper):
        hand_over(folder, keeper)
        deadline = time.time() + 60
        while not os.path.exists(os.path.join(folder, 'go')) and time.time() < deadline:
            time.sleep(0.02)
    start._hand_over = slow
