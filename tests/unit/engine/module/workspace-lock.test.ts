import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatLock, parseLock } from "../../../../engine/src/module/workspace-lock.ts";

const lock = suite("the lock of a workspace");

const LINES = [
  '[["version","1"]]',
  '["","container.from",["debian:bookworm","linux/amd64"],"sha256:1","pin"]',
  '["","git.head",["https://example.org/a"],"abc","float"]',
];

lock("is read and written line by line, in an order of its own", () => {
  const text = LINES.join("\n");
  assert.is(formatLock(parseLock(`\n${text}\n`)), text);
  assert.is(formatLock([...parseLock(text)].reverse()), text);
  assert.is(formatLock(parseLock("\n")), "");
});

lock("that cannot be read is refused with the line", () => {
  const refused: readonly (readonly [string, string])[] = [
    ["[]", "parsing lock: lockfile line 1: missing version header"],
    ['[["version","2"]]', 'parsing lock: lockfile line 1: unsupported lockfile version "2"'],
    [`${LINES[0]}\n{`, "parsing lock: lockfile line 2: invalid tuple JSON"],
    [`${LINES[0]}\n\n["",""]`, "parsing lock: lockfile line 3: invalid tuple length 2: expected 5"],
    [`${LINES[0]}\n["","git.head",["a"],"","pin"]`, "parsing lock: lockfile line 2: value is required"],
    [`${LINES[0]}\n["","git.head",["a"],"b","maybe"]`, 'parsing lock: lockfile line 2: invalid policy "maybe"'],
  ];
  for (const [text, message] of refused) {
    let told = "";
    try {
      parseLock(text);
    } catch (error) {
      told = (error as Error).message;
    }
    assert.is(told, message);
  }
});

lock.run();
