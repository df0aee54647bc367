/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OpenSSL's way to the far end. It counts and passes on; what the bytes are
 * it does not know.
 */
#include "tls/far_bio.h"

/*
 * Both return -1 for "not now", as OpenSSL's own do, and never 0, which it
 * takes for done when it sends an alert.
 */
static int far_bio_read(BIO *bio, char *bytes, int size)
{
    struct sc_far_bio *state = BIO_get_data(bio);
    size_t most = size > 0 ? (size_t)size : 0;
    size_t length = 0;

    BIO_clear_retry_flags(bio);
    if (state->ended || state->lost || most == 0)
        return state->ended ? 0 : -1;
    if (state->budget == 0) {
        state->spent = true;
        BIO_set_retry_read(bio);
        return -1;
    }
    switch (state->far->verbs->receive(state->far, bytes,
                                       most < state->budget ? most : state->budget, &length)) {
    case SC_FAR_DONE:
        state->budget -= length;
        return (int)length;
    case SC_FAR_WAIT:
        state->dry = true;
        BIO_set_retry_read(bio);
        break;
    case SC_FAR_LATER:
        state->later = true;
        BIO_set_retry_read(bio);
        break;
    case SC_FAR_ENDED:
        state->ended = true;
        return 0;
    case SC_FAR_LOST:
        state->lost = true;
        break;
    }
    return -1;
}

static int far_bio_write(BIO *bio, const char *bytes, int size)
{
    struct sc_far_bio *state = BIO_get_data(bio);
    size_t length = 0;

    BIO_clear_retry_flags(bio);
    if (size <= 0)
        return -1;
    switch (state->far->verbs->send(state->far, (struct sc_bytes){bytes, (size_t)size}, &length)) {
    case SC_FAR_DONE:
        return (int)length;
    case SC_FAR_WAIT:
        BIO_set_retry_write(bio);
        break;
    case SC_FAR_LATER:
        state->later = true;
        BIO_set_retry_write(bio);
        break;
    case SC_FAR_ENDED:
    case SC_FAR_LOST:
        /* What has come before can still be read. */
        break;
    }
    return -1;
}

static long far_bio_control(BIO *bio, int command, long number, void *pointer)
{
    const struct sc_far_bio *state = BIO_get_data(bio);

    (void)number;
    (void)pointer;
    if (command == BIO_CTRL_EOF)
        return state->ended;
    return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *sc_far_bio_method(void)
{
    int type = BIO_get_new_index();
    BIO_METHOD *method = type < 0 ? NULL : BIO_meth_new(type | BIO_TYPE_SOURCE_SINK, "far end");

    if (method && BIO_meth_set_read(method, far_bio_read) &&
        BIO_meth_set_write(method, far_bio_write) && BIO_meth_set_ctrl(method, far_bio_control))
        return method;
    BIO_meth_free(method);
    return NULL;
}

BIO *sc_far_bio_new(BIO_METHOD *method, struct sc_far_bio *state)
{
    BIO *bio = BIO_new(method);

    if (!bio)
        return NULL;
    BIO_set_data(bio, state);
    BIO_set_init(bio, 1);
    sc_far_bio_begin(state);
    return bio;
}

void sc_far_bio_begin(struct sc_far_bio *state)
{
    state->budget = SC_FAR_BIO_BUDGET;
    state->dry = state->spent = state->later = false;
}
