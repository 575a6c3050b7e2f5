#!/usr/bin/env bash
# Sends thousands of made-up requests to a running service, with the token and without:
#   tests/client/fuzz.sh URL TOKEN [CASES_PER_OPERATION]
# Installs schemathesis (PyPI) into a virtual environment where it is not here. With the token no
# answer may be 5xx, and each must be as the OpenAPI document says; without it every answer but that
# of /v1/health must be 401.
set -euo pipefail
url=$1 token=$2 cases=${3:-60}
here=$(cd "$(dirname "$0")" && pwd)
tools=${XDG_CACHE_HOME:-$HOME/.cache}/facedeck-fuzz
[ -x "$tools/bin/schemathesis" ] || {
  python3 -m venv "$tools"
  "$tools/bin/pip" install -q 'schemathesis>=4.32,<5'
}
document=$(mktemp --suffix=.json)
trap 'rm -f "$document"' EXIT
curl -fsS -H "Authorization: Bearer $token" "$url/v1/openapi.json" >"$document"
export SCHEMATHESIS_HOOKS=unauthorized PYTHONPATH=$here

fuzz() {
  "$tools/bin/schemathesis" run "$document" --url "$url" --no-color --continue-on-failure \
    --phases examples,coverage,fuzzing --request-timeout 20 --warnings off "$@"
}
failed=0
echo '== with the token'
# A stream of events does not end: it has tests of its own.
fuzz --header "Authorization: Bearer $token" --exclude-path /v1/events --seed 4 \
  --max-examples "$cases" \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance ||
  failed=1
echo '== without the token'
fuzz --exclude-path /v1/health --seed 5 --max-examples "$((cases / 4 + 1))" \
  --checks only_unauthorized --generation-with-security-parameters false || failed=1
exit "$failed"
