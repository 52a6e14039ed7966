#!/bin/sh
# Builds sum as it is committed here: gcc -O0, no C library, no build id.
set -e
cd "$(dirname "$0")"
${CC:-aarch64-linux-gnu-gcc} -O0 -fno-asynchronous-unwind-tables -nostdlib -static \
    -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,max-page-size=4096 -o sum sum.c
