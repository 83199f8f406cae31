import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SessionEvent } from "../../../../engine/src/api/session.ts";
import { hidingReport } from "../../../../engine/src/cli/hiding-report.ts";
import { Scrubber } from "../../../../engine/src/run/scrub.ts";
import { HiddenStream, SecretIndex } from "../../../../engine/src/run/secret-index.ts";

const TOKEN = "eyJhbGciOiJSUzI1NiJ9.c2VydmljZS1hY2NvdW50.sig_nature-1";
const PEM = `-----BEGIN RSA PRIVATE KEY-----\n${"MIIEowIBAAKCAQEAx7Vd3kq0".repeat(3).slice(0, 64)}\nq9mZ0s8T7uVwXyZaBcDeFgHi\n-----END RSA PRIVATE KEY-----\n`;

const KUBECONFIG = `apiVersion: v1
kind: Config
clusters:
- name: main
  cluster: {server: "https://cluster.example:6443", certificate-authority-data: Q0VSVElGSUNBVEU=}
users:
- name: deployer
  user:
    token: ${TOKEN} # of the deployer
    client-key-data: ${Buffer.from(PEM).toString("base64")}
- name: other
  user: { username: 'somebody', password: "pa\\"ss w\\\\ord é" }
`;

const indexOf = (...secrets: readonly string[]): SecretIndex => {
  const index = new SecretIndex();
  for (const secret of secrets) index.add(Buffer.from(secret));
  return index;
};

const base64 = (text: string): string => Buffer.from(text).toString("base64");

const values = suite("values of a secret");

for (const [name, secret, text] of [
  ["a value of YAML", KUBECONFIG, TOKEN],
  ["a value of YAML after a key", KUBECONFIG, `    token: ${TOKEN}`],
  ["its base64", KUBECONFIG, base64(TOKEN)],
  ["base64 with the end of a line in it", KUBECONFIG, base64(`${TOKEN}\n`)],
  ["base64 of its base64", KUBECONFIG, base64(base64(TOKEN))],
  ["base64 of a header with it", KUBECONFIG, base64(`Authorization: Bearer ${TOKEN}`)],
  ["base64 for addresses", "a: ??>>~~??>>~~\nb: 1\n", Buffer.from("??>>~~??>>~~").toString("base64url")],
  ["a value in quotes", KUBECONFIG, 'pa"ss w\\ord é'],
  ["a value as it is quoted in JSON", KUBECONFIG, JSON.stringify({ password: 'pa"ss w\\ord é' })],
  ["a value in an address", KUBECONFIG, `https://h/?p=${encodeURIComponent('pa"ss w\\ord é')}`],
  ["user and password of a basic header", KUBECONFIG, `Basic ${base64('somebody:pa"ss w\\ord é')}`],
  ["a value in a list of one line", KUBECONFIG, "https://cluster.example:6443"],
  ["a line of a key in base64", KUBECONFIG, "q9mZ0s8T7uVwXyZaBcDeFgHi"],
  ["a line of a key", PEM, PEM.split("\n")[1] as string],
  ["a key without its lines", PEM, PEM.split("\n").slice(1, 3).join("")],
  ["a key in one line of JSON", JSON.stringify({ private_key: PEM }), PEM.split("\n")[1] as string],
  ["a value of JSON", '{"a":[{"b":"first-value"}],"n":1234567890}', "first-value"],
  ["a number of JSON", '{"a":[{"b":"first-value"}],"n":1234567890}', "1234567890"],
  ["a value of JSON as Go writes it", '{"a":"<tag>&more"}', "\\u003ctag\\u003e\\u0026more"],
  ["a value of .env", "# settings\nexport API_KEY='top secret key'\nPLAIN=other-secret\n", "top secret key"],
  ["a bare value of .env", "A=1\nPLAIN=other-secret # why\n", "other-secret"],
  ["a value with line ends of Windows", "A=1\r\nPLAIN=other-secret\r\n", "other-secret"],
  ["a password of an address", "DATABASE_URL=postgres://me:hunter2hunter2@db/x\n", "hunter2hunter2"],
  ["a line of a block of YAML", "key: |\n  first line of it\n  second line\n", "second line"],
  ["an item of a list", "tokens:\n  - first-token\n  - second-token\n", "second-token"],
  ["a line of another text", "first words\nsecond words\n", "second words"],
  ["a whole value of one line", "one single value", "one single value"],
] as const) {
  values(`hides ${name}`, () => {
    const index = indexOf(secret);
    assert.is(index.holds(text), true, text);
    const shown = index.hide(`before ${text} after`);
    assert.is(shown.includes(text), false, shown);
    assert.match(shown, /\*\*\*/);
  });
}

