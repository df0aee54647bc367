/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The far end of an engine without sockets. It checks nothing of what the
 * engine does; the tests do.
 */
#include "support/check.h"

#include "support/tls_peer.h"

#include <string.h>

#include <openssl/err.h>

static struct tls_peer *peer_of(struct sc_far *far)
{
    return SC_CONTAINER_OF(far, struct tls_peer, far);
}

static size_t peer_narrow(const struct tls_peer *peer, size_t size)
{
    return peer->width > 0 && size > peer->width ? peer->width : size;
}

static enum sc_far_result peer_receive(struct sc_far *far, void *bytes, size_t size, size_t *length)
{
    struct tls_peer *peer = peer_of(far);

    assert_true(size > 0);
    int got = BIO_read(peer->from_server, bytes, (int)peer_narrow(peer, size));
    if (got > 0) {
        peer->moved += (size_t)got;
        *length = (size_t)got;
        return SC_FAR_DONE;
    }
    far->error = peer->lost;
    if (peer->lost < 0)
        return SC_FAR_LOST;
    return peer->ended ? SC_FAR_ENDED : SC_FAR_WAIT;
}

static enum sc_far_result peer_send(struct sc_far *far, struct sc_bytes bytes, size_t *length)
{
    struct tls_peer *peer = peer_of(far);
    size_t waiting = BIO_ctrl_pending(peer->to_server);

    far->error = peer->lost;
    if (peer->lost < 0)
        return SC_FAR_LOST;
    size_t size = peer_narrow(peer, bytes.length);
    if (peer->room > 0 && waiting >= peer->room)
        return SC_FAR_WAIT;
    if (peer->room > 0 && size > peer->room - waiting)
        size = peer->room - waiting;
    assert_int_equal(BIO_write(peer->to_server, bytes.data, (int)size), size);
    peer->moved += size;
    *length = size;
    return SC_FAR_DONE;
}

static void peer_end(struct sc_far *far)
{
    peer_of(far)->far_end_called = true;
}

static const struct sc_far_verbs far_verbs = {peer_receive, peer_send, peer_end};

