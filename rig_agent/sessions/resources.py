"""What the session's processes use, once a second: resources.csv and the peaks for the record."""
from __future__ import absolute_import, unicode_literals

import io
import os

from rig_agent.base.units import utc_now
from rig_agent.sessions import system

FILE = 'resources.csv'
HEADER = ('utc', 'elapsed_s', 'cpu_percent', 'memory_bytes', 'processes', 'descriptors', 'free_disk_bytes',
          'stdout_bytes', 'stderr_bytes')


class Sampler(object):
    """CPU is in percent of one core over the time since the last sample; memory is resident, summed over the tree."""

    def __init__(self, folder):
        self.folder = folder
        self.peaks = {'samples': 0, 'peak_memory_bytes': None, 'peak_cpu_percent': None, 'peak_processes': None,
                      'peak_descriptors': None, 'least_free_disk_bytes': None, 'cpu_s': None}
        self._known = {}   # pid -> (identity, psutil.Process, CPU seconds so far)
        self._before = None

    def take_up(self):
        """Go on with the peaks of the keeper before, whose samples stand in the file."""
        try:
            with io.open(os.path.join(self.folder, FILE), 'rb') as stream:
                lines = stream.read().splitlines()
        except EnvironmentError:
            return
        for line in lines[1:]:
            sample = line.split(b',')
            try:
                self._remember(float(sample[2]), int(sample[3]), int(sample[4]), int(sample[5]),
                               int(sample[6]) if sample[6] else '')
            except (ValueError, IndexError):
                continue  # a line that a full disk cut

    def sample(self, elapsed, members, sizes):
        """Measure the processes of `members` (pid -> identity) and append a line; returns memory in bytes."""
        import psutil  # imported here: the script runs already
        cpu = memory = descriptors = 0
        known = {}
        for pid, identity in members.items():
            try:
                before = self._known.get(pid)
                if before is None or before[0] != identity:
                    before = (identity, psutil.Process(pid), 0.0)
                process = before[1]
                with process.oneshot():
                    times = process.cpu_times()
                    memory += process.memory_info().rss
                    descriptors += process.num_handles() if hasattr(process, 'num_handles') else process.num_fds()
            except (psutil.Error, EnvironmentError):
                continue
            used = times.user + times.system
            cpu += max(used - before[2], 0.0)
            known[pid] = (identity, process, used)
        self._known = known
        span = elapsed - self._before if self._before is not None else elapsed
        self._before = elapsed
        percent = round(100.0 * cpu / span, 1) if span > 0 else 0.0
        free = self._free_disk()
        self._remember(percent, memory, len(known), descriptors, free)
        self._append([utc_now(), '%.3f' % elapsed, percent, memory, len(known), descriptors, free] + list(sizes))
        return memory

    def _free_disk(self):
        try:
            return system.free_disk(self.folder)
        except EnvironmentError:
            return ''

    def _remember(self, percent, memory, processes, descriptors, free):
        self.peaks['samples'] += 1
        for key, value in (('peak_memory_bytes', memory), ('peak_cpu_percent', percent), ('peak_processes', processes),
                           ('peak_descriptors', descriptors)):
            self.peaks[key] = max(self.peaks[key] or 0, value)
        if free != '':
            least = self.peaks['least_free_disk_bytes']
            self.peaks['least_free_disk_bytes'] = free if least is None else min(least, free)

    def _append(self, values):
        path = os.path.join(self.folder, FILE)
        try:
            with io.open(path, 'ab', buffering=0) as stream:
                if stream.tell() == 0:
                    stream.write((','.join(HEADER) + '\r\n').encode('ascii'))
                stream.write((','.join('%s' % value for value in values) + '\r\n').encode('ascii'))
        except EnvironmentError:
            pass  # a full disk takes a sample, never the session
