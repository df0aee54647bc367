/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One TLS session by OpenSSL: its handshake, its records, its end. Whom to
 * trust is verify's, words for failures are explain's.
 */
#include "tls/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "tls/report.h"

/*
 * Records that carry no data (tickets, updates of keys, warnings) cost us more
 * than they cost who sends them: so many in one turn, and so many in a row.
 */
enum { SILENT_A_TURN = 16, SILENT_MAX = 1000 };

static struct sc_tls_engine *engine_of(struct sc_engine *base)
{
    return SC_CONTAINER_OF(base, struct sc_tls_engine, base);
}

static const struct sc_tls_engine *engine_seen(const struct sc_engine *base)
{
    return (const struct sc_tls_engine *)((const char *)base -
                                          offsetof(struct sc_tls_engine, base));
}

static void engine_begin(struct sc_engine *base)
{
    sc_far_bio_begin(&engine_of(base)->bio);
}

static enum sc_engine_result engine_fail(struct sc_tls_engine *engine)
{
    struct sc_tls_failure *failure = &engine->failure;

    if (failure->error == 0)
        failure->error = ERR_peek_error();
    if (failure->far_error == 0)
        failure->far_error = engine->bio.far->error;
    failure->ended = engine->bio.ended;
    ERR_clear_error();
    return SC_ENGINE_FAILED;
}

/* Whether the bytes just ended, without an alert or anything amiss before. */
static bool engine_was_cut_off(const struct sc_tls_engine *engine, int ssl_error)
{
    unsigned long error = ERR_peek_error();

    return engine->bio.ended && ((ssl_error == SSL_ERROR_SYSCALL && error == 0) ||
                                 (ERR_GET_LIB(error) == ERR_LIB_SSL &&
                                  ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING));
}

/* What a call that did not do what it was asked for has said. */
static enum sc_engine_result engine_result(struct sc_tls_engine *engine, int returned)
{
    int ssl_error = SSL_get_error(engine->ssl, returned);
    enum sc_engine_result result;

    switch (ssl_error) {
    case SSL_ERROR_WANT_READ:
        result = SC_ENGINE_WANT_READ;
        break;
    case SSL_ERROR_WANT_WRITE:
        result = SC_ENGINE_WANT_WRITE;
        break;
    case SSL_ERROR_ZERO_RETURN:
        return SC_ENGINE_CLOSED;
    default:
        result = engine_was_cut_off(engine, ssl_error) ? SC_ENGINE_TRUNCATED : SC_ENGINE_FAILED;
        (void)engine_fail(engine);
        return result;
    }
    if (engine->bio.later)
        return SC_ENGINE_LATER;
    return engine->bio.spent ? SC_ENGINE_AGAIN : result;
}

/* Whether OpenSSL wants to be called once more for what has come already. */
static bool engine_was_silent(struct sc_tls_engine *engine, enum sc_engine_result result)
{
    if (result != SC_ENGINE_WANT_READ || engine->bio.dry)
        return false;
    engine->silent++;
    return true;
}

static enum sc_engine_result engine_check_flood(struct sc_tls_engine *engine)
{
    if (engine->silent < SILENT_MAX)
        return SC_ENGINE_AGAIN;
    engine->failure.flooded = true;
    return engine_fail(engine);
}

/* OpenSSL of some ages takes whatever a far end chooses. */
static bool engine_was_offered(const struct sc_tls_engine *engine)
{
    const unsigned char *chosen;
    unsigned length;

    SSL_get0_alpn_selected(engine->ssl, &chosen, &length);
    if (length == 0)
        return true;
    for (size_t at = 0; at < engine->alpn_length; at += 1U + engine->alpn[at])
        if (engine->alpn[at] == length && memcmp(engine->alpn + at + 1, chosen, length) == 0)
            return true;
    return false;
}

/* Nothing is believed because it should be so: all that was wished is looked at once more. */
static enum sc_engine_result engine_accept(struct sc_tls_engine *engine)
{
    int least = engine->least == SC_TLS_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
    bool is_good = engine->verifier.vouched && SSL_get0_peer_certificate(engine->ssl) &&
                   SSL_version(engine->ssl) >= least;

    engine->failure.other_protocol = !engine_was_offered(engine);
    if (is_good && !engine->failure.other_protocol)
        return SC_ENGINE_DONE;
    if (!engine->failure.other_protocol)
        engine->verifier.vouched = false;
    return engine_fail(engine);
}

static enum sc_engine_result engine_handshake(struct sc_engine *base, bool *moved)
{
    struct sc_tls_engine *engine = engine_of(base);
    OSSL_HANDSHAKE_STATE before = SSL_get_state(engine->ssl);

    for (int i = 0; i < SILENT_A_TURN; i++) {
        ERR_clear_error();
        int returned = SSL_do_handshake(engine->ssl);
        *moved = SSL_get_state(engine->ssl) != before;
        if (returned == 1)
            return engine_accept(engine);
        enum sc_engine_result result = engine_result(engine, returned);
        if (result == SC_ENGINE_TRUNCATED)
            result = SC_ENGINE_FAILED;
        if (!engine_was_silent(engine, result))
            return result;
    }
    return engine_check_flood(engine);
}

