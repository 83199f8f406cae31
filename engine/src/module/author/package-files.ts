import { valueAt, withoutLineComments, withoutValue, withValue } from "./raw-json.ts";

/** The version of the compiler that a module of Dagger's SDK has, and of which it needs no copy of its own. */
export const TYPESCRIPT_VERSION = "5.9.3";

const SDK = "@dagger.io/dagger";
const NEW_PACKAGE = `{\n  "type": "module"\n}`;
const NEW_TSCONFIG = `{
  "compilerOptions": {
    "target": "ES2022",
    "moduleResolution": "Node",
    "experimentalDecorators": true,
    "strict": true,
    "skipLibCheck": true,
    "paths": {
      "${SDK}": ["./sdk/index.ts"],
      "${SDK}/telemetry": ["./sdk/telemetry.ts"]
    }
  }
}
`;

/**
 * The text of a module's package.json: an ES module with a compiler, without the SDK, which lies in `sdk/`. All else stays
 * as it is written.
 *
 * @param text what is there; undefined when there is none
 */
export function packageJsonText(text = NEW_PACKAGE): string {
  const typed = withValue(withoutLineComments(text), ["type"], "module");
  const compiler = ["dependencies", "typescript"];
  const compiled = valueAt(typed, compiler) === undefined ? withValue(typed, compiler, TYPESCRIPT_VERSION) : typed;
  return withoutValue(withoutValue(compiled, ["dependencies", SDK]), ["devDependencies", SDK]);
}

/** The text of a module's tsconfig.json: `@dagger.io/dagger` is found in `sdk/`. */
export function tsconfigText(text?: string): string {
  if (text === undefined) return NEW_TSCONFIG;
  const paths = ["compilerOptions", "paths"];
  const found = withValue(withoutLineComments(text), [...paths, SDK], ["./sdk/index.ts"]);
  const traced = withValue(found, [...paths, `${SDK}/telemetry`], ["./sdk/telemetry.ts"]);
  return withValue(traced, ["compilerOptions", "experimentalDecorators"], true);
}
