/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is whom in tests of trust. What is expected of them the tests say.
 */
#include "support/check.h"

#include "support/trust.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void trust_make_far_ends(struct trust *trust)
{
    const struct certificate *ca = &trust->authority;
    const struct certificate_wish wishes[FAR_KINDS] = {
        [RIGHT] = {.subject = "right", .names = "DNS:a.example", .issuer = ca},
        [WILD] = {.subject = "wild", .names = "DNS:*.w.example,DNS:*.example", .issuer = ca},
        [PARTLY_WILD] = {.subject = "part", .names = "DNS:a*.w.example", .issuer = ca},
        [BY_ADDRESS] = {.subject = "address", .names = "IP:192.0.2.1,IP:2001:db8::1", .issuer = ca},
        [SUBJECT_ONLY] = {.subject = "a.example", .issuer = ca},
        [WRONG_NAME] = {.subject = "a.example", .names = "DNS:b.example", .issuer = ca},
        [EXPIRED] = {"old", "DNS:a.example", ca, false, -10, -1},
        [NOT_YET] = {"new", "DNS:a.example", ca, false, 1, 10},
        [OTHER_AUTHORITY] = {"o", "DNS:a.example", &trust->other_authority, false, 0, 0},
        [SELF_SIGNED] = {.subject = "self", .names = "DNS:a.example"},
        [BY_A_LEAF] = {"leaf", "DNS:a.example", &trust->far[RIGHT], false, 0, 0},
    };

    for (size_t i = 0; i < FAR_KINDS; i++)
        trust->far[i] = certificate_make(&wishes[i]);
}

static void trust_write_file(struct trust *trust)
{
    strcpy(trust->ca_file, "/tmp/scache-ca-XXXXXX");
    int fd = mkstemp(trust->ca_file);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, trust->ca_pem, strlen(trust->ca_pem)), strlen(trust->ca_pem));
    close(fd);
}

int trust_setup(void **state)
{
    struct trust *trust = calloc(1, sizeof(*trust));
    char problem[SC_POLICY_PROBLEM_MAX];

    assert_non_null(trust);
    trust->authority =
        certificate_make(&(struct certificate_wish){.subject = "ca", .is_authority = true});
    trust->other_authority =
        certificate_make(&(struct certificate_wish){.subject = "other", .is_authority = true});
    trust->client = certificate_make(
        &(struct certificate_wish){.subject = "client", .issuer = &trust->authority});
    trust_make_far_ends(trust);
    trust->ca_pem = certificate_pem(&trust->authority, false);
    trust->other_pem = certificate_pem(&trust->other_authority, false);
    trust->client_pem = certificate_pem(&trust->client, true);
    certificate_pin(&trust->far[RIGHT], trust->pin);
    certificate_pin(&trust->far[SELF_SIGNED], trust->other_pin);
    trust_write_file(trust);
    const struct sc_policy_options options = {.ca_file = trust->ca_file, .ciphers = ""};
    assert_int_equal(sc_tls_engines_init(&trust->engines, &options, problem), 0);
    assert_string_equal(problem, "");
    *state = trust;
    return 0;
}

int trust_teardown(void **state)
{
    struct trust *trust = *state;

    sc_tls_engines_fini(&trust->engines);
    for (size_t i = 0; i < FAR_KINDS; i++)
        certificate_free(&trust->far[i]);
    certificate_free(&trust->authority);
    certificate_free(&trust->other_authority);
    certificate_free(&trust->client);
    free(trust->ca_pem);
    free(trust->other_pem);
    free(trust->client_pem);
    unlink(trust->ca_file);
    free(trust);
    return 0;
}

enum sc_tls_reason trust_try_wish(struct trust *trust, struct sc_tls_request request,
                                  const struct tls_peer_wish *wish)
{
    struct tls_peer peer;

    tls_peer_init(&peer, wish);
    enum sc_tls_reason reason = tls_peer_try(&peer, &trust->engines, TRUST_OWNER, &request);
    tls_peer_fini(&peer);
    return reason;
}

enum sc_tls_reason trust_try(struct trust *trust, struct sc_tls_request request, enum far_kind far)
{
    /* In both versions of TLS, which must agree. */
    enum sc_tls_reason old = trust_try_wish(
        trust, request,
        &(struct tls_peer_wish){.certificate = &trust->far[far], .version = TLS1_2_VERSION});
    enum sc_tls_reason new = trust_try_wish(
        trust, request,
        &(struct tls_peer_wish){.certificate = &trust->far[far], .version = TLS1_3_VERSION});

    assert_int_equal(old, new);
    return new;
}

struct sc_tls_request trust_request(const char *name)
{
    struct sc_tls_request request = tls_peer_request();

    request.name = sc_bytes_of(name);
    return request;
}
