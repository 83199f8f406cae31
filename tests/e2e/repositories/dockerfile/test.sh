#!/bin/sh
# Every page has a heading.
set -eu
for page in site/*.html; do
  grep -q '<h1>' "$page" || { echo "$page has no heading"; exit 1; }
done
echo "all pages have a heading"
