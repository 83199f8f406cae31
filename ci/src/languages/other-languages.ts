import { basename, dirname } from "node:path/posix";
import type { Outline } from "../repository/outline.ts";

/** A language that Slipway does not build, and how its people mostly run their tests. */
interface Other {
  readonly name: string;
  readonly file: RegExp;
  readonly run: string;
  readonly image: string;
}

const OTHERS: readonly Other[] = [
  { name: "PHP", file: /^composer\.json$/, run: "composer install && composer test", image: "composer:2" },
  { name: "Ruby", file: /^Gemfile$/, run: "bundle install && bundle exec rake", image: "ruby:3.4" },
  { name: "Rust", file: /^Cargo\.toml$/, run: "cargo test", image: "rust:1" },
  { name: ".NET", file: /\.(?:sln|slnx|[cf]sproj)$/, run: "dotnet test", image: "mcr.microsoft.com/dotnet/sdk:10.0" },
  { name: "Elixir", file: /^mix\.exs$/, run: "mix deps.get && mix test", image: "elixir:1.19" },
  { name: "Scala", file: /^build\.sbt$/, run: "sbt test", image: "sbtscala/scala-sbt:TAG" },
  { name: "Swift", file: /^Package\.swift$/, run: "swift test", image: "swift:6.2" },
  { name: "Deno", file: /^deno\.jsonc?$/, run: "deno test", image: "denoland/deno:2" },
  {
    name: "C or C++",
    file: /^CMakeLists\.txt$/,
    run: "cmake -B out && cmake --build out && ctest --test-dir out",
    image: "gcc:15",
  },
];

/** Folders in which such a file tells nothing of the repository itself. */
const ASIDE =
  /(?:^|\/)(?:node_modules|vendor|third_party|examples?|samples?|docs?|tests?|testdata|fixtures?|\.[^/]+)(?:\/|$)/;

/**
 * Languages that lie in a repository and are none of Slipway's, a sentence each, with what a person writes to have checks of
 * them. It is advice and nothing is run of it: an image of theirs is nowhere in the repository.
 */
export function listOtherLanguages({ paths }: Pick<Outline, "paths">): string[] {
  return OTHERS.flatMap(({ name, file, run, image }) => {
    const fitting = paths.filter((path) => file.test(basename(path)) && !ASIDE.test(path));
    const [first] = fitting.sort((left, right) => left.split("/").length - right.split("/").length);
    if (first === undefined) return [];
    const folder = dirname(first) === "." ? "" : `path: ${dirname(first)}, `;
    const check = `checks: { unit: { ${folder}run: "${run}", image: "${image}" } }`;
    return [
      `${first} belongs to ${name}, which Slipway runs in an image that you choose: \`${check}\`, and builds from a Dockerfile`,
    ];
  });
}
