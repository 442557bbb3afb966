"""Reads camstim's control stream (UDP, loopback): `RUN _finalize` makes it save and exit 0; a SIGINT loses its data."""
import io
import os
import socket
import time

EXPECTED = ['timed_out']
LIMITS = {'total': 1.5, 'grace': 3}

stream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
stream.bind(('127.0.0.1', int(os.environ.get('RIG_AGENT_CONTROL_PORT', 1111))))
stream.settimeout(0.05)
print('listening')
end = time.time() + 110
while time.time() < end:
    try:
        if stream.recv(1024) == b'RUN _finalize':
            with io.open('saved.pkl', 'wb') as output:
                output.write(b'\x80\x02}q\x00.')
            print('saved')
            break
    except socket.timeout:
        pass
