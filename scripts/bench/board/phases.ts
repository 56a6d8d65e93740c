// What a TLS connection on the board consists of: the stages of the run, one after the other, and
// the phases of the work, by the functions of the firmware that begin them. The translated
// functions have the names of assembly/: "verify_verifyChain" is verifyChain of x509/verify.ts.

import type { Rule, Stage } from "./profile.ts";

export const PHASES = {
  keyGeneration: { group: "TLS", label: "Key generation (X25519)" },
  sharedSecret: { group: "TLS", label: "Shared secret (X25519)" },
  chainParsing: { group: "TLS", label: "Certificate chain: parsing, names, digests" },
  chainSignatures: { group: "TLS", label: "Certificate chain: signatures" },
  certificateVerify: { group: "TLS", label: "CertificateVerify: signature" },
  keySchedule: { group: "TLS", label: "Key schedule, Finished" },
  transcript: { group: "TLS", label: "Transcript hash" },
  records: { group: "TLS", label: "Records: open and seal" },
  messages: { group: "TLS", label: "Messages, state, the rest of ssl.wasm" },
  entropy: { group: "Device", label: "Random bytes from the ring oscillator" },
  compiling: { group: "Device", label: "wasm3 compiles the app" },
  app: { group: "Device", label: "App, interpreted by wasm3" },
  hal: { group: "Device", label: "HAL: calls of the app, bridge to ssl" },
  files: { group: "Device", label: "Files (littlefs)" },
  network: { group: "Device", label: "TCP/IP (lwIP)" },
  driver: { group: "Device", label: "W5500 driver and SPI" },
  console: { group: "Device", label: "Serial console" },
  waiting: { group: "Device", label: "Going to sleep and waking up" },
  start: { group: "Device", label: "Start-up and all else" },
} as const;
export type Phase = keyof typeof PHASES;
export const PHASE_NAMES = Object.keys(PHASES) as Phase[];

const ssl = "program.o";
const tls = (phase: Phase, ...functions: (string | RegExp)[]): Rule<Phase> => {
  return { phase, object: ssl, functions };
};
const whole = (phase: Phase, ...objects: string[]): Rule<Phase>[] =>
  objects.map((object) => ({ phase, object }));

/** Where several rules name a function, the first that fits decides. */
export const RULES: readonly Rule<Phase>[] = [
  tls("messages", /^enter_exports_/),
  tls("keyGeneration", "client_Client_makeShare"),
  tls("sharedSecret", "client_Client_receiveServerHello"), // x25519 has one caller, and is inlined
  tls("chainParsing", "verify_verifyChain", "certificate_parseCertificate"),
  { ...tls("chainSignatures", "signature_verifyDigest"), within: "chainParsing" },
  tls("certificateVerify", "signature_verifyDigest"),
  tls("keySchedule", /^schedule_/),
  tls("transcript", /^transcript_/),
  tls("records", /^aead_/, /^gcm_/, /^chacha20_/, /^half_/, "link_Link_push"),
  { phase: "entropy", object: "random_conditioned.o", functions: [/^random_/] },
  { phase: "compiling", object: "m3_compile.o", functions: [/^(op_\w*Compile|CompileFunction)/] },
  { phase: "app", object: "vm.o", functions: ["vm_run"] },
  { phase: "hal", object: "vm.o", functions: ["dispatch"] },
  ...whole("files", "fs_littlefs.o", "fs_littlefs_volume.o"),
  ...whole("network", "net_lwip.o", "net_lwip_socket.o", "net_lwip_tcp.o", "net_lwip_udp.o"),
  ...whole("network", "net_lwip_dns.o", "network.o"),
  ...whole("driver", "w5500.o"),
  { phase: "console", object: "service.o", functions: ["service_poll"] },
  { phase: "console", object: "uart.o", functions: ["serial_write"] },
  { phase: "waiting", object: "timer.o", functions: ["board_wait"] },
];

/** The stage that is looked at closely. */
export const HANDSHAKE = "TLS handshake";

export const STAGES: readonly Stage[] = [
  { name: "devices, entropy, files", object: "main.o", function: "main_thread" },
  { name: "loading the app", object: "app.o", function: "app_run" },
  { name: "app begins", object: "vm.o", function: "vm_run" },
  { name: "DHCP, SNTP, DNS", object: "imports.o", function: "app_net_getaddrinfo" },
  { name: "TCP connection", object: "imports.o", function: "app_net_connect" },
  { name: "context, CA", object: "bridge.o", function: "ssl_context_new" },
  { name: HANDSHAKE, object: "bridge.o", function: "ssl_connection_new" },
  { name: "request, page", object: "bridge.o", function: "ssl_connection_text" },
  { name: "closing, ending", object: "bridge.o", function: "ssl_connection_close" },
];
