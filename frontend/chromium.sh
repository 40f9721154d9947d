#!/usr/bin/env bash
# Prints the path of the Chromium that browser tests use: $CHROMIUM, or the first one on PATH.
set -euo pipefail

for name in ${CHROMIUM:+"$CHROMIUM"} chromium chromium-browser google-chrome; do
    if command -v "$name"; then exit; fi
done
exit 1
