"""Takes 20 MB every tenth of a second, up to 2 GB."""
import time

EXPECTED = ['killed']
LIMITS = {'memory': 200000000, 'grace': 0.5}

taken = []
for count in range(100):
    taken.append(bytearray(20 * 10 ** 6))
    print('%d MB' % (20 * (count + 1)))
    time.sleep(0.1)
