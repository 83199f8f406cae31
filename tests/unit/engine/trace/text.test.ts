import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { logHtml, plain } from "../../../../engine/src/trace/text.ts";

const text = suite("text on the page of a run");

const ESC = "\u001b";

text("nothing that a program or a person wrote is markup", () => {
  assert.is(
    plain(`</script><script>alert(1)</script><img src=x onerror='a'> & "b"`),
    "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&#39;a&#39;&gt; &amp; &quot;b&quot;",
  );
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (lines) => {
      const html = logHtml(lines).replace(/<span class="[a-z0-9 ]+">|<\/span>/g, "");
      return !/[<>"']/.test(html) && !/&(?!(amp|lt|gt|quot|#39);)/.test(html);
    }),
  );
});

text("control characters, halves of characters and what turns a text around are shown as what they are", () => {
  assert.is(
    plain("a\u0000b\u0007c\u007fd\u0085e\u202ef\u2066g\ud800h\ti"),
    "a␀b␇c␡d�e&lt;U+202E&gt;f&lt;U+2066&gt;g�h\ti",
  );
  fc.assert(fc.property(fc.string({ unit: "binary" }), (any) => !/[^\P{Cc}\t\n]|[\u202a-\u202e]/u.test(plain(any))));
});

const colours: readonly [name: string, lines: readonly string[], html: string][] = [
  ["a colour", [`${ESC}[31mred${ESC}[0m plain`], '<span class="c1">red</span> plain'],
  ["an empty reset", [`${ESC}[31mred${ESC}[m plain`], '<span class="c1">red</span> plain'],
  ["a bright colour", [`${ESC}[92mgreen`], '<span class="c10">green</span>'],
  [
    "colour and style in one",
    [`${ESC}[1;4;33mwarn${ESC}[22mless`],
    '<span class="b c3 u">warn</span><span class="c3 u">less</span>',
  ],
  ["a colour that ends alone", [`${ESC}[1;31mx${ESC}[39my`], '<span class="b c1">x</span><span class="b">y</span>'],
  [
    "a colour over two lines",
    [`${ESC}[36mone`, `two${ESC}[0m`, "three"],
    '<span class="c6">one</span>\n<span class="c6">two</span>\nthree',
  ],
  ["one of the 256 that is known", [`${ESC}[38;5;9mx`], '<span class="c9">x</span>'],
  ["one of the 256 that is not", [`${ESC}[38;5;200mx`], "x"],
  ["a true colour, whose numbers are no styles", [`${ESC}[38;2;1;4;31mx`], "x"],
  ["a background, whose numbers are no styles", [`${ESC}[48;5;1mx${ESC}[41my`], "xy"],
  [
    "a hyperlink and a title of the window",
    [`${ESC}]8;;http://x${ESC}\\link${ESC}]8;;${ESC}\\${ESC}]0;title\u0007`],
    "link",
  ],
  ["moves of the cursor", [`${ESC}[2K${ESC}[1Gdone`], "done"],
  ["a progress bar, of which the last is shown", [`10%\r50%\r${ESC}[32m100%`], '<span class="c2">100%</span>'],
  ["a colour set before it was written over", [`${ESC}[31m10%\r100%`], '<span class="c1">100%</span>'],
  ["lines that end as on Windows", ["one\r", "two\r\r"], "one\ntwo"],
];

for (const [name, lines, html] of colours) {
  text(`a log with ${name}`, () => {
    assert.is(logHtml(lines), html);
  });
}

text.run();
