# Which sources the lwIP back end is made of, for the makefiles of boards: `net_lwip` of hal/, and
# `lwip` of $(LWIP_DIR)/src, with the folders of their headers.

LWIP_DIR ?= $(root)/third_party/lwip

net_lwip := net_lwip net_lwip_address net_lwip_dns net_lwip_entropy net_lwip_socket net_lwip_tcp
net_lwip += net_lwip_udp siphash sleep_board

lwip_core := def dns inet_chksum init ip mem memp netif pbuf stats sys tcp tcp_in tcp_out timeouts
lwip_core += udp
lwip_ipv4 := dhcp etharp icmp ip4 ip4_addr
lwip_ipv6 := ethip6 icmp6 inet6 ip6 ip6_addr ip6_frag mld6 nd6
lwip := $(lwip_core:%=core/%) $(lwip_ipv4:%=core/ipv4/%) $(lwip_ipv6:%=core/ipv6/%) netif/ethernet

lwip_includes := -I$(root)/hal/lwip -isystem $(LWIP_DIR)/src/include
