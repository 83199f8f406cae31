import { PACKAGE, type Project } from "./project.ts";

/** Services, programs and bases in several languages. */
export const SERVICES: readonly Project[] = [
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
];
