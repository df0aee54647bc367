/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The operator's policy: read, checked, and made a digest of. Sessions are
 * made elsewhere.
 */
#include "tls/policy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/buf.h"
#include "tls/authorities.h"
#include "tls/far_bio.h"

enum { FILE_MAX = 16 * 1024 * 1024, PIECE = 64 * 1024, SHA256_SIZE = 32 };

/*
 * Without finite-field Diffie-Hellman, whose groups a far end may choose as
 * large as it likes for us to compute with; what nobody authenticates or
 * encrypts is left out of every list in any case.
 */
static const char good_ciphers[] = "HIGH:!DHE:!PSK:!SRP:!DSS";
static const char never[] = ":!aNULL:!eNULL";

static int policy_read_piece(int fd, struct sc_buf *text)
{
    int error = sc_buf_reserve(text, PIECE);

    if (error < 0)
        return error;
    ssize_t length = read(fd, text->data + text->end, PIECE);
    if (length < 0)
        return errno == EINTR ? 1 : -errno;
    text->end += (size_t)length;
    return sc_buf_length(text) > FILE_MAX ? -EFBIG : length > 0;
}

/* What is no file does not make us wait. */
static int policy_read_file(const char *path, struct sc_buf *text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int error;

    if (fd < 0)
        return -errno;
    do
        error = policy_read_piece(fd, text);
    while (error > 0);
    close(fd);
    return error;
}

static int policy_load_authorities(struct sc_policy *policy, const char *path, struct sc_buf *text,
                                   char problem[SC_POLICY_PROBLEM_MAX])
{
    int error = policy_read_file(path, text);

    if (error == 0)
        policy->authorities =
            sc_authorities_parse(sc_buf_bytes(text), &policy->authority_count, &error);
    if (error == 0)
        return 0;
    snprintf(problem, SC_POLICY_PROBLEM_MAX, "%s: %s", path,
             error == -EINVAL ? "no certificates, or one that is broken" : strerror(-error));
    return error == -ENOENT ? 0 : error;
}

static int policy_set_ciphers(struct sc_policy *policy, const char *ciphers,
                              char problem[SC_POLICY_PROBLEM_MAX])
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    int error = context ? 0 : -ENOMEM;

    if (asprintf(&policy->ciphers, "%s%s", *ciphers ? ciphers : good_ciphers, never) < 0) {
        policy->ciphers = NULL;
        error = -ENOMEM;
    }
    ERR_clear_error();
    if (error == 0 && !SSL_CTX_set_cipher_list(context, policy->ciphers)) {
        snprintf(problem, SC_POLICY_PROBLEM_MAX, "%s: no such ciphers", ciphers);
        error = -EINVAL;
    }
    ERR_clear_error();
    SSL_CTX_free(context);
    return error;
}

static int policy_make_digest(struct sc_policy *policy, struct sc_bytes authorities)
{
    unsigned char digest[SHA256_SIZE];
    const char least = policy->least == SC_TLS_1_3 ? '3' : '2';
    EVP_MD_CTX *hash = EVP_MD_CTX_new();

    /* The variable part comes last, so that no two policies read the same. */
    int done = hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) &&
               EVP_DigestUpdate(hash, &least, 1) &&
               EVP_DigestUpdate(hash, policy->ciphers, strlen(policy->ciphers) + 1) &&
               EVP_DigestUpdate(hash, authorities.data, authorities.length) &&
               EVP_DigestFinal_ex(hash, digest, NULL);
    EVP_MD_CTX_free(hash);
    for (size_t i = 0; i < sizeof(digest) && done; i++)
        snprintf(policy->digest + 2 * i, 3, "%02x", digest[i]);
    return done ? 0 : -ENOMEM;
}

int sc_policy_init(struct sc_policy *policy, const struct sc_policy_options *options,
                   char problem[SC_POLICY_PROBLEM_MAX])
{
    struct sc_buf text;

    *policy = (struct sc_policy){
        .least = options->least,
        .allows_unverified = options->allows_unverified,
    };
    *problem = '\0';
    sc_buf_init(&text);
    int error = policy_set_ciphers(policy, options->ciphers, problem);
    if (error == 0)
        error = policy_load_authorities(policy, options->ca_file, &text, problem);
    if (error == 0)
        error = policy_make_digest(policy, sc_buf_bytes(&text));
    sc_buf_fini(&text);
    policy->bio = sc_far_bio_method();
    if (error == 0 && !policy->bio)
        error = -ENOMEM;
    if (error == -ENOMEM)
        snprintf(problem, SC_POLICY_PROBLEM_MAX, "out of memory");
    if (error < 0)
        sc_policy_fini(policy);
    return error;
}

void sc_policy_fini(struct sc_policy *policy)
{
    X509_STORE_free(policy->authorities);
    BIO_meth_free(policy->bio);
    free(policy->ciphers);
    *policy = (struct sc_policy){0};
}
