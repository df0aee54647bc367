# SPDX-License-Identifier: BSD-2-Clause
"""Something that goes on in a process of its own while the test does."""

import os
import socket
import traceback


class Forked:
    """Runs action(channel) in a child, as another user if one is named.

    The channel is a socket to the test, which has the other end as `channel`. A child never comes
    back into the test, whatever happens in it.
    """

    def __init__(self, action, uid=None):
        self.channel, theirs = socket.socketpair()
        self.channel.settimeout(30)
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                self.channel.close()
                theirs.settimeout(60)
                if uid is not None:
                    os.setgroups([])
                    os.setresgid(uid, uid, uid)
                    os.setresuid(uid, uid, uid)
                action(theirs)
                status = 0
            except BaseException:  # pylint: disable=broad-except
                traceback.print_exc()
            finally:
                os._exit(status)
        theirs.close()

    def wait(self):
        """Its exit status: 0 when the action came to its end."""
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.channel.close()
        return status
