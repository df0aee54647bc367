/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFINE_MODE_H
#define SC_CONFINE_MODE_H

/*
 * How strict the sandbox is, the value of connection_cache_sandbox: what
 * becomes of a system call that the server does not need.
 */

enum sc_sandbox_mode {
    SC_SANDBOX_NO,   /* there is no sandbox */
    SC_SANDBOX_LOG,  /* the kernel logs the call */
    SC_SANDBOX_YES,  /* the call fails with EPERM */
    SC_SANDBOX_KILL, /* the process ends */
};

#endif
