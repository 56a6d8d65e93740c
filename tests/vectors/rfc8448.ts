// RFC 8448, section 3: the simple 1-RTT handshake. The records, the client's private key and every
// secret on the way, as the RFC prints them. section() reads other traces of the RFC from
// ../shared/vectors where that folder is.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../harness/imports.ts";
import { fromHex } from "../harness/tls13-wire.ts";

/** The client's X25519 private key. */
export const scalar = fromHex("49af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5005");

/** What either side sends as application data: 0, 1 ... 49. */
export const payload = Uint8Array.from({ length: 50 }, (_, i) => i);

/** TLS records, in the order in which they are sent. */
export const records = {
  clientHello: fromHex(
    "16030100c4010000c00303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece700" +
      "0006130113031302010000910000000b0009000006736572766572ff01000100000a00140012001d00170018" +
      "00190100010101020103010400230000003300260024001d002099381de560e4bd43d23d8e435a7dbafeb3c0" +
      "6e51c13cae4d5413691e529aaf2c002b0003020304000d0020001e0403050306030203080408050806040105" +
      "01060102010402050206020202002d00020101001c00024001",
  ),
  serverHello: fromHex(
    "160303005a020000560303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2692800" +
      "130100002e00330024001d0020c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f" +
      "0f002b00020304",
  ),
  serverFlight: fromHex(
    "17030302a2d1ff334a56f5bff6594a07cc87b580233f500f45e489e7f33af35edf7869fcf40aa40aa2b8ea73" +
      "f848a7ca07612ef9f945cb960b4068905123ea78b111b429ba9191cd05d2a389280f526134aadc7fc78c4b72" +
      "9df828b5ecf7b13bd9aefb0e57f271585b8ea9bb355c7c79020716cfb9b1183ef3ab20e37d57a6b9d7477609" +
      "aee6e122a4cf51427325250c7d0e509289444c9b3a648f1d71035d2ed65b0e3cdd0cbae8bf2d0b227812cbb3" +
      "60987255cc744110c453baa4fcd610928d809810e4b7ed1a8fd991f06aa6248204797e36a6a73b70a2559c09" +
      "ead686945ba246ab66e5edd8044b4c6de3fcf2a89441ac66272fd8fb330ef8190579b3684596c960bd596eea" +
      "520a56a8d650f563aad27409960dca63d3e688611ea5e22f4415cf9538d51a200c27034272968a264ed6540c" +
      "84838d89f72c24461aad6d26f59ecaba9acbbb317b66d902f4f292a36ac1b639c637ce343117b65962224531" +
      "7b49eeda0c6258f100d7d961ffb138647e92ea330faeea6dfa31c7a84dc3bd7e1b7a6c7178af36879018e3f2" +
      "52107f243d243dc7339d5684c8b0378bf30244da8c87c843f5e56eb4c5e8280a2b48052cf93b16499a66db7c" +
      "ca71e4599426f7d461e66f99882bd89fc50800becca62d6c74116dbd2972fda1fa80f85df881edbe5a376689" +
      "36b335583b599186dc5c6918a396fa48a181d6b6fa4f9d62d513afbb992f2b992f67f8afe67f76913fa388cb" +
      "5630c8ca01e0c65d11c66a1e2ac4c85977b7c7a6999bbf10dc35ae69f5515614636c0b9b68c19ed2e31c0b3b" +
      "66763038ebba42f3b38edc0399f3a9f23faa63978c317fc9fa66a73f60f0504de93b5b845e275592c12335ee" +
      "340bbc4fddd502784016e4b3be7ef04dda49f4b440a30cb5d2af939828fd4ae3794e44f94df5a631ede42c17" +
      "19bfdabf0253fe5175be898e750edc53370d2b",
  ),
  clientFinished: fromHex(
    "170303003575ec4dc238cce60b298044a71e219c56cc77b0517fe9b93c7a4bfc44d87f38f80338ac98fc46de" +
      "b384bd1caeacab6867d726c40546",
  ),
  newSessionTicket: fromHex(
    "17030300de3a6b8f90414a97d6959c3487680de5134a2b240e6cffac116e95d41d6af8f6b580dcf3d11d63c7" +
      "58db289a015940252f55713e061dc13e078891a38efbcf5753ad8ef170ad3c7353d16d9da773b9ca7f2b9fa1" +
      "b6c0d4a3d03f75e09c30ba1e62972ac46f75f7b981be63439b2999ce13064615139891d5e4c5b406f16e3fc1" +
      "81a77ca475840025db2f0a77f81b5ab05b94c01346755f69232c86519d86cbeeac87aac347d143f9605d64f6" +
      "50db4d023e70e952ca49fe5137121c74bc2697687e248746d6df353005f3bce18696129c8153556b3b6c6779" +
      "b37bf15985684f",
  ),
  clientData: fromHex(
    "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a" +
      "20441e2b62974e1f5a6292a2977014bd1e3deae63aeebb21694915e4",
  ),
  serverData: fromHex(
    "17030300432e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36e30efaf97d90e6dffc602dcb" +
      "501a59a8fcc49c4bf2e5f0a21c0047c2abf332540dd032e167c2955d",
  ),
  clientClose: fromHex("1703030013c9872760655666b74d7ff1153efd6db6d0b0e3"),
  serverClose: fromHex("1703030013b58fd67166ebf599d24720cfbe7efa7a8864a9"),
};

