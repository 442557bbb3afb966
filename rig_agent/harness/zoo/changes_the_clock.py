"""Steps the computer's clock back an hour and forward again; only with `"really": true` in its params, as an administrator."""
import io
import json
import subprocess
import sys
import time

EXPECTED = ['completed']

with io.open(sys.argv[1], encoding='utf-8') as stream:
    really = json.load(stream).get('really') is True
for step in (-3600, 3600):
    if really and sys.platform != 'win32':
        subprocess.call(['date', '-s', '@%d' % (time.time() + step)])
    print('the clock says %s' % time.ctime())
    time.sleep(1)
