import type { Files } from "../../integration/dockerfile/building.ts";

/** A repository with a Dockerfile as people have them. */
export interface Project {
  readonly name: string;
  readonly files: Files;
  /** Arguments of `dockerBuild`. */
  readonly args?: string;
  /** Those of `buildah bud`, which mean the same. */
  readonly buildahArgs?: readonly string[];
  /** Run in the container; absent where it holds no shell. */
  readonly command?: string;
  /** What the command prints. */
  readonly prints?: string;
  /** What differs from buildah on purpose, as `PATH: ours | theirs`. */
  readonly differences?: readonly string[];
  /** Why buildah of Debian bookworm cannot build it, or makes something else of it on purpose. */
  readonly notForBuildah?: string;
}

const PACKAGE = JSON.stringify({
  name: "shop",
  version: "1.0.0",
  private: true,
  type: "module",
  dependencies: { greet: "file:vendor/greet" },
});

const NO_HEREDOCS = "buildah 1.28 knows no here-documents";

export const PROJECTS: readonly Project[] = [
  {
    name: "a Node service with stages for dependencies and for running",
    files: {
      "package.json": PACKAGE,
      "vendor/greet/package.json": JSON.stringify({
        name: "greet",
        version: "1.0.0",
        type: "module",
        main: "index.js",
      }),
      "vendor/greet/index.js": "export const greet = (name) => `hello ${name}`;\n",
      "src/main.js": 'import { greet } from "greet";\nconsole.log(greet("shop"));\n',
      "node_modules/old/index.js": "",
      ".dockerignore": "node_modules\n.git\n*.md\nDockerfile*\n.dockerignore\n",
      "README.md": "# Shop\n",
      Dockerfile: `# syntax=docker/dockerfile:1
ARG NODE_VERSION=24

FROM node:\${NODE_VERSION}-bookworm-slim AS base
WORKDIR /usr/src/app

FROM base AS deps
COPY package.json ./
COPY vendor vendor
RUN --mount=type=cache,target=/root/.npm \\
    npm install --omit=dev --offline --install-links --no-package-lock --no-audit --no-fund

FROM base AS final
ENV NODE_ENV=production \\
    PORT=3000
USER node
COPY --chown=node:node package.json .
COPY --from=deps /usr/src/app/node_modules ./node_modules
COPY . .
EXPOSE 3000
CMD ["node", "src/main.js"]
`,
    },
    command: "node src/main.js; ls -A; id -un; ls node_modules",
    // BuildKit leaves a folder that is there to its owner.
    differences: ["usr/src/app: 40755 0:0  | 40755 1000:1000 "],
    prints: "hello shop\nnode_modules\npackage.json\nsrc\nvendor\nnode\ngreet\n",
  },
  {
    name: "a Node repository with workspaces, where manifests come first",
    files: {
      "package.json": JSON.stringify({ private: true, workspaces: ["packages/*"] }),
      "packages/api/package.json": JSON.stringify({ name: "api", version: "1.0.0", main: "index.js" }),
      "packages/api/index.js": "module.exports = 'api';\n",
      "packages/web/package.json": JSON.stringify({ name: "web", version: "1.0.0", dependencies: { api: "1.0.0" } }),
      "packages/web/index.js": "console.log(require('api'));\n",
      Dockerfile: `FROM node:24-bookworm-slim
WORKDIR /repo
COPY package.json .
COPY --parents packages/*/package.json .
RUN npm install --offline --no-audit --no-fund --no-package-lock
COPY packages packages
CMD node packages/web
`,
    },
    command: "node packages/web; readlink node_modules/api",
    prints: "api\n../packages/api\n",
    notForBuildah: "buildah 1.28 knows no --parents",
  },
  {
    name: "a site made by a script and served by something small",
    files: {
      "build.mjs":
        'import { writeFileSync, mkdirSync } from "node:fs";\nmkdirSync("dist"); writeFileSync("dist/index.html", `<h1>$' +
        "{process.env.TITLE}</h1>\\n`);\n",
      Dockerfile: `FROM node:24-bookworm-slim AS build
WORKDIR /site
ARG TITLE="Plain title"
COPY build.mjs .
RUN node build.mjs

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="Site" \\
      org.opencontainers.image.source="https://example.org/site" \\
      maintainer="team@example.org"
COPY --from=build --chmod=0644 /site/dist/ /srv/www/
VOLUME /srv/cache
EXPOSE 80 443/tcp 8000/udp
STOPSIGNAL SIGQUIT
ENTRYPOINT ["/bin/cat"]
CMD ["/srv/www/index.html"]
`,
    },
    args: 'buildArgs:[{name:"TITLE", value:"A & B"}]',
    buildahArgs: ["--build-arg", "TITLE=A & B"],
    command: "cat /srv/www/index.html",
    prints: "<h1>A & B</h1>\n",
  },
  {
    name: "a Python service with a virtual environment from another stage",
    files: {
      "vendor/greet.py": 'def greet(name):\n    return "hello " + name\n',
      "app/__init__.py": "",
      "app/main.py": 'import greet\nprint(greet.greet("service"))\n',
      ".dockerignore": "**/__pycache__\n*.pyc\n.venv\n",
      Dockerfile: `FROM python:3.12-slim-bookworm AS builder
ENV PYTHONDONTWRITEBYTECODE=1
RUN python -m venv --without-pip /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
RUN --mount=source=vendor,target=/vendor \\
    cp /vendor/*.py "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"

FROM python:3.12-slim-bookworm
ENV PYTHONDONTWRITEBYTECODE=1 \\
    PYTHONUNBUFFERED=1 \\
    PATH="/opt/venv/bin:$PATH"
RUN groupadd --gid 10001 app && useradd --uid 10001 --gid app --no-create-home app
COPY --from=builder /opt/venv /opt/venv
WORKDIR /srv
COPY app ./app
USER app
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s --retries=3 CMD python -c "import app" || exit 1
CMD ["python", "-m", "app.main"]
`,
    },
    command: "python -m app.main; id -u",
    prints: "hello service\n10001\n",
  },
  {
    name: "a Go program in an empty image",
    files: {
      "go.mod": "module example.org/hello\n\ngo 1.24\n",
      "main.go": 'package main\n\nfunc main() {\n\tprintln("hello")\n}\n',
      Dockerfile: `FROM --platform=$BUILDPLATFORM golang:1.24-bookworm AS build
WORKDIR /src
COPY go.mod ./
RUN go mod download
COPY . .
ARG TARGETOS TARGETARCH
RUN --mount=type=cache,target=/root/.cache/go-build \\
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags="-s -w -buildid=" -o /out/hello .

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/hello /hello
USER 65532:65532
ENTRYPOINT ["/hello"]
`,
    },
  },
  {
    name: "a tool of Debian with packages, cleaned in the same layer",
    files: {
      Dockerfile: `FROM debian:bookworm-slim
ARG DEBIAN_FRONTEND=noninteractive
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# the lists are not kept
RUN apt-get update \\
 && apt-get install -y --no-install-recommends \\
      # a remark in the middle
      jq \\

 && rm -rf /var/lib/apt/lists/*
ENTRYPOINT ["jq"]
CMD ["--version"]
`,
    },
    command: "echo '{\"a\":1}' | jq .a; ls /var/lib/apt/lists",
    prints: "1\n",
    notForBuildah: "apt writes times and serial numbers into its logs and caches",
  },
  {
    name: "a database with an entry script, a user and a volume",
    files: {
      "docker-entrypoint.sh":
        '#!/bin/sh\nset -e\nif [ "$1" = serve ]; then echo "serving $DATA_DIR"; else exec "$@"; fi\n',
      "conf/db.conf": "listen = '*'\n",
      Dockerfile: `FROM debian:bookworm-slim
RUN set -eux; \\
	groupadd -r db --gid=999; \\
	useradd -r -g db --uid=999 --home-dir=/var/lib/db --shell=/bin/bash db; \\
	mkdir -p /var/lib/db; chown -R db:db /var/lib/db
ENV LANG C.UTF-8
ENV DATA_DIR /var/lib/db/data
ENV PATH $PATH:/usr/lib/db/bin
RUN mkdir -p "$DATA_DIR" && chown -R db:db "$DATA_DIR" && chmod 1777 "$DATA_DIR"
COPY --chown=db:db conf/*.conf /etc/db/
COPY --chmod=755 docker-entrypoint.sh /usr/local/bin/
VOLUME ["/var/lib/db/data"]
ENTRYPOINT ["docker-entrypoint.sh"]
STOPSIGNAL SIGINT
EXPOSE 5432
CMD ["serve"]
`,
    },
    command: "docker-entrypoint.sh serve; stat -c '%U %a' /etc/db/db.conf /etc/db /var/lib/db/data; echo $PATH",
    prints:
      "serving /var/lib/db/data\ndb 644\ndb 755\ndb 1777\n/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/db/bin\n",
  },
  {
    name: "a base with ONBUILD, and the image that is made of it",
    files: {
      "app.conf": "name = app\n",
      Dockerfile: `FROM debian:bookworm-slim AS onbuild
WORKDIR /app
ONBUILD COPY *.conf /etc/app/
ONBUILD ARG MODE=release
ONBUILD ENV MODE=$MODE
ONBUILD RUN echo "$MODE" > mode

FROM onbuild
CMD ["cat", "mode"]
`,
    },
    args: 'buildArgs:[{name:"MODE", value:"debug"}]',
    buildahArgs: ["--build-arg", "MODE=debug"],
    command: "cat mode /etc/app/app.conf; echo $MODE",
    prints: "debug\nname = app\ndebug\n",
  },
  {
    name: "one file for several releases of the base",
    files: {
      Dockerfile: `ARG RELEASE=trixie
ARG VARIANT=\${RELEASE}-slim
FROM debian:\${VARIANT}
ARG RELEASE
ARG BUILT_BY=\${USER:-nobody}
LABEL release=\${RELEASE} built-by="$BUILT_BY"
RUN echo "\${RELEASE:?is needed} \${VARIANT:-not here}" > /release
`,
    },
    args: 'buildArgs:[{name:"RELEASE", value:"bookworm"}]',
    buildahArgs: ["--build-arg", "RELEASE=bookworm"],
    command: "cat /release",
    prints: "bookworm not here\n",
  },
  {
    name: "targets for development, tests and production",
    files: {
      "run.sh": "echo running\n",
      "test.sh": "sh run.sh | grep -q running\n",
      Dockerfile: `FROM debian:bookworm-slim AS base
WORKDIR /work
COPY run.sh ./

FROM base AS dev
RUN exit 1

FROM base AS test
COPY test.sh ./
RUN sh test.sh && touch passed

FROM base AS prod
COPY --from=test /work/passed /tmp/passed
CMD sh run.sh
`,
    },
    args: 'target:"prod"',
    buildahArgs: ["--target", "prod"],
    command: "ls /tmp/passed; sh run.sh",
    prints: "/tmp/passed\nrunning\n",
  },
  {
    name: "configuration in here-documents",
    files: {
      Dockerfile: `# syntax=docker/dockerfile:1.7
FROM debian:bookworm-slim
ARG WORKERS=4
COPY <<conf <<'raw' /etc/app/
workers = \${WORKERS}
conf
keep $THIS
raw
RUN <<-'EOT' bash -eu
	for n in 1 2; do
	  echo "line $n" >> /lines
	done
EOT
COPY --chmod=755 <<"EOF" /usr/local/bin/hello
#!/bin/sh
echo "hello $1"
EOF
CMD ["hello", "you"]
`,
    },
    command: "cat /etc/app/conf /etc/app/raw /lines; hello me",
    prints: "workers = 4\nkeep $THIS\nline 1\nline 2\nhello me\n",
    notForBuildah: NO_HEREDOCS,
  },
  {
    name: "files of another image, and of stages by number",
    files: {
      Dockerfile: `FROM debian:bookworm-slim
RUN echo zero > /zero
FROM debian:bookworm-slim
COPY --from=0 /zero /a/
COPY --from=debian:bookworm /etc/debian_version /a/version
RUN test -s /a/version
`,
    },
    command: "cat /a/zero; ls /a",
    prints: "zero\nversion\nzero\n",
  },
  {
    name: "the root of a distribution out of an archive",
    files: { "rootfs.tar.gz": "", Dockerfile: 'FROM scratch\nADD rootfs.tar.gz /\nCMD ["/bin/hello"]\n' },
  },
  {
    name: "a file with the line ends of Windows, small keywords and tabs",
    files: {
      "a b.txt": "blank\n",
      Dockerfile: [
        "from debian:bookworm-slim as one",
        'copy ["a b.txt", "/x/"]',
        "run\techo one \\",
        "\t&& echo two > /two",
        "",
        "From one",
        'env   A = B   C="d e"',
        "label  note='single  quoted'",
        "",
      ]
        .join("\r\n")
        .replace('env   A = B   C="d e"', 'env   A=B   C="d e"'),
    },
    command: "cat '/x/a b.txt' /two; echo $A $C",
    prints: "blank\ntwo\nB d e\n",
  },
  {
    name: "another sign for escapes",
    files: {
      Dockerfile:
        '# escape=`\nFROM debian:bookworm-slim\nENV DIR=C:\\temp\\ `\n    NEXT=`$DIR\nRUN printf "%s\\n" "$DIR" > /dir && `\n    printf "%s\\n" "$NEXT" >> /dir\n',
    },
    command: "cat /dir",
    prints: "C:\\temp\\\n$DIR\n",
    notForBuildah: "buildah 1.28 takes \\ for the sign that escapes in values, whatever the file says",
  },
  {
    name: "a user by number without an entry, who owns the working folder",
    files: {
      "data/one.txt": "1\n",
      "data/two.log": "2\n",
      ".dockerignore": "**/*.log\n",
      Dockerfile: `FROM debian:bookworm-slim
USER 1001
WORKDIR /home/app/work
COPY --chown=1001 data ./data
RUN touch made && id -u > who
`,
    },
    command: "cat who; stat -c '%u:%g %n' /home/app /home/app/work data data/one.txt made; ls data",
    prints:
      "1001\n1001:1001 /home/app\n1001:1001 /home/app/work\n1001:1001 data\n1001:1001 data/one.txt\n1001:0 made\none.txt\n",
    notForBuildah: "buildah leaves folders that WORKDIR makes to root",
  },
  {
    name: "a health check that an image takes away again",
    files: {
      Dockerfile: `FROM debian:bookworm-slim AS checked
HEALTHCHECK --interval=1m30s CMD ["/bin/true"]
FROM checked
HEALTHCHECK NONE
CMD ["sleep", "1"]
ENTRYPOINT ["/usr/bin/env"]
`,
    },
    command: "true",
    prints: "",
  },
  {
    name: "commands in every form, and a command that an entry point resets",
    files: {
      Dockerfile: `FROM debian:bookworm-slim AS base
CMD ["from", "base"]
FROM base
ENV NAME=world
RUN ["/bin/bash", "-c", "echo \\"exec $NAME\\" > /exec"]
RUN echo shell $NAME > /shell
ENTRYPOINT exec top -b
`,
    },
    command: "cat /exec /shell",
    prints: "exec world\nshell world\n",
  },
  {
    name: "a compiler's cache and sources that are only mounted",
    files: {
      "src/a.txt": "alpha\n",
      "src/b.txt": "beta\n",
      Dockerfile: `FROM debian:bookworm-slim AS compile
WORKDIR /build
RUN --mount=type=bind,source=src,target=/src \\
    --mount=type=cache,id=projects-compile,target=/cache,sharing=locked \\
    --mount=type=tmpfs,target=/scratch \\
    cat /src/*.txt > /scratch/all && cp /scratch/all /cache/all && sort -r /cache/all > out

FROM scratch
COPY --from=compile /build/out /
`,
    },
  },
  {
    name: "variables with every form",
    files: {
      Dockerfile: `FROM debian:bookworm-slim
ENV FILE=/opt/app/app.tar.gz EMPTY=
ENV NAME=\${FILE##*/} DIR=\${FILE%/*} EXT=\${FILE#*.} BARE=\${FILE%%.*}
ENV A=\${EMPTY:-x}\${EMPTY-y}\${NONE:+z}\${NAME:+set} B='\${NAME}' C="\\$NAME" D=\${NAME/app/lib} E=\${FILE//app/x}
WORKDIR /w/\${NAME%.tar.gz}
RUN pwd > /out
`,
    },
    command: 'cat /out; echo "$NAME $DIR $EXT $BARE $A $B $C $D $E"',
    prints: "/w/app\napp.tar.gz /opt/app tar.gz /opt/app/app xset $" + "{NAME} $NAME lib.tar.gz /opt/x/x.tar.gz\n",
    notForBuildah: "buildah 1.28 knows only the forms :-, :+ and :?",
  },
];