/** Handshake messages inside the server's encrypted flight. */
export const messages = {
  encryptedExtensions: fromHex(
    "080000240022000a00140012001d00170018001901000101010201030104001c0002400100000000",
  ),
  certificate: fromHex(
    "0b0001b9000001b50001b0308201ac30820115a003020102020102300d06092a864886f70d01010b0500300e" +
      "310c300a06035504031303727361301e170d3136303733303031323335395a170d3236303733303031323335" +
      "395a300e310c300a0603550403130372736130819f300d06092a864886f70d010101050003818d0030818902" +
      "818100b4bb498f8279303d980836399b36c6988c0c68de55e1bdb826d3901a2461eafd2de49a91d015abbc9a" +
      "95137ace6c1af19eaa6af98c7ced43120998e187a80ee0ccb0524b1b018c3e0b63264d449a6d38e22a5fda43" +
      "0846748030530ef0461c8ca9d9efbfae8ea6d1d03e2bd193eff0ab9a8002c47428a6d35a8d88d79f7f1e3f02" +
      "03010001a31a301830090603551d1304023000300b0603551d0f0404030205a0300d06092a864886f70d0101" +
      "0b05000381810085aad2a0e5b9276b908c65f73a7267170618a54c5f8a7b337d2df7a594365417f2eae8f8a5" +
      "8c8f8172f9319cf36b7fd6c55b80f21a03015156726096fd335e5e67f2dbf102702e608ccae6bec1fc63a42a" +
      "99be5c3eb7107c3c54e9b9eb2bd5203b1c3b84e0a8b2f759409ba3eac9d91d402dcc0cc8f8961229ac9187b4" +
      "2b4de10000",
  ),
  certificateVerify: fromHex(
    "0f000084080400805a747c5d88fa9bd2e55ab085a61015b7211f824cd484145ab3ff52f1fda8477b0b7abc90" +
      "db78e2d33a5c141a078653fa6bef780c5ea248eeaaa785c4f394cab6d30bbe8d4859ee511f602957b15411ac" +
      "027671459e46445c9ea58c181e818e95b8c3fb0bf3278409d3be152a3da5043e063dda65cdf5aea20d53dfac" +
      "d42f74f3",
  ),
  finished: fromHex("140000209b9b141d906337fbd2cbdce71df4deda4ab42c309572cb7fffee5454b78f0718"),
};

/** The key schedule; the hashes: ClientHello .. ServerHello, and .. server Finished. */
export const secrets = {
  shared: fromHex("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d"),
  helloHash: fromHex("860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8"),
  early: fromHex("33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a"),
  handshake: fromHex("1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac"),
  clientHandshake: fromHex("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21"),
  serverHandshake: fromHex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38"),
  finishedHash: fromHex("9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13"),
  master: fromHex("18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919"),
  clientApplication: fromHex("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5"),
  serverApplication: fromHex("a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643"),
  serverHandshakeKey: fromHex("3fce516009c21727d0f2e4e86ee403bc"),
  serverHandshakeIv: fromHex("5d313eb2671276ee13000b30"),
  clientHandshakeKey: fromHex("dbfaa693d1762c5b666af5d950258d01"),
  clientHandshakeIv: fromHex("5bd3c71b836e0b76bb73265f"),
  serverApplicationKey: fromHex("9f02283b6c9c07efc26bb9f2ac92e356"),
  serverApplicationIv: fromHex("cf782b88dd83549aadf1e984"),
  clientApplicationKey: fromHex("17422dda596ed5d9acd890e3c63f5051"),
  clientApplicationIv: fromHex("5b78923dee08579033e523d9"),
  clientFinished: fromHex("a8ec436d677634ae525ac1fcebe11a039ec17694fac6e98527b642f2edd5ce61"),
};

/** A trace by its name in transcripts.vec, or null where the file is not here. */
export function section(name: string): Record<string, Uint8Array> | null {
  const folder = process.env.RFC8448_DIR ?? path.join(root, "../shared/vectors/rfc8448");
  const file = path.join(folder, "transcripts.vec");
  if (!existsSync(file)) return null;
  const text = readFileSync(file, "utf8").split(/^\[/m);
  const found = text.find((part) => part.startsWith(`${name}]`));
  if (found === undefined) throw new Error(`${file} has no trace ${name}`);
  const lines = [...found.matchAll(/^(\w+) = ([0-9a-fA-F]+)$/gm)];
  return Object.fromEntries(lines.map(([, key, hex]) => [key, fromHex(hex)]));
}
