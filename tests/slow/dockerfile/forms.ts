import { NO_HEREDOCS, type Project } from "./project.ts";

/** What Dockerfiles are written like: stages, forms, signs. */
export const FORMS: readonly Project[] = [
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
