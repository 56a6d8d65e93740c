/* lwIP's settings, for devices with some 30 KB of RAM to spare for it.
 *
 * Sizes in parentheses are RAM on a 32-bit machine, all of it static. What depends on the device is
 * under #ifndef, so that a board can say otherwise with -D. Where memory runs short:
 *
 *   received data waits in pool buffers until the app reads it; net_lwip_tcp.c keeps the last of
 *   them free for traffic, whoever sends too much to sockets that nobody reads
 *   data to be sent waits in the heap until it is acknowledged; net_send takes what fits
 */

#ifndef LWIPOPTS_H
#define LWIPOPTS_H

/* --- what a device may want otherwise --------------------------------------------------------- */

/* Connections at once, with those that are still being closed (8 x 156 bytes). */
#ifndef NET_LWIP_CONNECTIONS
#define NET_LWIP_CONNECTIONS 8
#endif

/* Buffers for received frames: a full frame takes 3 of them, a small one 1 (32 x 528 bytes). */
#ifndef PBUF_POOL_SIZE
#define PBUF_POOL_SIZE 32
#endif
#define PBUF_POOL_BUFSIZE 512

/* The most that a peer may send before the app has read it: what two connections can fill and leave
   a quarter of the buffers free. More is faster over long distances. */
#ifndef TCP_WND
#define TCP_WND ((PBUF_POOL_SIZE >= 32 ? 4 : PBUF_POOL_SIZE >= 16 ? 2 : 1) * TCP_MSS)
#endif

/* The most that a connection holds for sending; from the heap. */
#ifndef TCP_SND_BUF
#define TCP_SND_BUF (2 * TCP_MSS)
#endif

/* The heap: frames on their way out and unacknowledged data. */
#ifndef MEM_SIZE
#define MEM_SIZE (7 * 1024)
#endif

#ifndef LWIP_IPV6
#define LWIP_IPV6 0
#endif

/* --- the machine ------------------------------------------------------------------------------ */

#define NO_SYS               1
#define SYS_LIGHTWEIGHT_PROT 0 /* everything runs in one thread, drivers are polled */
#define LWIP_NETCONN         0
#define LWIP_SOCKET          0
#define MEM_ALIGNMENT        8 /* of the 64-bit hosts that test it; a Cortex-M needs 4 */
#define ETH_PAD_SIZE         2 /* aligns the headers behind Ethernet's 14 bytes */
#define LWIP_HOOK_FILENAME   "lwip_hooks.h"

/* Counts of the pools and the heap (0.2 KB): how close to the limits a device is, and the tests'
   proof that nothing leaks. */
#define LWIP_STATS   1
#define MEM_STATS    1
#define MEMP_STATS   1
#define LINK_STATS   0
#define ETHARP_STATS 0
#define IP_STATS     0
#define ICMP_STATS   0
#define UDP_STATS    0
#define TCP_STATS    0
#define IP6_STATS    0
#define ICMP6_STATS  0
#define MLD6_STATS   0
#define ND6_STATS    0

/* --- interfaces ------------------------------------------------------------------------------- */

#define LWIP_NETIF_HOSTNAME      1
#define LWIP_NETIF_LOOPBACK      1 /* 127.0.0.1 and the own address: an app that talks to itself */
#define LWIP_HAVE_LOOPIF         1
#define LWIP_LOOPBACK_MAX_PBUFS  8
#define LWIP_NETIF_LINK_CALLBACK 0
#define ARP_TABLE_SIZE           6
#define ARP_QUEUEING             0 /* the last datagram waits for an address, that is enough */

/* --- IP --------------------------------------------------------------------------------------- */

/* No fragments, in either direction: nothing here needs them, and overlapping and incomplete ones
   are an old way to attack. A datagram has at most 1472 bytes. Nor options, which route packets by
   their sender's wishes. */
#define IP_REASSEMBLY      0
#define IP_FRAG            0
#define IP_OPTIONS_ALLOWED 0
#define IP_FORWARD         0
#define IP_DEFAULT_TTL     64
#define IP_SOF_BROADCAST   1
#define SO_REUSE           1
#define LWIP_ICMP          1
#define LWIP_RAW           0

/* --- UDP, DHCP, DNS --------------------------------------------------------------------------- */

#define LWIP_UDP         1
#define MEMP_NUM_UDP_PCB 20 /* NET_SOCKETS, DHCP and questions to DNS (20 x 32 bytes) */
#define LWIP_DHCP        1
#define LWIP_DNS         1
#define DNS_TABLE_SIZE   3 /* names remembered and asked for (3 x 272 bytes) */
#define DNS_MAX_SERVERS  2

/* --- TCP -------------------------------------------------------------------------------------- */

#define LWIP_TCP                1
#define TCP_MSS                 1460
#define TCP_SND_QUEUELEN        16
#define MEMP_NUM_TCP_SEG        32 /* on their way out (32 x 16 bytes) */
#define MEMP_NUM_TCP_PCB        NET_LWIP_CONNECTIONS
#define MEMP_NUM_TCP_PCB_LISTEN 4
#define TCP_LISTEN_BACKLOG      1

/* A small write takes from the heap what it needs, nothing for the next one. */
#define TCP_OVERSIZE 0

/* What arrives too early is dropped and sent again. lwIP's queue for it trusts the sender: segments
   that contradict each other, or reach beyond the window, end in failed assertions, that is in a
   restart of the board. With windows as small as ours little is lost. */
#define TCP_QUEUE_OOSEQ   0
#define LWIP_TCP_SACK_OUT 0

#endif
