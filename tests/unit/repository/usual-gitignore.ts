/**
 * What .gitignore holds in repositories of strangers: the names that the templates of github/gitignore (CC0) have for
 * these languages and tools, and a few that people add by themselves. Patterns of single files of a tool are left out.
 */
export const USUAL_GITIGNORE: Readonly<Record<string, readonly string[]>> = {
  Node: [
    "logs", "*.log", "pids", "*.pid", "*.seed", "lib-cov", "coverage", "*.lcov", ".nyc_output", ".grunt",
    "bower_components", ".lock-wscript", "build/Release", "node_modules/", "jspm_packages/", "web_modules/",
    "*.tsbuildinfo", ".npm", ".eslintcache", "*.tgz", ".env", ".env.*", ".cache", ".parcel-cache", ".next", "out",
    ".nuxt", "dist", ".output", ".vuepress/dist", ".temp", ".docusaurus", ".serverless/", ".fusebox/", ".dynamodb/",
    ".tern-port", ".vscode-test", ".yarn/*", ".pnp.*", "public", "build", "es", "esm", "cjs", "types", "typings",
  ],
  Python: [
    "__pycache__/", "*.py[codz]", "*$py.class", "*.so", ".Python", "build/", "develop-eggs/", "dist/", "downloads/",
    "eggs/", ".eggs/", "lib/", "lib64/", "parts/", "sdist/", "var/", "wheels/", "share/python-wheels/", "*.egg-info/",
    ".installed.cfg", "*.egg", "MANIFEST", "*.manifest", "*.spec", "htmlcov/", ".tox/", ".nox/", ".coverage",
    ".coverage.*", ".cache", "*.cover", ".hypothesis/", ".pytest_cache/", "cover/", "*.mo", "*.pot", "*.log",
    "local_settings.py", "instance/", ".webassets-cache", ".scrapy", "docs/_build/", ".pybuilder/", "target/",
    ".ipynb_checkpoints", "profile_default/", "__pypackages__/", "celerybeat-schedule", ".env", ".venv", "env/",
    "venv/", "ENV/", "env.bak/", "venv.bak/", "/site", ".mypy_cache/", ".pyre/", ".pytype/", "cython_debug/",
    ".ruff_cache/", "data/", "tmp/", "models/", "results/", "output/", "notebooks/",
  ],
  Go: [
    "*.exe", "*.exe~", "*.dll", "*.so", "*.dylib", "*.test", "*.out", "coverage.*", "*.coverprofile", "profile.cov",
    "vendor/", "go.work", "go.work.sum", ".env", "bin/", "pkg/", "dist/", "_obj", "_test", "release/",
  ],
  Java: [
    "*.class", "*.log", "*.ctxt", ".mtj.tmp/", "*.jar", "*.war", "*.nar", "*.ear", "*.zip", "*.tar.gz", "*.rar",
    "hs_err_pid*", "replay_pid*", "target/", "pom.xml.tag", "release.properties", "buildNumber.properties",
    ".gradle", "**/build/", "bin/", "out/", "generated/", "classes/", "/nbbuild/", "nbdist/", ".settings/",
  ],
  "other languages and tools": [
    "[Dd]ebug/", "[Rr]elease/", "[Bb]in/", "[Oo]bj/", "[Ll]og/", "[Ll]ogs/", "x64/", "x86/", "artifacts/",
    "[Pp]ackages/", "[Tt]est[Rr]esult*/", "tmp/", "temp/", "log/", ".bundle", "vendor", "pkg", "target", "debug",
    ".terraform/", "*.tfstate", "charts/*.tgz", "*~", "*.swp", ".DS_Store", ".idea/", ".vscode/", "Thumbs.db",
    "secrets/", "*.key", "*.pem", "*.local", "cache/", "backup/", "*.bak", "storage/", "uploads/", "deps/", "_build",
  ],
}; // biome-ignore format: lists of words
