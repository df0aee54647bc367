/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Contexts, made and kept. Handshakes, and who is trusted in them, are the
 * engine's and the verifier's.
 */
#include "tls/context.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "tls/authorities.h"
#include "tls/verify.h"

/* Of a far end's chain: bytes, and certificates one above the other. */
enum { CHAIN_BYTES_MAX = 64 * 1024, CHAIN_DEPTH_MAX = 10 };

struct sc_context {
    TAILQ_ENTRY(sc_context) link;
    SSL_CTX *ssl;
    int64_t owner;
    uint64_t hash;
    size_t ca_length;
    size_t client_length;
    char texts[]; /* of the authorities, then of the client; wiped at the end */
};

static uint64_t context_hash(uint64_t hash, struct sc_bytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++)
        hash = (hash ^ (unsigned char)bytes.data[i]) * UINT64_C(1099511628211);
    return hash;
}

/* It only says where to look. */
static uint64_t context_hash_of(int64_t owner, const struct sc_wishes *wishes)
{
    uint64_t hash = UINT64_C(14695981039346656037) ^ (uint64_t)owner;

    return context_hash(context_hash(hash, wishes->ca_pem), wishes->client_pem);
}

static bool context_is_for(const struct sc_context *context, int64_t owner,
                           const struct sc_wishes *wishes)
{
    const struct sc_bytes ca = {context->texts, context->ca_length};
    const struct sc_bytes client = {context->texts + context->ca_length, context->client_length};

    return context->owner == owner && sc_bytes_equal(ca, wishes->ca_pem) &&
           sc_bytes_equal(client, wishes->client_pem);
}

static void context_free(struct sc_context *context)
{
    SSL_CTX_free(context->ssl);
    OPENSSL_cleanse(context->texts, context->ca_length + context->client_length);
    free(context);
}

static int context_has_no_password(char *text, int size, int writing, void *unused)
{
    (void)text;
    (void)size;
    (void)writing;
    (void)unused;
    return 0;
}

static bool context_set_key(SSL_CTX *ssl, struct sc_bytes pem)
{
    BIO *text = BIO_new_mem_buf(pem.data, (int)pem.length);
    EVP_PKEY *key =
        text ? PEM_read_bio_PrivateKey(text, NULL, context_has_no_password, NULL) : NULL;
    bool done = key && SSL_CTX_use_PrivateKey(ssl, key);

    EVP_PKEY_free(key);
    BIO_free(text);
    return done;
}

