"""A keeper with two defects, in it alone: looking at the limits fails once the script has spoken, and no sample succeeds."""
import io

with io.open('/proc/self/cmdline', 'rb') as stream:
    is_keeper = b'rig_agent.sessions.keeper' in stream.read()
if is_keeper:
    from rig_agent.sessions import resources, watch
    real_breach = watch.Watch.breach

    def breach(self, elapsed, *given, **named):
        if self.spoke:
            raise RuntimeError('a defect')
        return real_breach(self, elapsed, *given, **named)

    def sample(self, *_):
        raise RuntimeError('no samples')
    watch.Watch.breach, resources.Sampler.sample = breach, sample