static enum sc_engine_result engine_read(struct sc_engine *base, void *bytes, size_t size,
                                         size_t *length)
{
    struct sc_tls_engine *engine = engine_of(base);

    for (int i = 0; i < SILENT_A_TURN; i++) {
        ERR_clear_error();
        int returned = SSL_read_ex(engine->ssl, bytes, size, length);
        if (returned == 1) {
            engine->silent = 0;
            return SC_ENGINE_DONE;
        }
        enum sc_engine_result result = engine_result(engine, returned);
        if (!engine_was_silent(engine, result))
            return result;
    }
    return engine_check_flood(engine);
}

static enum sc_engine_result engine_write(struct sc_engine *base, struct sc_bytes bytes,
                                          size_t *length)
{
    struct sc_tls_engine *engine = engine_of(base);

    ERR_clear_error();
    int returned = SSL_write_ex(engine->ssl, bytes.data, bytes.length, length);
    engine->is_writing = returned != 1;
    if (returned == 1)
        return SC_ENGINE_DONE;
    enum sc_engine_result result = engine_result(engine, returned);
    return sc_engine_must_wait(result) ? result : SC_ENGINE_FAILED;
}

/* SSL_shutdown() waits for the far end's answer only when it is called once more. */
static enum sc_engine_result engine_farewell(struct sc_engine *base)
{
    struct sc_tls_engine *engine = engine_of(base);

    ERR_clear_error();
    int returned = SSL_shutdown(engine->ssl);
    if (returned < 0) {
        enum sc_engine_result result = engine_result(engine, returned);
        if (sc_engine_must_wait(result))
            return result;
    }
    ERR_clear_error();
    engine->bio.far->verbs->end(engine->bio.far);
    return SC_ENGINE_DONE;
}

static enum sc_engine_result engine_discard(struct sc_engine *base, void *bytes, size_t size)
{
    struct sc_far *far = engine_of(base)->bio.far;
    size_t length;

    switch (far->verbs->receive(far, bytes, size, &length)) {
    case SC_FAR_DONE:
        return SC_ENGINE_DONE;
    case SC_FAR_WAIT:
        return SC_ENGINE_WANT_READ;
    case SC_FAR_LATER:
        return SC_ENGINE_LATER;
    case SC_FAR_ENDED:
    case SC_FAR_LOST:
        break;
    }
    return SC_ENGINE_CLOSED;
}

static bool engine_is_amid(const struct sc_engine *base)
{
    const struct sc_tls_engine *engine = engine_seen(base);

    return engine->is_writing || SSL_has_pending(engine->ssl);
}

static void engine_rest(struct sc_engine *base)
{
    /* It keeps what holds something. */
    (void)SSL_free_buffers(engine_of(base)->ssl);
}

static enum sc_tls_reason engine_explain(const struct sc_engine *base, char *text, size_t size)
{
    const struct sc_tls_engine *engine = engine_seen(base);

    return sc_explain_failure(&engine->failure, &engine->verifier, text, size);
}

static int engine_report(const struct sc_engine *base, struct sc_buf *out)
{
    int error = sc_report_session(engine_seen(base)->ssl, out);

    ERR_clear_error();
    return error;
}

static void engine_free(struct sc_engine *base)
{
    struct sc_tls_engine *engine = engine_of(base);

    SSL_free(engine->ssl);
    free(engine);
}

static const struct sc_engine_verbs verbs = {
    .begin = engine_begin,
    .handshake = engine_handshake,
    .read = engine_read,
    .write = engine_write,
    .farewell = engine_farewell,
    .discard = engine_discard,
    .is_amid = engine_is_amid,
    .rest = engine_rest,
    .explain = engine_explain,
    .report = engine_report,
    .free = engine_free,
};

static bool engine_set_ssl(struct sc_tls_engine *engine, const struct sc_policy *policy,
                           const struct sc_wishes *wishes)
{
    SSL *ssl = engine->ssl;
    BIO *bio = ssl ? sc_far_bio_new(policy->bio, &engine->bio) : NULL;

    if (!bio)
        return false;
    SSL_set_bio(ssl, bio, bio);
    SSL_set_connect_state(ssl);
    /* The last of these says 0 when it is done. */
    return sc_verifier_set(&engine->verifier, ssl, wishes) &&
           (engine->least != SC_TLS_1_3 || SSL_set_min_proto_version(ssl, TLS1_3_VERSION)) &&
           (wishes->sni[0] == '\0' || SSL_set_tlsext_host_name(ssl, wishes->sni)) &&
           (wishes->alpn_length == 0 ||
            SSL_set_alpn_protos(ssl, wishes->alpn, (unsigned)wishes->alpn_length) == 0);
}

struct sc_tls_engine *sc_tls_engine_new(SSL_CTX *context, const struct sc_policy *policy,
                                        const struct sc_wishes *wishes, struct sc_far *far)
{
    struct sc_tls_engine *engine = calloc(1, sizeof(*engine) + wishes->alpn_length);

    if (engine) {
        engine->base.verbs = &verbs;
        engine->bio.far = far;
        engine->least = policy->least > wishes->least ? policy->least : wishes->least;
        engine->alpn_length = wishes->alpn_length;
        memcpy(engine->alpn, wishes->alpn, wishes->alpn_length);
        engine->ssl = SSL_new(context);
        if (!engine_set_ssl(engine, policy, wishes)) {
            engine_free(&engine->base);
            engine = NULL;
        }
    }
    SSL_CTX_free(context);
    ERR_clear_error();
    return engine;
}