/* The first is the client's own, the others lead from it to an authority. */
static bool context_set_chain(SSL_CTX *ssl, struct sc_bytes pem)
{
    BIO *text = BIO_new_mem_buf(pem.data, (int)pem.length);
    size_t count = 0;
    bool done = text != NULL;

    while (done) {
        X509 *certificate = PEM_read_bio_X509(text, NULL, context_has_no_password, NULL);
        if (!certificate)
            break;
        done = count++ == 0 ? SSL_CTX_use_certificate(ssl, certificate)
                            : SSL_CTX_add1_chain_cert(ssl, certificate);
        X509_free(certificate);
    }
    unsigned long error = ERR_peek_last_error();
    BIO_free(text);
    return done && count > 0 && ERR_GET_LIB(error) == ERR_LIB_PEM &&
           ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

static enum sc_tls_reason context_set_client(SSL_CTX *ssl, struct sc_bytes pem, char *text,
                                             size_t size)
{
    if (pem.length == 0)
        return SC_TLS_REASON_NONE;
    ERR_clear_error();
    bool has_chain = context_set_chain(ssl, pem);
    ERR_clear_error();
    if (has_chain && context_set_key(ssl, pem) && SSL_CTX_check_private_key(ssl))
        return SC_TLS_REASON_NONE;
    snprintf(text, size, "client_pem: no certificate with its key, without a password");
    ERR_clear_error();
    return SC_TLS_REASON_PEM;
}

/* Authorities that a caller names are all that count, whoever has signed them. */
static enum sc_tls_reason context_set_authorities(SSL_CTX *ssl, const struct sc_policy *policy,
                                                  struct sc_bytes pem, char *text, size_t size)
{
    int error = -EINVAL;
    size_t count;

    if (pem.length == 0) {
        if (policy->authorities)
            SSL_CTX_set1_cert_store(ssl, policy->authorities);
        return SC_TLS_REASON_NONE;
    }
    X509_STORE *store = sc_authorities_parse(pem, &count, &error);
    if (store) {
        X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
        SSL_CTX_set_cert_store(ssl, store);
        return SC_TLS_REASON_NONE;
    }
    if (error == -ENOMEM)
        return SC_TLS_REASON_MEMORY;
    snprintf(text, size, "ca_pem: no certificates, or one that is broken");
    return SC_TLS_REASON_PEM;
}

/*
 * Nothing that would make a session other than it looks: no resumption, no
 * renegotiation, no compression, no log-in behind the handshake. A call of
 * OpenSSL is back after one record that is no data.
 */
static bool context_set_manners(SSL_CTX *ssl, const struct sc_policy *policy)
{
    int least = policy->least == SC_TLS_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;

    SSL_CTX_set_options(ssl, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    SSL_CTX_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_post_handshake_auth(ssl, 0);
    SSL_CTX_set_max_cert_list(ssl, CHAIN_BYTES_MAX);
    SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_verify_depth(ssl, CHAIN_DEPTH_MAX);
    SSL_CTX_set_cert_verify_callback(ssl, sc_verify_chain, NULL);
    SSL_CTX_set_default_passwd_cb(ssl, context_has_no_password);
    return SSL_CTX_set_min_proto_version(ssl, least) && SSL_CTX_set_max_proto_version(ssl, 0) &&
           SSL_CTX_set_cipher_list(ssl, policy->ciphers);
}

static enum sc_tls_reason context_make_ssl(SSL_CTX **ssl, const struct sc_policy *policy,
                                           const struct sc_wishes *wishes, char *text, size_t size)
{
    *ssl = SSL_CTX_new(TLS_client_method());
    enum sc_tls_reason reason =
        *ssl && context_set_manners(*ssl, policy) ? SC_TLS_REASON_NONE : SC_TLS_REASON_MEMORY;
    if (reason == SC_TLS_REASON_NONE)
        reason = context_set_authorities(*ssl, policy, wishes->ca_pem, text, size);
    if (reason == SC_TLS_REASON_NONE)
        reason = context_set_client(*ssl, wishes->client_pem, text, size);
    if (reason == SC_TLS_REASON_NONE)
        return reason;
    SSL_CTX_free(*ssl);
    *ssl = NULL;
    return reason;
}

static struct sc_context *context_new(int64_t owner, const struct sc_wishes *wishes, SSL_CTX *ssl)
{
    size_t ca = wishes->ca_pem.length;
    size_t client = wishes->client_pem.length;
    struct sc_context *context = malloc(sizeof(*context) + ca + client);

    if (!context)
        return NULL;
    *context = (struct sc_context){
        .ssl = ssl,
        .owner = owner,
        .hash = context_hash_of(owner, wishes),
        .ca_length = ca,
        .client_length = client,
    };
    if (ca > 0)
        memcpy(context->texts, wishes->ca_pem.data, ca);
    if (client > 0)
        memcpy(context->texts + ca, wishes->client_pem.data, client);
    return context;
}

void sc_contexts_init(struct sc_contexts *contexts, const struct sc_policy *policy, size_t limit)
{
    *contexts = (struct sc_contexts){.policy = policy, .limit = limit};
    TAILQ_INIT(&contexts->used);
}

static void contexts_drop(struct sc_contexts *contexts, struct sc_context *context)
{
    TAILQ_REMOVE(&contexts->used, context, link);
    contexts->count--;
    context_free(context);
}

void sc_contexts_fini(struct sc_contexts *contexts)
{
    struct sc_context *context;

    while ((context = TAILQ_FIRST(&contexts->used)))
        contexts_drop(contexts, context);
}

static struct sc_context *contexts_find(struct sc_contexts *contexts, int64_t owner,
                                        const struct sc_wishes *wishes)
{
    uint64_t hash = context_hash_of(owner, wishes);
    struct sc_context *context;

    TAILQ_FOREACH (context, &contexts->used, link)
        if (context->hash == hash && context_is_for(context, owner, wishes))
            return context;
    return NULL;
}

enum sc_tls_reason sc_contexts_get(struct sc_contexts *contexts, int64_t owner,
                                   const struct sc_wishes *wishes, SSL_CTX **ssl, char *text,
                                   size_t size)
{
    struct sc_context *context = contexts_find(contexts, owner, wishes);

    if (!context) {
        enum sc_tls_reason reason = context_make_ssl(ssl, contexts->policy, wishes, text, size);
        if (reason != SC_TLS_REASON_NONE)
            return reason;
        context = context_new(owner, wishes, *ssl);
        if (!context)
            return SC_TLS_REASON_NONE; /* It is used all the same, but not kept. */
        TAILQ_INSERT_HEAD(&contexts->used, context, link);
        contexts->count++;
    }
    TAILQ_REMOVE(&contexts->used, context, link);
    TAILQ_INSERT_HEAD(&contexts->used, context, link);
    *ssl = context->ssl;
    SSL_CTX_up_ref(*ssl);
    while (contexts->count > contexts->limit)
        contexts_drop(contexts, TAILQ_LAST(&contexts->used, sc_context_list));
    return SC_TLS_REASON_NONE;
}
