#!/bin/sh
# Each secret of the container (a file of /run/secrets) becomes the environment variable of its name, which settings.toml
# references as ${NAME}.
set -eu
for file in "${SECRETS:-/run/secrets}"/*; do
    [ -f "$file" ] || continue
    export "$(basename "$file")=$(cat "$file")"
done
exec data-platform "$@"