values("hides each line of base64 of the whole file", () => {
  const lines = base64(KUBECONFIG).match(/.{1,76}/g) as string[];
  const index = indexOf(KUBECONFIG);
  assert.equal(
    lines.filter((line) => line.length === 76 && !index.holds(line)),
    [],
  );
});

values("leaves what is shorter than eight characters, and what is no value", () => {
  const index = indexOf(KUBECONFIG, "A=short\nB=values\n");
  const text =
    "apiVersion: v1\nkind: Config\nname: main\nclient-key-data:\n-----BEGIN RSA PRIVATE KEY-----\nshort values\n";
  assert.is(index.hide(text), text);
});

values("hides the longest of values that begin alike", () => {
  assert.is(indexOf("A=12345678\nB=12345678-and-more\n").hide("12345678-and-more 12345678"), "*** ***");
});

values("hides every value of a list, wherever it stands", () => {
  const value = fc.string({ minLength: 8, maxLength: 20, unit: fc.constantFrom(..."abcXYZ019_") });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), fc.string(), fc.string(), (list, before, after) => {
      const index = indexOf(list.map((one, place) => `KEY_${place}=${one}`).join("\n"));
      for (const one of list) {
        for (const form of [one, base64(one), base64(`x${one}`), base64(`xy${one}`), base64(base64(one))]) {
          assert.is(index.hide(`${before}${form}${after}`).includes(form), false, form);
        }
      }
    }),
  );
});

values("takes no long time for a secret of a megabyte and an output of ten", () => {
  const line = randomBytes(750_000).toString("base64");
  const lines = Array.from({ length: 20_000 }, (_, at) => `KEY_${at}=value-${at}-${"x".repeat(30)}`).join("\n");
  const output = "some words of an output\n".repeat(400_000);
  const before = process.cpuUsage();
  const index = indexOf(line, lines);
  assert.is(index.hide(output), output);
  assert.is(index.hide(`is value-777-${"x".repeat(30)}`), "is ***");
  const scrubber = new Scrubber([line, lines]);
  for (let at = 0; at < output.length; at += 65_536) scrubber.push(output.slice(at, at + 65_536));
  assert.is(`${scrubber.push(`${lines}\n`)}${scrubber.flush()}`.includes("value-777"), false);
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 20_000_000, `${(user + system) / 1e6} s of processor time`);
});

values.run();

const streams = suite("a stream without secrets");

streams("hides a value however the text is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(TOKEN, "x", "\n", " ", "é"), { maxLength: 20 }), fc.nat(60), (shape, size) => {
      const text = shape.join("");
      const stream = new HiddenStream(indexOf(KUBECONFIG));
      let shown = "";
      for (let at = 0; at < text.length; at += size + 1) shown += stream.push(text.slice(at, at + size + 1));
      assert.is(shown + stream.flush(), text.replaceAll(TOKEN, "***"));
    }),
  );
});

streams("shows text at once when there is nothing to hide", () => {
  assert.is(new HiddenStream(new SecretIndex()).push("half a li"), "half a li");
});

streams("events lose values: names, notes and logs, each stream by itself, the rest at the end", () => {
  const seen: SessionEvent[] = [];
  const index = indexOf(KUBECONFIG);
  const report = hidingReport(index, (event) => seen.push(event));
  report({ kind: "start", id: "1", name: `withExec curl ${TOKEN}` });
  report({ kind: "log", id: "1", stream: "stdout", text: `out ${TOKEN.slice(0, 10)}` });
  report({ kind: "log", id: "1", stream: "stderr", text: "err\nno end" });
  report({ kind: "log", id: "1", stream: "stdout", text: `${TOKEN.slice(10)} out\n` });
  report({ kind: "note", text: `note ${base64(TOKEN)}` });
  report({ kind: "end", id: "1", outcome: "done" });
  assert.equal(seen.slice(0, 4), [
    { kind: "start", id: "1", name: "withExec curl ***" },
    { kind: "log", id: "1", stream: "stderr", text: "err\n" },
    { kind: "log", id: "1", stream: "stdout", text: "out *** out\n" },
    { kind: "note", text: seen[3]?.kind === "note" ? seen[3].text : "" },
  ]);
  assert.match(JSON.stringify(seen[3]), /note \*\*\*/);
  assert.equal(seen.slice(4), [
    { kind: "log", id: "1", stream: "stderr", text: "no end" },
    { kind: "end", id: "1", outcome: "done" },
  ]);
});

streams.run();
