"""Prints, writes an output file, exits 0: the one that everything else is compared with."""
import io
import os
import time

EXPECTED = ['completed']

print('ready')
time.sleep(0.2)
if not os.path.isdir('output'):
    os.mkdir('output')
with io.open(os.path.join('output', 'behaves.pkl'), 'wb') as stream:
    stream.write(b'\x80\x02}q\x00U\x05itemsq\x01K\x01s.')
print('done')
