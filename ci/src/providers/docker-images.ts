const VERSION = "28.3.3";

/** The `docker` command, for steps that speak to an engine in Docker. */
export const DOCKER_COMMAND = `docker:${VERSION}-cli`;

/** The Docker that Dagger's engine runs in, beside the steps. */
export const DOCKER_BESIDE = `docker:${VERSION}-dind`;
