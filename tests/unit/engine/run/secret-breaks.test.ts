import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HiddenStream, SecretIndex } from "../../../../engine/src/run/secret-index.ts";

const VALUE = 'pa\'ss "w" <o>&r/d+é=';
const LONG = "correct-horse-battery-staple-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ-abcdefghijklmnopqrstuvwxyz";

const indexOf = (...secrets: readonly string[]): SecretIndex => {
  const index = new SecretIndex();
  for (const secret of secrets) index.add(Buffer.from(secret));
  return index;
};

const broken = (text: string, columns: number, by = "\n"): string =>
  (text.match(new RegExp(`.{1,${columns}}`, "g")) ?? []).join(by);

/** What a part is shown as, without the stars: what is left of it. */
const leftOf = (secret: string, text: string): string =>
  indexOf(secret).hide(text).replaceAll("***", "").replace(/\s/g, "");

const forms = suite("a secret as programs write it");

for (const [name, form] of [
  ["base64", Buffer.from(VALUE).toString("base64").replace(/=+$/, "")],
  ["base64 without padding, for addresses", Buffer.from(VALUE).toString("base64url")],
  ["hexadecimal", Buffer.from(VALUE).toString("hex")],
  ["hexadecimal in capitals", Buffer.from(VALUE).toString("hex").toUpperCase()],
  ["hexadecimal, byte by byte", (Buffer.from(VALUE).toString("hex").match(/../g) as string[]).join(" ")],
  ["JSON", JSON.stringify(VALUE).slice(1, -1)],
  ["JSON in JSON", JSON.stringify(JSON.stringify(VALUE).slice(1, -1)).slice(1, -1)],
  ["an address", encodeURIComponent(VALUE)],
  [
    "an address with the codes in small letters",
    encodeURIComponent(VALUE).replace(/%../g, (code) => code.toLowerCase()),
  ],
  ["an address that leaves no sign as it is", encodeURIComponent(VALUE).replaceAll("'", "%27")],
  ["a form", encodeURIComponent(VALUE).replaceAll("%20", "+")],
  ["single quotes of a shell", VALUE.replaceAll("'", "'\\''")],
  ["single quotes as dash shows them", VALUE.replaceAll("'", `'"'"'`)],
  ["double quotes of a shell", VALUE.replaceAll('"', '\\"')],
  ["what printf %q says", VALUE.replace(/['" <>&]/g, "\\$&")],
  ["HTML", "pa&#39;ss &quot;w&quot; &lt;o&gt;&amp;r/d+é="],
] as const) {
  forms(`is hidden in ${name}`, () => {
    const shown = indexOf(VALUE).hide(`before ${form} after`);
    assert.match(shown, /^before \*\*\*.{0,2} after$/);
  });
}

forms.run();

const breaks = suite("a secret that is broken into lines");

for (const [name, text] of [
  ["base64 in 76 columns", broken(Buffer.from(LONG).toString("base64"), 76)],
  ["base64 in 64 columns", broken(Buffer.from(LONG).toString("base64"), 64)],
  ["base64 in 20 columns, with the line ends of Windows", broken(Buffer.from(LONG).toString("base64"), 20, "\r\n")],
  ["indented base64", broken(Buffer.from(LONG).toString("base64"), 60, "\n        ")],
  ["base64 in a line of JSON", broken(Buffer.from(LONG).toString("base64"), 76, "\\n")],
  ["base64 with spaces between", broken(Buffer.from(LONG).toString("base64"), 64, " ")],
  ["base64 for addresses", broken(Buffer.from(LONG).toString("base64url"), 40)],
  ["base64 of its base64", broken(Buffer.from(Buffer.from(LONG).toString("base64")).toString("base64"), 76)],
  ["hexadecimal in 60 columns", broken(Buffer.from(LONG).toString("hex"), 60)],
  ["the value itself in 30 columns", broken(LONG, 30)],
] as const) {
  breaks(`is hidden in ${name}`, () => {
    // Padding, and the last character of base64 where bits of something else are in it.
    assert.match(leftOf(LONG, text), /^.?=*$/);
  });
}

breaks("is hidden behind a user's name, at each place in a group of three", () => {
  for (const user of ["a:", "ab:", "abc:", "a-longer-name-of-a-user-before-the-secret:"]) {
    const text = Buffer.from(`${user}${LONG}\nand more behind`).toString("base64");
    const start = Math.ceil((user.length * 4) / 3);
    const end = Math.floor(((user.length + LONG.length) * 4) / 3);
    for (const columns of [76, 64, 40]) {
      const shown = indexOf(LONG).hide(broken(text, columns)).replace(/\s/g, "");
      const [before, behind] = shown.split("***");
      // As many as three characters are shown at the end of a line.
      assert.is(before, text.slice(0, before?.length));
      assert.ok((before?.length ?? 0) <= start + 3, shown);
      assert.is(behind, text.slice(end), shown);
    }
  }
});

breaks("is hidden as far as it is there, when a long one is not shown whole", () => {
  const key = randomBytes(3000).toString("base64");
  const whole = broken(Buffer.from(key).toString("base64"), 76);
  const start = whole.split("\n").slice(0, 20).join("\n");
  assert.match(indexOf(key).hide(`${start}\n-- no more of it`), /^\*\*\*\n-- no more of it$/);
});

breaks("hides every line of base64 of a file, also the last one, when each is shown alone", () => {
  const index = indexOf(`KEY=${LONG}\nOTHER=${LONG}\n`);
  const lines = broken(Buffer.from(`KEY=${LONG}\nOTHER=${LONG}\n`).toString("base64"), 76).split("\n");
  assert.equal(
    lines.filter((line) => !index.holds(line)),
    [],
  );
});

breaks("leaves words of a text that only resemble one without its spaces", () => {
  const text = "correct horse battery staple: pass word one\n";
  assert.is(indexOf("correcthorsebattery", "password one", LONG).hide(text), text);
});

breaks.run();

const streams = suite("a stream with secrets across lines");

const SECRETS = [LONG, VALUE, "first line of it\nsecond line\nlast", "aaaaaaaaaaaaaaaa", `${"long ".repeat(120)}end`];
const PIECES = [
  ...SECRETS,
  ...SECRETS.flatMap((secret) => {
    const text = Buffer.from(`me:${secret}`).toString("base64");
    return [
      broken(text, 76),
      broken(text, 10, "\r\n"),
      broken(Buffer.from(secret).toString("hex"), 60),
      text.slice(0, -7),
    ];
  }),
  JSON.stringify(SECRETS[2]),
  "aaaaaaa",
  "words",
  "\n",
  "\r\n",
  " ",
  "\\",
  "n",
  "\\n",
  "é",
];

streams("shows what the whole text would be, however it is cut", () => {
  const index = indexOf(...SECRETS);
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...PIECES), { maxLength: 15 }),
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 10 }),
      (pieces, sizes) => {
        const text = pieces.join("");
        const stream = new HiddenStream(index);
        let shown = "";
        for (let at = 0, turn = 0; at < text.length; turn += 1) {
          const size = sizes[turn % sizes.length] as number;
          shown += stream.push(text.slice(at, at + size));
          at += size;
        }
        assert.is(shown + stream.flush(), index.hide(text));
      },
    ),
    { numRuns: 200 },
  );
});

streams("shows a line at once when no part may go on in the next one", () => {
  const stream = new HiddenStream(indexOf(LONG));
  assert.is(stream.push("compiled 12 files\nin 3 s\n"), "compiled 12 files\nin 3 s\n");
  assert.is(stream.push("correct-horse\n"), "");
  assert.is(stream.push("is how it begins\n"), "correct-horse\nis how it begins\n");
});

streams("takes as long for the second half of a secret of a megabyte, line by line, as for the first", () => {
  const key = randomBytes(750_000).toString("base64");
  const stream = new HiddenStream(indexOf(key));
  const lines = broken(Buffer.from(key).toString("base64"), 76).split("\n");
  const before = process.cpuUsage();
  const shown = lines.map((line) => stream.push(`${line}\n`)).join("") + stream.flush();
  const { user, system } = process.cpuUsage(before);
  assert.match(shown, /^\*\*\*.?=*\n$/);
  assert.ok(user + system < 10_000_000, `${(user + system) / 1e6} s of processor time`);
});

streams.run();
