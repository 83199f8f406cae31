import { createHash, X509Certificate } from "node:crypto";

/** What everybody protects a store of nothing secret with; whoever opens it has to say it. */
export const TRUST_STORE_PASSWORD = "changeit";

const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
/** Salt of the digest, as the format has it. */
const SALT = "Mighty Aphrodite";

/** The certificates of a bundle (PEM) as a trust store that every Java reads (JKS). What is no certificate is left out. */
export function javaTrustStore(bundle: string): Buffer {
  const certificates =
    bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)?.flatMap(readDer) ?? [];
  const entries = certificates.map((der, at) =>
    Buffer.concat([
      number32(TRUSTED_CERTIFICATE),
      shortText(`certificate-${at}`),
      Buffer.alloc(8),
      shortText("X.509"),
      number32(der.length),
      der,
    ]),
  );
  const store = Buffer.concat([number32(MAGIC), number32(VERSION), number32(entries.length), ...entries]);
  const password = Buffer.from(TRUST_STORE_PASSWORD, "utf16le").swap16();
  return Buffer.concat([store, createHash("sha1").update(password).update(SALT).update(store).digest()]);
}

function readDer(pem: string): Buffer[] {
  try {
    return [new X509Certificate(pem).raw];
  } catch {
    return [];
  }
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A text of ASCII after its length in two bytes. */
function shortText(text: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, Buffer.from(text, "ascii")]);
}
