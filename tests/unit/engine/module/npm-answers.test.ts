import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NpmAnswers, saysUnreachable } from "../../../../engine/src/module/npm-answers.ts";

const answers = suite("whether anybody answers npm");

const failed = (name: string, tries: number, code = "EAI_AGAIN") =>
  `npm http fetch GET https://r.example/${name} attempt ${tries} failed with ${code}\n`;
const REACHED = "https://r.example/a cannot be reached: its name could not be looked up (EAI_AGAIN)";

/** What is told while npm says all that, and whether it is left to go on. */
function afterLog(...log: readonly string[]): { readonly notes: readonly string[]; readonly end: string } {
  const notes: string[] = [];
  const read = new NpmAnswers((note) => notes.push(note));
  let end = "";
  for (const part of log) end = read.take(part);
  return { notes, end: read.nobody ?? end };
}

answers("is told at the first failure, and given up at the second of the same request", () => {
  assert.equal(afterLog(failed("a", 1), failed("b", 1)), {
    notes: [`${REACHED}; npm tries again`],
    end: "worth waiting",
  });
  assert.is(afterLog(failed("a", 1), failed("b", 1), failed("a", 2)).end, REACHED);
});

answers("is left to npm as soon as anybody has answered, whatever it was", () => {
  const twice = [failed("a", 1), failed("a", 2)];
  for (const answer of ["npm http fetch GET 200 https://r.example/b 35ms (cache miss)\n", failed("b", 1, "503")]) {
    assert.equal(afterLog(answer, ...twice), { notes: [], end: "worth waiting" });
  }
  assert.is(afterLog("npm http cache https://r.example/b 1ms (cache hit)\n", ...twice).end, REACHED);
});

answers("is read however the log is cut", () => {
  const letters = `${failed("a", 1)}${failed("a", 2)}`;
  assert.is(afterLog(...letters).end, REACHED);
});

answers("is seen in the words of other package managers", () => {
  for (const words of [
    'error An unexpected error occurred: "https://registry.yarnpkg.com/a: getaddrinfo EAI_AGAIN registry.yarnpkg.com".',
    "ERR_PNPM_META_FETCH_FAIL  GET https://r.example/a: request to https://r.example/a failed, reason: connect ECONNREFUSED",
    "error: ConnectionRefused downloading package manifest a",
  ])
    assert.ok(saysUnreachable(words), words);
  assert.not.ok(saysUnreachable("npm error 404 Not Found - GET https://r.example/a"));
});

answers.run();
