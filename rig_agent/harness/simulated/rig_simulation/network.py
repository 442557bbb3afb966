"""The network: this machine's loopback works, any other connection is refused, a datagram lost; all is written down."""
from __future__ import absolute_import, division, print_function

import errno
import functools
import socket
import sys

from rig_simulation.report import REPORT

REFUSED = 'the simulation has no network'
real_getaddrinfo, real_gethostbyname = socket.getaddrinfo, socket.gethostbyname
OWN_NAMES = ('', 'localhost', '::1', '0.0.0.0', '::', 'ip6-localhost', socket.gethostname().lower())


def install():
    kind = getattr(socket, '_socketobject', socket.socket)  # Python 2 has its methods there
    for name in ('connect', 'connect_ex'):
        setattr(kind, name, _watched(getattr(kind, name), name))
    if sys.version_info[0] > 2:
        kind.sendto = _sendto(kind.sendto)
    else:  # each socket has its own there
        kind.__init__ = _with_sendto(kind.__init__)
    socket.getaddrinfo = _of_own_names(real_getaddrinfo)
    socket.gethostbyname = _of_own_names(real_gethostbyname)


def is_own(host):
    """Whether a host is this machine, by its loopback or its name."""
    if isinstance(host, bytes) and not isinstance(host, str):
        host = host.decode('ascii', 'replace')
    return host is None or host.lower() in OWN_NAMES or host.startswith('127.')


def _refuse(address):
    text = '%s:%s' % (address[0], address[1])
    REPORT.network_use('refused: %s' % text)
    error = socket.error(errno.ECONNREFUSED, '%s (tried %s)' % (REFUSED, text))
    error.rig_agent_of = 'environment'
    return error


def _watched(real, name):
    def call(self, address):
        if not isinstance(address, tuple):  # a socket of the file system
            return real(self, address)
        if is_own(address[0]):
            REPORT.network_use('loopback: %s:%s' % address[:2])
            return real(self, address)
        error = _refuse(address)
        if name == 'connect_ex':
            return errno.ECONNREFUSED
        raise error
    return call


def _send_datagram(send, data, *arguments):
    """One to another machine is lost, which no sender notices."""
    address = arguments[-1] if arguments else None
    if isinstance(address, tuple) and not is_own(address[0]):
        REPORT.network_use('datagram: would be sent to %s:%s' % address[:2])
        return len(data)
    return send(data, *arguments)


def _sendto(real):
    def call(self, data, *arguments):
        return _send_datagram(functools.partial(real, self), data, *arguments)
    return call


def _with_sendto(real):
    def call(self, *arguments, **keywords):
        real(self, *arguments, **keywords)
        self.sendto = functools.partial(_send_datagram, self.sendto)
    return call


def _of_own_names(real):
    def call(host, *arguments, **keywords):
        if is_own(host):
            return real(host, *arguments, **keywords)
        REPORT.network_use('refused: %s:%s' % (host, arguments[0] if arguments else '*'))
        error = socket.gaierror(getattr(socket, 'EAI_NONAME', -2), '%s (asked for %s)' % (REFUSED, host))
        error.rig_agent_of = 'environment'
        raise error
    return call


