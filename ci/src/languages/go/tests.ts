import type { Outline } from "../../repository/outline.ts";
import type { Command, Found } from "../language.ts";
import { listRuns } from "../runs.ts";

/** All packages of a module. */
const ALL: Command = ["go", "test", "./..."];

/** Flags that say how tests run or what is told of them, and not which ones: a value may stand behind those with a colon. */
const ANYHOW = [
  ..."v,race,cover,failfast,json,a,x,n,trimpath".split(","),
  ..."coverprofile:,covermode:,coverpkg:,timeout:,count:,p:,parallel:,cpu:,shuffle:,vet:,outputdir:,o:,mod:".split(","),
];

/** Flags without which other tests would run. */
const COUNTS = ["short", "tags:"];

/**
 * How a module is tested: all of it, unless its people name packages, tags or `-short` in CI or make. Of several ways the
 * one over all packages counts, then the first.
 *
 * @param test a file with tests
 */
export function findGoTest(outline: Outline, path: string, test: string): Found<Command> {
  const ways = listRuns(outline, path).flatMap(({ line, from, folder }): Found<Command>[] => {
    const isOther = folder !== path || !/^go test\s/.test(line) || /integration|e2e|acceptance/i.test(line);
    const words = isOther ? undefined : readTest(line.split(/\s+/).slice(2));
    return words === undefined ? [] : [{ value: ["go", "test", ...words], from }];
  });
  const way = ways.find(({ value }) => value.includes("./...")) ?? ways[0];
  return way === undefined || way.value.join() === ALL.join() ? { value: ALL, from: test } : way;
}

/** The flags and packages that count; undefined when there is something else among them, or no folder. */
function readTest(words: readonly string[]): string[] | undefined {
  const kept: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const [, flag, value] = /^--?([a-z]\w*)(?:=(.*))?$/.exec(word) ?? [];
    if (flag === undefined) {
      if (!/^\.(?:\/[\w.-]+)*$/.test(word)) return undefined;
      kept.push(word);
      continue;
    }
    const isTold = COUNTS.includes(`${flag}:`) || ANYHOW.includes(`${flag}:`);
    const behind = isTold && value === undefined ? (words[++at] ?? "") : value;
    if (COUNTS.includes(flag) || COUNTS.includes(`${flag}:`)) {
      if (behind !== undefined && !/^[\w,.-]+$/.test(behind)) return undefined;
      kept.push(behind === undefined ? `-${flag}` : `-${flag}=${behind}`);
    } else if (!isTold && !ANYHOW.includes(flag)) return undefined;
  }
  return kept.some((word) => word.startsWith(".")) ? kept : undefined;
}
