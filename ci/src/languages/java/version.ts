import { type Outline, pathIn } from "../../repository/outline.ts";
import { findBaseVersion } from "../base-images.ts";
import { agree } from "../decide.ts";
import { type Found, Undecided } from "../language.ts";
import { configurationOf, type Pom, propertyOf } from "./pom.ts";

/** Where projects of Java keep the Dockerfiles that take the archive which their own build has made before. */
export const OF_ARCHIVE = "src/main/docker";

/** Long-term releases of Java, those that images are made of. */
const LINES = [8, 11, 17, 21, 25];

/** What is taken when nothing names a version. */
const USUAL = 21;

/** The release of Java that a project is compiled for, and the long-term release that it is built with and runs on. */
export interface JavaVersion {
  readonly version: Found<string>;
  readonly line: Found<string>;
}

/** Version files, then what the Dockerfile starts from unless that is older than what the build compiles for, then what the build itself says: compiler properties of Maven, the toolchain of Gradle. */
export function findJavaVersion(
  outline: Outline,
  folders: readonly string[],
  said: Found<string> | undefined,
  answer?: string,
): JavaVersion {
  const exact = agree(
    "Java",
    folders.flatMap((folder) => listFiles(outline, folder)),
  );
  const build = said === undefined ? undefined : { value: readMajor(said.value, said.from), from: said.from };
  const base = findBaseVersion(outline, [...folders, ...folders.map((one) => pathIn(one, OF_ARCHIVE))], readBase);
  // What runs in production may be newer than what is compiled for, and never older.
  const fits = base !== undefined && Number(base.value) >= Number(build?.value ?? 0);
  const told =
    answer === undefined
      ? (exact ?? (fits ? base : build))
      : { value: readMajor(answer, "slipway.yaml"), from: "slipway.yaml" };
  const version = told ?? { value: String(USUAL), from: "the usual long-term release" };
  if (build !== undefined && Number(version.value) < Number(build.value)) throw tooOld(version, build);
  const line = LINES.find((one) => one >= Number(version.value));
  if (line !== undefined) return { version, line: { value: String(line), from: version.from } };
  return { version, line: version };
}

/** Images by their tags: `eclipse-temurin:21-jre`, `openjdk:8u212`, `azul/zulu-openjdk-alpine:17`. */
const BY_TAG =
  /(?:^|\/)(?:eclipse-temurin|openjdk|adoptopenjdk|amazoncorretto|sapmachine|zulu-openjdk(?:-\w+)?|liberica-open(?:jdk|jre)-\w+|jdk|graalvm(?:-\w+)?)(?:-[a-z]+)*:v?(?:[a-z]+-)*(\d+)/;

/** And by a word in the name or the tag: `maven:3-eclipse-temurin-21`, `gradle:8-jdk17`, `distroless/java21-debian12`, `ubi9/openjdk-17`. */
const BY_WORD = /(?:temurin|corretto|openjdk|liberica|semeru|sapmachine|jdk|jre|java|open)-?(\d+)(?!\.\d*\.)/;

function readBase(image: string): string | undefined {
  return BY_TAG.exec(image)?.[1] ?? BY_WORD.exec(image)?.[1];
}

const files: Readonly<Record<string, RegExp>> = {
  ".java-version": /^(\S+)/,
  ".tool-versions": /^java\s+(\S+)/,
  ".sdkmanrc": /^java=(\S+)/,
};

function listFiles(outline: Outline, folder: string): Found<string>[] {
  return Object.entries(files).flatMap(([file, pattern]) => {
    const from = pathIn(folder, file);
    const lines = (outline.text(from) ?? "").split("\n").filter((line) => !line.trimStart().startsWith("#"));
    const said = lines.map((line) => pattern.exec(line.trim())?.[1]).find((version) => version !== undefined);
    return said === undefined ? [] : [{ value: readMajor(said, from), from }];
  });
}

/** "21", "1.8", "21.0.2", "temurin-21.0.2+13", "17.0.9-tem", "VERSION_17". */
function readMajor(text: string, from: string): string {
  const major = /^(?:[a-z]+-(?:jre-)?|VERSION_)?(?:1[._](?=[5-8]\b))?(\d+)(?:[._+-][\w.+-]*)?$/.exec(text.trim())?.[1];
  if (major !== undefined) return major;
  const what = `Java ${JSON.stringify(text)} is not a version that Slipway knows`;
  throw new Undecided([{ what, where: from, todo: "write a number, such as 21" }]);
}

function tooOld(version: Found<string>, build: Found<string>): Undecided {
  const what = `${version.from} says Java ${version.value}, but ${build.from} compiles for Java ${build.value}`;
  return new Undecided([{ what, where: `${version.from}, ${build.from}`, todo: "make them agree" }]);
}

/** What a pom.xml says of the release, the strongest word first. */
export function releaseOf(pom: Pom): Found<string> | undefined {
  const compiler = "maven-compiler-plugin";
  return (
    configurationOf(pom, compiler, "release") ??
    propertyOf(pom, "maven.compiler.release") ??
    configurationOf(pom, compiler, "target") ??
    propertyOf(pom, "maven.compiler.target") ??
    propertyOf(pom, "maven.compiler.source") ??
    propertyOf(pom, "java.version")
  );
}
