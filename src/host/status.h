/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_STATUS_H
#define SC_HOST_STATUS_H

/*
 * What a service says to master(8) over the status channel: records of three
 * native integers. The channel is shared with other processes and blocking,
 * so its flags are never changed and nothing ever waits for it.
 */

/*
 * Says once that the service was taken for a client and is free again.
 * Master takes a new process for free, ignores what changes nothing, and
 * believes that a service works only when it has seen it busy.
 */
void sc_status_report_use(int channel, int generation);

#endif