static int peer_choose(SSL *ssl, const unsigned char **chosen, unsigned char *length,
                       const unsigned char *offered, unsigned size, void *context)
{
    const struct tls_peer *peer = context;

    (void)ssl;
    for (unsigned at = 0; at < size; at += 1U + offered[at])
        if (offered[at] == strlen(peer->alpn) &&
            memcmp(offered + at + 1, peer->alpn, offered[at]) == 0) {
            *chosen = offered + at + 1;
            *length = offered[at];
            return SSL_TLSEXT_ERR_OK;
        }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void tls_peer_init(struct tls_peer *peer, const struct tls_peer_wish *wish)
{
    *peer = (struct tls_peer){.far = {.verbs = &far_verbs}, .alpn = wish->alpn};
    peer->context = SSL_CTX_new(TLS_server_method());
    assert_non_null(peer->context);
    SSL_CTX_set_security_level(peer->context, 0);
    assert_int_equal(SSL_CTX_set_min_proto_version(peer->context, wish->version), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(peer->context, wish->version), 1);
    if (wish->ciphers)
        assert_int_equal(SSL_CTX_set_cipher_list(peer->context, wish->ciphers), 1);
    if (wish->certificate) {
        assert_int_equal(SSL_CTX_use_certificate(peer->context, wish->certificate->x509), 1);
        assert_int_equal(SSL_CTX_use_PrivateKey(peer->context, wish->certificate->key), 1);
    }
    if (wish->alpn)
        SSL_CTX_set_alpn_select_cb(peer->context, peer_choose, peer);
    if (wish->client) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(peer->context), wish->client->x509);
        SSL_CTX_set_verify(peer->context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
    peer->ssl = SSL_new(peer->context);
    peer->to_server = BIO_new(BIO_s_mem());
    peer->from_server = BIO_new(BIO_s_mem());
    assert_true(peer->ssl && peer->to_server && peer->from_server);
    BIO_set_mem_eof_return(peer->to_server, -1);
    BIO_set_mem_eof_return(peer->from_server, -1);
    BIO_up_ref(peer->to_server);
    BIO_up_ref(peer->from_server);
    SSL_set_bio(peer->ssl, peer->to_server, peer->from_server);
    SSL_set_accept_state(peer->ssl);
    ERR_clear_error();
}

void tls_peer_fini(struct tls_peer *peer)
{
    if (peer->engine)
        peer->engine->verbs->free(peer->engine);
    SSL_free(peer->ssl);
    SSL_CTX_free(peer->context);
    BIO_free(peer->to_server);
    BIO_free(peer->from_server);
}

enum sc_engine_result tls_peer_shake_hands(struct tls_peer *peer)
{
    enum sc_engine_result result = SC_ENGINE_AGAIN;

    for (int idle = 0; idle < 3;) {
        size_t before = peer->moved;
        bool moved = false;
        peer->engine->verbs->begin(peer->engine);
        result = peer->engine->verbs->handshake(peer->engine, &moved);
        if (!sc_engine_must_wait(result))
            break;
        (void)SSL_do_handshake(peer->ssl);
        ERR_clear_error();
        idle = before != peer->moved || result == SC_ENGINE_AGAIN ? 0 : idle + 1;
    }
    for (int i = 0; i < 3; i++)
        (void)SSL_do_handshake(peer->ssl);
    ERR_clear_error();
    return result;
}

struct sc_tls_request tls_peer_request(void)
{
    return (struct sc_tls_request){
        .kind = SC_TLS_KIND_CLIENT,
        .level = SC_BYTES("verify"),
        .name = SC_BYTES("a.example"),
    };
}

enum sc_tls_reason tls_peer_try(struct tls_peer *peer, struct sc_tls_engines *engines,
                                int64_t owner, const struct sc_tls_request *request)
{
    struct sc_wishes wishes;
    char text[SC_TLS_TEXT_MAX + 1] = "";
    enum sc_tls_reason reason = sc_wishes_understand(&wishes, request);

    if (reason == SC_TLS_REASON_NONE)
        reason = engines->base.verbs->make(&engines->base, owner, &wishes, &peer->far,
                                           &peer->engine, text, sizeof(text));
    if (reason != SC_TLS_REASON_NONE) {
        assert_true(!peer->engine);
        return reason;
    }
    if (tls_peer_shake_hands(peer) == SC_ENGINE_DONE)
        return SC_TLS_REASON_NONE;
    reason = peer->engine->verbs->explain(peer->engine, text, sizeof(text));
    assert_int_not_equal(reason, SC_TLS_REASON_NONE);
    assert_true(strlen(text) > 0);
    return reason;
}

size_t tls_peer_read(struct tls_peer *peer, char *bytes, size_t size, enum sc_engine_result *result)
{
    const struct sc_engine_verbs *verbs = peer->engine->verbs;
    size_t filled = 0;

    do {
        size_t length = 0;
        verbs->begin(peer->engine);
        *result = verbs->read(peer->engine, bytes + filled, size - filled, &length);
        if (*result == SC_ENGINE_DONE)
            filled += length;
    } while (filled < size && (*result == SC_ENGINE_DONE || *result == SC_ENGINE_AGAIN));
    return filled;
}

void tls_peer_write(struct tls_peer *peer, const char *bytes, size_t length, char *heard)
{
    size_t done = 0;
    size_t got = 0;

    while (got < length) {
        size_t taken = 0;
        struct sc_bytes rest = {bytes + done, length - done};
        enum sc_engine_result result = SC_ENGINE_DONE;
        if (rest.length > 0)
            result = peer->engine->verbs->write(peer->engine, rest, &taken);
        assert_true(result == SC_ENGINE_DONE || result == SC_ENGINE_WANT_WRITE);
        if (result == SC_ENGINE_DONE)
            done += taken;
        int read = SSL_read(peer->ssl, heard + got, (int)(length - got));
        if (read > 0)
            got += (size_t)read;
        ERR_clear_error();
    }
}
