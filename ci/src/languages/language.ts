import type { Container, Directory } from "@dagger.io/dagger";
import { type Account, SlipwayError, tellAccount } from "../account.ts";
import type { Outline } from "../repository/outline.ts";

/** A value that was detected, and where: "package.json scripts.test". */
export interface Found<T> {
  readonly value: T;
  readonly from: string;
}

/** Something that can be started. */
export interface Main extends Found<string> {
  /** What it is called where several services are made of one project. */
  readonly name?: string;
  /** The port that it says it listens at. */
  readonly port?: Found<number>;
  /** By what it was taken for a tool, which people run by hand and nobody calls: no service is made of it. */
  readonly tool?: string;
}

/** What can be started and is no tool beside it. */
export function listPrograms(mains: readonly Main[]): readonly Main[] {
  return mains.filter(({ tool }) => tool === undefined);
}

/** How a framework takes where backing services are. */
export interface Connections {
  /** By the kind of a backing service: variables with their values, in which `{it}` and `{it.user}` are of that service. */
  readonly variables: Readonly<Record<"kafka" | "postgres" | "redis" | "rabbitmq", Readonly<Record<string, string>>>>;
  /** What says which framework it is. */
  readonly from: string;
}

export type LanguageName = "node" | "python" | "go" | "java" | "dockerfile";

/** A program and its arguments. */
export type Command = readonly string[];

/** The commands that a repository has by itself. */
export type CommandName = "lint" | "unit" | "integration" | "build";

/** A command and the folder that it runs in, from the top of the repository. */
export interface Step {
  readonly command: Command;
  readonly folder: string;
}

/** Which part of the repository is read: patterns from its top, as `Directory.filter` takes them. */
export interface Reads {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** A folder of the repository in one language. */
export interface Project {
  readonly language: LanguageName;
  /** The folder, from the top of the repository; "." for the top itself. */
  readonly path: string;
  /** The folder that dependencies are installed for: `path`, or the workspace above it that has the lock file. */
  readonly root: string;
  /** What the project calls itself. */
  readonly name?: Found<string>;
  /** The program that installs dependencies: npm, pnpm, yarn, pip, uv, poetry, pdm, pipenv, go, maven, gradle. */
  readonly manager: Found<string>;
  /** The version of the language: "24", "3.13", "1.26", "21". */
  readonly version: Found<string>;
  /** The image that commands run in. */
  readonly image: Found<string>;
  /** What the install reads: manifests and lock files. As long as these are the same, nothing is installed again. */
  readonly packages: Reads;
  /** What commands and the build read: the sources, and all of `packages`. */
  readonly reads: Reads;
  /** What installs the dependencies for checks and the build, before any source has come. */
  readonly install: readonly Step[];
  /** What installs those that are needed in production, and no others. */
  readonly production: readonly Step[];
  /** What makes the sources ready before any command: what the install would have done had they been there. */
  readonly setup: readonly Step[];
  /** The same for the image, where the project's own package must not be a link to its sources. */
  readonly productionSetup?: readonly Step[];
  /**
   * The commands that are really there; a name is missing when nothing in the repository speaks for it. The commands of
   * one name run one after the other in `path`, and the first that fails ends them.
   */
  readonly commands: Readonly<Partial<Record<CommandName, readonly Found<Command>[]>>>;
  /** The files of JUnit that its tests write by themselves: patterns from the top of the repository. */
  readonly junit?: Found<readonly string[]>;
  /**
   * What can be started, as `ServiceBuild.main` names it: a package of Go, a module of Python, a class of Java, a script
   * of Node. None: a library. Several: one image each, or one image that is told which.
   */
  readonly mains: readonly Main[];
  /** The port that it is said to listen at. */
  readonly port?: Found<number>;
  /** Where it says by HTTP whether it is well: a path that its framework answers at. */
  readonly probe?: Found<string>;
  /** What its framework has to be told besides, of those backing services that it needs. */
  readonly connections?: Connections;
  /** Of Go: a module that is a library of C, so that a compiler of C builds the program. */
  readonly cgo?: Found<string>;
  /** Of a Dockerfile: what it copies though it is not in the repository, because a build outside of it makes it. */
  readonly lacks?: Found<string>;
  /** What a person should know though it stops nothing, a sentence each. */
  readonly remarks: readonly string[];
}

/**
 * Narrows the repository down to what the patterns name, from its top. What is read is decided at run time, so this is
 * a function and not a directory: `files(project.packages)`.
 */
export type Files = (reads: Reads) => Directory;

/** What an image is asked for beside the project. All of it comes from slipway.yaml, so nothing is required. */
export interface ServiceBuild {
  /** The port that the service is told as PORT; without one it gets none. */
  readonly port?: number;
  /** What starts the service in the image, instead of what was found. */
  readonly start?: Command;
  /** The entry, one of `Project.mains`; needed when there are several. */
  readonly main?: string;
  /** What the image is made for; left out: what the engine runs on. Commands run on the engine's own where they can. */
  readonly platform?: string;
  /** Node: a folder that the build writes, complete in itself. Nothing else goes into the image, no dependencies either. */
  readonly output?: string;
}

/** What a person has decided in slipway.yaml where the repository can be read in two ways. */
export interface Answers {
  readonly manager?: string;
  readonly version?: string;
}

/** One language: how its projects are recognised, installed and built. */
export interface Language {
  readonly name: LanguageName;
  /**
   * What lies in a folder, if it is a project of this language. Pure.
   *
   * @throws Undecided when the folder can be read in two ways, or needs something that Slipway does not know
   */
  detect(outline: Outline, path: string, answers?: Answers): Project | undefined;
  /** The tool image with the dependencies of the lock file, in the project's folder, before any source has come. */
  install(project: Project, files: Files): Container;
  /** The image that a service is shipped on. */
  shippedOn(project: Project): string;
  /** The image that goes into production: no build tools, an ordinary user, the same digest for the same sources. */
  build(project: Project, files: Files, service: ServiceBuild): Promise<Container>;
}

/** Something that only a person can decide, or that has to be changed first; what was found, both sides of it. */
export type Question = Account;

/** A folder cannot be taken as it is. Nothing was guessed; the message has every question. */
export class Undecided extends SlipwayError {
  readonly questions: readonly Question[];

  constructor(questions: readonly Question[]) {
    super("undecided", questions.map((question) => tellAccount(question, "undecided")).join("\n"));
    this.questions = questions;
  }
}
