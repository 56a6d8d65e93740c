/* The network interface: a W5500 that passes frames, under lwIP. */

#include "network.h"

#include "flash_id.h"
#include "hal.h"
#include "net_lwip.h"
#include "sha256.h"
#include "w5500.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    MAC_LOCAL = 0x02, /* locally administered, not a group */
    IDLE_US = 100000,
    END_MS = 2000,
};

static bool is_up;
static char hostname[SETTINGS_HOSTNAME_MAX + 1];

/* The board has no address of its own from a maker: one from the flash chip's unique number, the
 * same at every start. */
static void derive_mac(uint8_t mac[NET_LWIP_MAC]) {
    static const char label[] = "wassl mac";
    uint8_t id[FLASH_ID_BYTES];
    uint8_t digest[SHA256_BYTES];
    struct sha256 s;
    flash_unique_id(id);
    sha256_start(&s);
    sha256_take(&s, label, sizeof label);
    sha256_take(&s, id, sizeof id);
    sha256_end(&s, digest);
    memcpy(mac, digest, NET_LWIP_MAC);
    mac[0] = MAC_LOCAL;
}

static void mask_of(uint8_t length, uint8_t mask[4]) {
    const uint32_t bits = length == 0 ? 0 : UINT32_MAX << (32 - length);
    for (uint32_t i = 0; i < 4; i++)
        mask[i] = (uint8_t)(bits >> (24 - 8 * i));
}

static void use_settings(struct net_lwip_config *config, const struct settings *settings) {
    memcpy(hostname, settings->hostname, sizeof hostname);
    config->hostname = hostname;
    if (!settings->is_static) return;
    memcpy(config->address, settings->address, sizeof config->address);
    memcpy(config->gateway, settings->gateway, sizeof config->gateway);
    memcpy(config->dns, settings->dns, sizeof config->dns);
    mask_of(settings->prefix_length, config->mask);
}

void network_start(const struct settings *settings) {
    struct net_lwip_config config = {.driver = &w5500_driver};
    derive_mac(config.mac);
    use_settings(&config, settings);
    if (w5500_start(config.mac) < 0)
        log_report("network: the W5500 does not answer");
    else if (net_lwip_start(&config) < 0)
        log_report("network: not started, there is no entropy");
    else
        is_up = true;
}

void network_poll(void) {
    if (is_up) net_lwip_poll();
}

uint32_t network_idle_us(void) {
    return is_up ? net_lwip_idle_us() : IDLE_US;
}

void network_end(void) {
    if (is_up) net_lwip_end(END_MS);
}

void network_status(void (*line)(const char *text)) {
    char text[80];
    if (!is_up) {
        line("network: none");
        return;
    }
    const struct net_lwip_status s = net_lwip_status();
    const uint8_t *a = s.address;
    snprintf(text, sizeof text, "network: %s, address %u.%u.%u.%u",
             s.link_is_up ? "cable connected" : "no cable", a[0], a[1], a[2], a[3]);
    line(text);
}
