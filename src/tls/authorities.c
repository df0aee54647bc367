/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stores of authorities. Where a text comes from, and for whom it counts, is
 * for others.
 */
#include "tls/authorities.h"

#include <errno.h>
#include <limits.h>

#include <openssl/err.h>
#include <openssl/pem.h>

/* There is nothing to be asked for a password: not here, and by nobody. */
static int authorities_have_no_password(char *text, int size, int writing, void *context)
{
    (void)text;
    (void)size;
    (void)writing;
    (void)context;
    return 0;
}

static int authorities_add_all(X509_STORE *store, BIO *pem, size_t *count)
{
    X509 *certificate;

    while ((certificate = PEM_read_bio_X509_AUX(pem, NULL, authorities_have_no_password, NULL))) {
        int added = X509_STORE_add_cert(store, certificate);
        X509_free(certificate);
        if (!added)
            return -ENOMEM;
        ++*count;
    }
    /* The end is where nothing begins any more, and nowhere else. */
    unsigned long error = ERR_peek_last_error();
    if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE)
        return ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE ? -ENOMEM : -EINVAL;
    return *count > 0 ? 0 : -EINVAL;
}

X509_STORE *sc_authorities_parse(struct sc_bytes text, size_t *count, int *error)
{
    X509_STORE *store = X509_STORE_new();
    BIO *pem = text.length <= INT_MAX ? BIO_new_mem_buf(text.data, (int)text.length) : NULL;

    *count = 0;
    ERR_clear_error();
    *error = store && pem ? authorities_add_all(store, pem, count) : -ENOMEM;
    ERR_clear_error();
    BIO_free(pem);
    if (*error == 0)
        return store;
    X509_STORE_free(store);
    return NULL;
}
